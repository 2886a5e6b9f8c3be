-- When the token was issued by which the user's rights were set last, in epoch ms; 0 for none.
ALTER TABLE identities ADD COLUMN rights_at INTEGER NOT NULL DEFAULT 0;
