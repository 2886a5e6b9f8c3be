-- What differs between files that hold the same data is in tables named `local_*` (storage/digest.py).

-- One row if the file was found to hold session keys of an older version. `is_scrubbed` is 0 while free pages of this
-- file may still hold plain-text keys from before they were sealed.
CREATE TABLE local_scrubbing (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    is_scrubbed INTEGER NOT NULL
);
INSERT INTO local_scrubbing SELECT id, is_scrubbed FROM sealing;
ALTER TABLE sealing DROP COLUMN is_scrubbed;

-- The place in its cluster's log up to which this file has applied it (storage/position.py). A file
-- that stands alone has no row; a file of a cluster has one.
CREATE TABLE position (
    cluster TEXT    NOT NULL PRIMARY KEY,
    idx     INTEGER NOT NULL CHECK (typeof(idx) = 'integer' AND idx >= 0),
    epoch   INTEGER NOT NULL CHECK (typeof(epoch) = 'integer' AND epoch >= 0),
    chain   BLOB    NOT NULL CHECK (typeof(chain) = 'blob' AND length(chain) = 32)
) WITHOUT ROWID;
