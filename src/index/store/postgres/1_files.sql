CREATE TABLE library (
    -- There is one.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    address TEXT NOT NULL,
    -- How often what is known of any file has changed.
    changes BIGINT NOT NULL
);

CREATE TABLE files (
    -- Bytes below the library's root: names need not be text.
    path BYTEA PRIMARY KEY,
    size BIGINT NOT NULL,
    -- Microseconds since 1970, as the storage says.
    modified BIGINT NOT NULL,
    -- When it was listed or uploaded: microseconds since 1970, by the clock of the replica that did it.
    noted BIGINT NOT NULL,
    -- Whether it has to be looked into, anew where it has changed; what was known of it stays until then.
    pending BOOLEAN NOT NULL,
    -- The 64 bits, as a signed number. None of what is no picture.
    phash BIGINT,
    -- The four parts of phash, from the most significant bit on.
    band0 INTEGER GENERATED ALWAYS AS ((phash >> 48) & 65535) STORED,
    band1 INTEGER GENERATED ALWAYS AS ((phash >> 32) & 65535) STORED,
    band2 INTEGER GENERATED ALWAYS AS ((phash >> 16) & 65535) STORED,
    band3 INTEGER GENERATED ALWAYS AS (phash & 65535) STORED,
    -- Pixels.
    width BIGINT,
    height BIGINT,
    -- Of a JPEG, 1 to 100.
    quality BIGINT,
    -- SHA-256.
    checksum BYTEA
);

CREATE INDEX files_pending ON files (path) WHERE pending;
CREATE INDEX files_phash ON files (phash, path) WHERE phash IS NOT NULL;
CREATE INDEX files_band0 ON files (band0) WHERE phash IS NOT NULL;
CREATE INDEX files_band1 ON files (band1) WHERE phash IS NOT NULL;
CREATE INDEX files_band2 ON files (band2) WHERE phash IS NOT NULL;
CREATE INDEX files_band3 ON files (band3) WHERE phash IS NOT NULL;
