CREATE TABLE library (
    -- There is one.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    address TEXT NOT NULL,
    -- How often what is known of any file has changed.
    changes INTEGER NOT NULL
) STRICT;

CREATE TABLE files (
    -- Bytes below the library's root: names need not be text.
    path BLOB PRIMARY KEY,
    size INTEGER NOT NULL,
    -- Microseconds since 1970, as the storage says.
    modified INTEGER NOT NULL,
    -- When it was listed or uploaded: microseconds since 1970, by the gateway's clock.
    noted INTEGER NOT NULL,
    -- Whether it has to be looked into, anew where it has changed; what was known of it stays until then.
    pending INTEGER NOT NULL,
    -- The 64 bits, as a signed number. None of what is no picture.
    phash INTEGER,
    -- Pixels.
    width INTEGER,
    height INTEGER,
    -- Of a JPEG, 1 to 100.
    quality INTEGER,
    -- SHA-256.
    checksum BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX files_pending ON files (path) WHERE pending;
CREATE INDEX files_phash ON files (phash, path) WHERE phash IS NOT NULL;
