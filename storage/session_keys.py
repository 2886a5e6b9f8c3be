"""The users' session keys in the database, sealed (`storage/sealing.py`), and their secret's id.

The table `sealing` names the secret that sealed the keys. A server notes its own secret there when
it starts. A command with another secret is refused, because no server could open the keys that it
sealed.
"""

import secrets

from storage.changes import (
    Change,
    NoncesForgotten,
    SecretNoted,
    SecretReplaced,
    SessionKeyReplaced,
)
from storage.database import Database
from storage.errors import DatabaseUnusableError
from storage.sealing import DECOY, Sealer
from storage.typed_rows import typed

KeyAndExpiry = tuple[str, int | None]
"""A session key, and when it expires (epoch ms, None for never)."""


def new_key() -> str:
    """Return a new random session key."""
    return secrets.token_urlsafe(32)


def replaced(database: Database, user_id: int, key: str, expires_at: int | None) -> list[Change]:
    """Return the changes that give a user a session key. The old key and its nonces end.

    Raise DatabaseUnusableError if the keys in the database are sealed with another secret.
    """
    noted, sealer = _noted(database), _sealer_for(database)
    changes: list[Change] = [NoncesForgotten(user_id)]
    if noted is None:
        changes.append(SecretNoted(sealer.secret_id))
    changes.append(SessionKeyReplaced(user_id, sealer.seal(user_id, key), expires_at))
    return changes


def session_key(database: Database, user_id: int) -> KeyAndExpiry | None:
    """Return a user's session key; None if there is none that this server's secret opens.

    Do the same work in both cases, so that the response time does not reveal which users exist.
    """
    row = database.row("SELECT * FROM session_keys WHERE user_id = ?", (user_id,))
    sealer = database.key_file.sealer()
    if row is None:
        sealer.unseal(DECOY[0], sealer.decoy)
        return None
    row = typed("session_keys", {"expires_at": (int, type(None))}, row)
    key = sealer.unseal(user_id, row["sealed"])
    return None if key is None else (key, row["expires_at"])


def adopt(database: Database) -> int:
    """Note this server's secret as the database's; return how many keys another one had sealed.

    Their users cannot sign in until they get a new key. Raise DatabaseUnusableError if the key file
    cannot be used.
    """
    sealer = database.key_file.sealer()
    noted = _noted(database)
    if noted in (None, sealer.secret_id):
        return 0
    database.write([SecretReplaced(sealer.secret_id)])
    counted = database.row("SELECT count(*) AS keys FROM session_keys")
    return counted["keys"] if counted else 0


def refuse_other_secret(database: Database) -> None:
    """Raise DatabaseUnusableError unless this server's secret is that of the database.

    A node of a cluster adopts none: all nodes have the same.
    """
    if _noted(database) is not None:
        _sealer_for(database)


def is_scrubbed(database: Database) -> bool:
    """Return whether no free page of the file can hold an older version's plain-text key."""
    return database.row("SELECT 1 FROM local_scrubbing WHERE NOT is_scrubbed") is None


def _sealer_for(database: Database) -> Sealer:
    """Return the sealer. Raise DatabaseUnusableError if the database has another secret."""
    noted, key_file = _noted(database), database.key_file
    if noted is not None and not key_file.exists():
        raise DatabaseUnusableError(
            f"the key file {key_file.path} is missing: name the right one with --key-file, or "
            "start the server, which creates a new one; then all users have to sign in again"
        )
    sealer = key_file.sealer()
    if noted not in (None, sealer.secret_id):
        raise DatabaseUnusableError(
            f"the session keys are sealed with another secret than that of {key_file.path}: name "
            "the right one with --key-file, or start the server, which adopts this one"
        )
    return sealer


def _noted(database: Database) -> str | None:
    row = database.row("SELECT secret_id FROM sealing")
    return str(row["secret_id"]) if row else None
