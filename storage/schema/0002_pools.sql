-- Betting pools: what routing, lists of resolved pools and leaderboards read instead of journals.

-- Closed games cost nothing in lists and counts of the others.
CREATE INDEX games_not_closed ON games (source_id, number) WHERE phase <> 'closed';

-- The facts of a pool can be read without the other facts of its game.
ALTER TABLE facts ADD COLUMN pool_id TEXT;
CREATE INDEX facts_by_pool ON facts (pool_id, seq) WHERE pool_id IS NOT NULL;

-- `resolved_seq` NULL: not resolved. `standing` is JSON: the snapshot of the pool at its end.
CREATE TABLE pools (
    id             TEXT    PRIMARY KEY,
    game_id        TEXT    NOT NULL REFERENCES games (id),
    opened_seq     INTEGER NOT NULL,
    resolved_seq   INTEGER,
    resolved_at    INTEGER,
    winning_target TEXT,
    standing       TEXT
) WITHOUT ROWID;
CREATE INDEX pools_by_game ON pools (game_id, opened_seq);

-- The result of a resolved pool for each of its players; `backed` is JSON, hundredths by target.
CREATE TABLE pool_players (
    user_id      INTEGER NOT NULL REFERENCES users (id),
    game_id      TEXT    NOT NULL REFERENCES games (id),
    resolved_seq INTEGER NOT NULL,
    pool_id      TEXT    NOT NULL,
    backed       TEXT    NOT NULL,
    given_back   INTEGER NOT NULL,
    PRIMARY KEY (user_id, game_id, resolved_seq)
) WITHOUT ROWID;

-- Points are hundredths: winnings beyond the stakes minus stakes lost, updated with each transfer.
CREATE TABLE scores (
    currency TEXT    NOT NULL,
    user_id  INTEGER NOT NULL REFERENCES users (id),
    points   INTEGER NOT NULL CHECK (typeof(points) = 'integer'),
    name_key TEXT    NOT NULL,
    PRIMARY KEY (currency, user_id)
) WITHOUT ROWID;
CREATE INDEX scores_by_points ON scores (currency, points DESC, name_key);

CREATE TABLE game_scores (
    game_id  TEXT    NOT NULL REFERENCES games (id),
    user_id  INTEGER NOT NULL REFERENCES users (id),
    points   INTEGER NOT NULL CHECK (typeof(points) = 'integer'),
    name_key TEXT    NOT NULL,
    PRIMARY KEY (game_id, user_id)
) WITHOUT ROWID;
CREATE INDEX game_scores_by_points ON game_scores (game_id, points DESC, name_key);
