-- The first schema. Times are epoch milliseconds (UTC), amounts whole hundredths, ids lower-case UUIDs.
-- Each later change is a file with the next number. Never change the statements of an earlier file.

-- The users. `name_key` is the name in lower case.
CREATE TABLE users (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL,
    name_key   TEXT    NOT NULL UNIQUE,
    can_host   INTEGER NOT NULL,
    disabled   INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
);

-- One session key for each user; a new one replaces the old one. `expires_at` NULL: never expires.
CREATE TABLE session_keys (
    user_id     INTEGER PRIMARY KEY REFERENCES users (id),
    session_key TEXT    NOT NULL,
    expires_at  INTEGER
);

-- Nonces that opened a connection with the present key; they are deleted with the key.
CREATE TABLE nonces (
    user_id INTEGER NOT NULL REFERENCES users (id),
    nonce   TEXT    NOT NULL,
    PRIMARY KEY (user_id, nonce)
) WITHOUT ROWID;

-- `phase`: open, closing (no new games), closed. A name is never used twice.
CREATE TABLE sources (
    id          TEXT    PRIMARY KEY,
    name        TEXT    NOT NULL UNIQUE,
    description TEXT,
    phase       TEXT    NOT NULL,
    opened_at   INTEGER NOT NULL
);

CREATE TABLE source_admins (
    source_id TEXT    NOT NULL REFERENCES sources (id),
    user_id   INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (source_id, user_id)
) WITHOUT ROWID;
CREATE INDEX source_admins_by_user ON source_admins (user_id);

-- What lists and timers need of a game without reading its journal: a projection, written with the
-- facts that change it. `wake_at`: the time of the game's next timer, NULL for none.
CREATE TABLE games (
    number        INTEGER PRIMARY KEY,
    id            TEXT    NOT NULL UNIQUE,
    source_id     TEXT    NOT NULL REFERENCES sources (id),
    name          TEXT    NOT NULL,
    type          TEXT,
    currency      TEXT    NOT NULL,
    hashtag       TEXT    NOT NULL,
    phase         TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    open_at       INTEGER NOT NULL,
    close_at      INTEGER,
    live_start_at INTEGER NOT NULL,
    wake_at       INTEGER,
    last_seq      INTEGER NOT NULL
);
CREATE INDEX games_by_source ON games (source_id, phase, number);
CREATE INDEX games_by_wake_at ON games (wake_at) WHERE wake_at IS NOT NULL;

CREATE TABLE game_admins (
    game_id TEXT    NOT NULL REFERENCES games (id),
    user_id INTEGER NOT NULL REFERENCES users (id),
    PRIMARY KEY (game_id, user_id)
) WITHOUT ROWID;
CREATE INDEX game_admins_by_user ON game_admins (user_id);

-- The journals: the only source of truth about a game. `seq` counts from 1 within a game, without gaps.
CREATE TABLE facts (
    game_id TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    body    TEXT    NOT NULL,
    PRIMARY KEY (game_id, seq)
) WITHOUT ROWID;

-- The first replies to changing ops with an idempotency key.
CREATE TABLE answers (
    user_id         INTEGER NOT NULL,
    idempotency_key TEXT    NOT NULL,
    op              INTEGER NOT NULL,
    parameters      TEXT    NOT NULL,
    reply           TEXT    NOT NULL,
    answered_at     INTEGER NOT NULL,
    PRIMARY KEY (user_id, idempotency_key)
) WITHOUT ROWID;
CREATE INDEX answers_by_age ON answers (answered_at);

-- Double entry: each transfer moves money from one account to another. The accounts are `issue` (the
-- source of credits, the only one below zero), `player:<id>:available`, `player:<id>:exposure` and
-- `pool:<id>`.
CREATE TABLE transfers (
    id       INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    currency TEXT    NOT NULL,
    debit    TEXT    NOT NULL,
    credit   TEXT    NOT NULL,
    amount   INTEGER NOT NULL CHECK (typeof(amount) = 'integer' AND amount > 0),
    cause    TEXT    NOT NULL,
    game_id  TEXT,
    seq      INTEGER
);

-- The sum of each account's transfers.
CREATE TABLE accounts (
    account  TEXT    NOT NULL,
    currency TEXT    NOT NULL,
    balance  INTEGER NOT NULL
        CHECK (typeof(balance) = 'integer' AND (balance >= 0 OR account = 'issue')),
    PRIMARY KEY (account, currency)
) WITHOUT ROWID;

-- The record of what operators did, and of users who were added.
CREATE TABLE operator_acts (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    at   INTEGER NOT NULL,
    kind TEXT    NOT NULL,
    body TEXT    NOT NULL
);
