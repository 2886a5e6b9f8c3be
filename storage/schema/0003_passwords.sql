-- Passwords of users who signed up over HTTP. Users added on the command line have none.

-- `hash`: argon2id with its salt and parameters, as argon2 writes it. `set_at` in epoch ms.
CREATE TABLE passwords (
    user_id INTEGER PRIMARY KEY REFERENCES users (id),
    hash    TEXT    NOT NULL,
    set_at  INTEGER NOT NULL
);
