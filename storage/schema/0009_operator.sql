-- The operator's side: API keys, payments with references, users of another system, statements.

-- `external_id`: the user's id at the operator. `erased_at`: when the user's name was removed.
ALTER TABLE users ADD COLUMN external_id TEXT;
ALTER TABLE users ADD COLUMN erased_at INTEGER;
-- `may_bet` 0: the operator's token says that the user may not bet.
ALTER TABLE users ADD COLUMN may_bet INTEGER NOT NULL DEFAULT 1;
CREATE UNIQUE INDEX users_by_external_id ON users (external_id) WHERE external_id IS NOT NULL;

-- Users who sign in with tokens of an issuer, by the subject of the token.
CREATE TABLE identities (
    issuer  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (issuer, subject)
) WITHOUT ROWID;
CREATE INDEX identities_by_user ON identities (user_id);

-- Keys of the API. `digest` is the SHA-256 of the key, which is shown once and never stored.
CREATE TABLE api_keys (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    name      TEXT    NOT NULL UNIQUE,
    role      TEXT    NOT NULL,
    source_id TEXT    REFERENCES sources (id),
    digest    BLOB    NOT NULL UNIQUE,
    made_at   INTEGER NOT NULL,
    ended_at  INTEGER
);

-- The first replies to calls of the API with an idempotency key. `sealed`: the session key in it.
CREATE TABLE api_replies (
    key_id          INTEGER NOT NULL REFERENCES api_keys (id),
    idempotency_key TEXT    NOT NULL,
    call            TEXT    NOT NULL,
    parameters      TEXT    NOT NULL,
    reply           TEXT    NOT NULL,
    sealed          TEXT,
    answered_at     INTEGER NOT NULL,
    digest          BLOB    NOT NULL,
    PRIMARY KEY (key_id, idempotency_key)
) WITHOUT ROWID;
CREATE INDEX api_replies_by_age ON api_replies (answered_at);

-- The operator's id of a payment; NULL for transfers of games.
ALTER TABLE transfers ADD COLUMN reference TEXT;

-- Credits, debits and holds. `key_id` 0: the command line. The balances are those after it.
-- `status` of a hold: open, posted, released, expired; NULL for the others.
CREATE TABLE payments (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    key_id            INTEGER NOT NULL,
    user_id           INTEGER NOT NULL REFERENCES users (id),
    kind              TEXT    NOT NULL,
    currency          TEXT    NOT NULL,
    amount            INTEGER NOT NULL CHECK (typeof(amount) = 'integer' AND amount > 0),
    reference         TEXT,
    reason            TEXT,
    at                INTEGER NOT NULL,
    current_balance   INTEGER NOT NULL,
    available_balance INTEGER NOT NULL,
    status            TEXT,
    expires_at        INTEGER,
    posted_amount     INTEGER
);
CREATE UNIQUE INDEX payments_by_reference ON payments (key_id, kind = 'credit', reference)
    WHERE reference IS NOT NULL;
CREATE INDEX open_holds ON payments (expires_at) WHERE status = 'open';

-- A player's statement: one row for each change of the balances, numbered from 1 for each currency.
-- `current_change` and `available_change` are what changed the balances, which are those after it.
-- `at` never decreases.
CREATE TABLE player_entries (
    user_id          INTEGER NOT NULL,
    currency         TEXT    NOT NULL,
    id               INTEGER NOT NULL,
    at               INTEGER NOT NULL,
    cause            TEXT    NOT NULL,
    current_change   INTEGER NOT NULL,
    available_change INTEGER NOT NULL,
    current          INTEGER NOT NULL,
    available        INTEGER NOT NULL,
    game_id          TEXT,
    pool_id          TEXT,
    seq              INTEGER,
    reference        TEXT,
    PRIMARY KEY (user_id, currency, id)
) WITHOUT ROWID;

-- The entries of what happened before. The transfers of one fact to a player are one entry.
INSERT INTO player_entries
WITH sides AS (
    SELECT id, at, currency, cause, game_id, seq, debit AS account, -amount AS moved FROM transfers
    UNION ALL
    SELECT id, at, currency, cause, game_id, seq, credit, amount FROM transfers
), moves AS (
    SELECT CAST(substr(account, 8) AS INTEGER) AS user_id, currency, min(id) AS first,
           max(at) AS at, game_id, seq, sum(moved) AS change,
           coalesce(sum(moved) FILTER (WHERE account GLOB '*:available'), 0) AS available,
           CASE WHEN max(cause = 'payout') THEN 'payout' WHEN max(cause = 'refund') THEN 'refund'
                WHEN max(cause = 'stake') THEN 'loss' ELSE min(cause) END AS cause
    FROM sides WHERE account GLOB 'player:*'
    GROUP BY 1, 2, coalesce(game_id || ':' || seq, id)
)
SELECT user_id, currency, row_number() OVER before, max(at) OVER before, cause, change,
       available, sum(change) OVER before, sum(available) OVER before, game_id,
       (SELECT pool_id FROM facts WHERE facts.game_id = moves.game_id AND facts.seq = moves.seq),
       seq, NULL
FROM moves
WINDOW before AS (PARTITION BY user_id, currency ORDER BY first);
