-- Digests, so that a row that was changed, moved or deleted is found (storage/chain.py). A step in
-- Python after this script adds the digests of existing rows, and the acts of existing users.

-- Covers the previous digest of the game, and the row.
ALTER TABLE facts ADD COLUMN digest BLOB NOT NULL DEFAULT x'';

-- The digest of the game's latest fact.
ALTER TABLE games ADD COLUMN head BLOB NOT NULL DEFAULT x'';

-- Covers the row: `user_id`, `idempotency_key`, `op`, `parameters`, `reply`, `answered_at`.
ALTER TABLE answers ADD COLUMN digest BLOB NOT NULL DEFAULT x'';

-- Covers the row: `at`, `kind`, `body`.
ALTER TABLE operator_acts ADD COLUMN digest BLOB NOT NULL DEFAULT x'';
