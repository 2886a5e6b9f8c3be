-- What differs between files that hold the same data is in tables named `local_*` (storage/digest.py).

-- One row if the file was found to hold session keys of an older version. `is_scrubbed` is 0 while free pages of this
-- file may still hold plain-text keys from before they were sealed.
CREATE TABLE local_scrubbing (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    is_scrubbed INTEGER NOT NULL
);
INSERT INTO local_scrubbing SELECT id, is_scrubbed FROM sealing;
ALTER TABLE sealing DROP COLUMN is_scrubbed;
