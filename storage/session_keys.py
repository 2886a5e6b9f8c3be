"""The users' session keys in the database, sealed (`storage/sealing.py`), and with which secret.

The table `sealing` names the secret. A server that starts decides: it notes the secret that it has.
A command with another secret is refused, because keys that it sealed would open nothing.
"""

from storage.database import Database
from storage.errors import DatabaseUnusableError
from storage.sealing import DECOY, Sealer

Kept = tuple[str, int | None]
"""A session key, and when it expires (epoch ms, None: never)."""


def keep(database: Database, user_id: int, key: str, expires_at: int | None) -> None:
    """Store a user's new session key, in the transaction that is open.

    Raise DatabaseUnusableError if the keys in the database are sealed with another secret.
    """
    sealed = _sealer_for(database).seal(user_id, key)
    database.execute(
        "INSERT OR REPLACE INTO session_keys VALUES (?, ?, ?)", (user_id, sealed, expires_at)
    )


def kept(database: Database, user_id: int) -> Kept | None:
    """Return a user's session key; None if there is none that this secret opens.

    The work is the same either way: how long it takes does not tell which users exist.
    """
    row = database.row("SELECT * FROM session_keys WHERE user_id = ?", (user_id,))
    sealer = database.key_file.sealer()
    if row is None:
        sealer.unseal(DECOY[0], sealer.decoy)
        return None
    key = sealer.unseal(user_id, row["sealed"])
    return None if key is None else (key, row["expires_at"])


def adopt(database: Database) -> int:
    """Make this server's secret the database's; return how many keys another one had sealed.

    Their users are not signed in until they get a new key. Raise DatabaseUnusableError if the key
    file cannot be used.
    """
    sealer = database.key_file.sealer()
    noted = _noted(database)
    if noted in (None, sealer.secret_id):
        return 0
    with database.transaction():
        database.execute("UPDATE sealing SET secret_id = ?", (sealer.secret_id,))
    counted = database.row("SELECT count(*) AS keys FROM session_keys")
    return counted["keys"] if counted else 0


def is_scrubbed(database: Database) -> bool:
    """Return whether no free page of the file can hold a key in plain, from an older version."""
    return database.row("SELECT 1 FROM sealing WHERE NOT is_scrubbed") is None


def _sealer_for(database: Database) -> Sealer:
    noted, key_file = _noted(database), database.key_file
    if noted is not None and not key_file.exists():
        raise DatabaseUnusableError(
            f"the key file {key_file.path} is missing: name the right one with --key-file, or "
            "start the server, which makes a new one; then all users have to sign in again"
        )
    sealer = key_file.sealer()
    if noted is None:
        database.execute("INSERT INTO sealing VALUES (1, ?, 1)", (sealer.secret_id,))
    elif noted != sealer.secret_id:
        raise DatabaseUnusableError(
            f"the session keys are sealed with another secret than that of {key_file.path}: name "
            "the right one with --key-file, or start the server, which goes on with this one"
        )
    return sealer


def _noted(database: Database) -> str | None:
    row = database.row("SELECT secret_id FROM sealing")
    return str(row["secret_id"]) if row else None
