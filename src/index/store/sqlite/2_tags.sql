-- The words that a file was uploaded with. Gone with their file.
CREATE TABLE tags (
    path BLOB NOT NULL,
    tag TEXT NOT NULL,
    -- Among the tags of its file, from 0 on, as they were sent.
    place INTEGER NOT NULL,
    PRIMARY KEY (path, tag)
) STRICT, WITHOUT ROWID;

CREATE INDEX tags_tag ON tags (tag, path);
