-- The event stream: the hooks that the settings have named, and how far each has come in each game.

-- `stopped_at`: when the receiver said that it is gone (410), NULL while it is there. `replays`
-- counts how often an operator had the hook begin again. Since then, facts from before `from_ms`
-- (epoch milliseconds) are left out; 0: none.
CREATE TABLE hooks (
    name       TEXT    PRIMARY KEY,
    added_at   INTEGER NOT NULL,
    stopped_at INTEGER,
    from_ms    INTEGER NOT NULL DEFAULT 0,
    replays    INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

-- The receiver has the facts of the game up to `seq`. A game without a row: it has none.
CREATE TABLE hook_cursors (
    hook    TEXT    NOT NULL REFERENCES hooks (name),
    game_id TEXT    NOT NULL REFERENCES games (id),
    seq     INTEGER NOT NULL,
    PRIMARY KEY (hook, game_id)
) WITHOUT ROWID;

-- The payments of a user, the newest first, and the open holds of all.
CREATE INDEX payments_by_user ON payments (user_id, id);
CREATE INDEX payments_by_status ON payments (status, id) WHERE status IS NOT NULL;
