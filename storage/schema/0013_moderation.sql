-- Moderation: users who may not chat, or not take part, and games in slow mode.

-- `kind` mute: no chat in the game or source `venue_id`. `kind` ban: no join, bet or chat in the
-- source `venue_id`. `until`: the end (epoch ms), NULL for one without end. The acts of operators
-- have the reason, and who did it.
CREATE TABLE sanctions (
    kind     TEXT    NOT NULL,
    venue_id TEXT    NOT NULL,
    user_id  INTEGER NOT NULL REFERENCES users (id),
    until    INTEGER,
    PRIMARY KEY (kind, venue_id, user_id)
) WITHOUT ROWID;

-- `ms`: the shortest time between two chat lines of a user in the game.
CREATE TABLE slow_modes (
    game_id TEXT    PRIMARY KEY REFERENCES games (id),
    ms      INTEGER NOT NULL CHECK (typeof(ms) = 'integer' AND ms > 0)
) WITHOUT ROWID;
