-- Session keys are sealed with a secret that is not in this file (`storage/sealing.py`). The step of
-- the same number seals the existing keys.
ALTER TABLE session_keys RENAME COLUMN session_key TO sealed;

-- One row once a key was sealed. `secret_id` names the secret. `is_scrubbed` is 0 while free pages of
-- the file may still hold plain-text keys from before they were sealed.
CREATE TABLE sealing (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    secret_id   TEXT    NOT NULL,
    is_scrubbed INTEGER NOT NULL
);
