-- The words that a file was uploaded with. Gone with their file.
CREATE TABLE tags (
    path BYTEA NOT NULL,
    tag TEXT NOT NULL,
    -- Among the tags of its file, from 0 on, as they were sent.
    place BIGINT NOT NULL,
    PRIMARY KEY (path, tag)
);

CREATE INDEX tags_tag ON tags (tag, path);
