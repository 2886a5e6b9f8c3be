-- Digests, so that a row that was changed, moved or dropped is found (storage/chain.py). Rows that are
-- there already get theirs by a step in Python after this script, and so do the acts that are a
-- second record of the users.

-- Over the digest before it in its game, and the row.
ALTER TABLE facts ADD COLUMN digest BLOB NOT NULL DEFAULT x'';

-- The digest of the game's latest fact.
ALTER TABLE games ADD COLUMN head BLOB NOT NULL DEFAULT x'';

-- Over the row: `user_id`, `idempotency_key`, `op`, `parameters`, `reply`, `answered_at`.
ALTER TABLE answers ADD COLUMN digest BLOB NOT NULL DEFAULT x'';

-- Over the row: `at`, `kind`, `body`.
ALTER TABLE operator_acts ADD COLUMN digest BLOB NOT NULL DEFAULT x'';
