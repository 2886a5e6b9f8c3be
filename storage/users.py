"""Who may sign in and administer: users, their session keys and spent nonces, admins of sources.

What an operator changes here appends an act (`storage/acts.py`). Digests are made and compared by
the server; nothing here decides who gets in.
"""

import re
import secrets
from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from storage import session_keys
from storage.accounts import credited
from storage.acts import ActKind, acted
from storage.changes import SourceAdminAdded
from storage.database import Database

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,50}")
_LARGEST_ID: Final = 2**63 - 1


class OperatorError(Exception):
    """A no to what was asked for; the text is one line for a person."""


class NameTakenError(OperatorError):
    """Somebody has this name, in this or another case."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the name {name!r} is taken")


class UnknownUserError(OperatorError):
    """Nobody has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no user {name!r}")


class DisabledUserError(OperatorError):
    """The user may sign in no more."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the user {name!r} is disabled")


class UnknownSourceError(OperatorError):
    """No source has this id."""

    def __init__(self, source_id: str) -> None:
        super().__init__(f"there is no source {source_id!r}")


@frozen
class User:
    """A user; `created_at` in epoch ms."""

    id: int
    name: str
    can_host: bool
    disabled: bool
    created_at: int


@frozen
class NewUser:
    """A user with a session key that was just made: the only time that it is shown."""

    id: int
    name: str
    session_key: str = field(repr=False)


def is_name(text: str) -> bool:
    """Whether a user may be called this: 1 to 50 of the ASCII letters and digits, `.`, `_`, `-`."""
    return _NAME.fullmatch(text) is not None


def add_user(
    database: Database,
    name: str,
    *,
    can_host: bool,
    balances: Mapping[str, int],
    key_expires_at: int | None,
    now_ms: int,
    password_hash: str | None = None,
) -> NewUser:
    """Add a user who starts with `balances` (hundredths by currency). Times in epoch ms.

    `key_expires_at` None: a key without end. Raises NameTakenError, and ValueError for no name.
    """
    if not is_name(name):
        raise ValueError(f"{name!r} is not a user name")
    with database.transaction():
        if user_by_name(database, name):
            raise NameTakenError(name)
        user_id = database.execute(
            "INSERT INTO users (name, name_key, can_host, created_at) VALUES (?, ?, ?, ?)",
            (name, name.lower(), can_host, now_ms),
        )
        start = {currency: amount for currency, amount in balances.items() if amount}
        for currency, amount in start.items():
            database.put(credited(user_id, currency, amount, now_ms))
        about = {"user_id": user_id, "name": name, "can_host": can_host, "balances": start}
        database.put([acted(ActKind.USER_ADDED, now_ms, **about)])
        if password_hash is not None:
            database.execute(
                "INSERT INTO passwords VALUES (?, ?, ?)", (user_id, password_hash, now_ms)
            )
        return NewUser(user_id, name, _give_key(database, user_id, key_expires_at))


def new_key(database: Database, name: str, *, key_expires_at: int | None, now_ms: int) -> NewUser:
    """Give a user another session key; the old one ends, and so do its nonces.

    Raises UnknownUserError and DisabledUserError.
    """
    with database.transaction():
        user = known_user(database, name)
        if user.disabled:
            raise DisabledUserError(user.name)
        key = _give_key(database, user.id, key_expires_at)
        database.put([acted(ActKind.KEY_MADE, now_ms, user_id=user.id)])
        return NewUser(user.id, user.name, key)


def sign_in(
    database: Database, user_id: int, *, now_ms: int, session_ttl: int, least_left: int
) -> tuple[NewUser, bool]:
    """The session key of a user who has proven to be one, and whether it was just made.

    The present key is given to every device while it lives for `least_left` ms more (decision 20).
    A new one ends it, its nonces and, by whoever calls, its connections. Raises DisabledUserError.
    """
    with database.transaction():
        user = user_by_id(database, user_id)
        if user is None or user.disabled:
            raise DisabledUserError(str(user_id) if user is None else user.name)
        key, expires_at = session_key_of(database, user_id) or ("", 0)
        if expires_at is None or expires_at >= now_ms + least_left:
            return NewUser(user.id, user.name, key), False
        return NewUser(user.id, user.name, _give_key(database, user.id, now_ms + session_ttl)), True


def password_hash_of(database: Database, user_id: int) -> str | None:
    """The hash of a user's password; None: the user has none, or there is no such user."""
    row = database.row("SELECT hash FROM passwords WHERE user_id = ?", (_held(user_id),))
    return row["hash"] if row else None


def disable(database: Database, name: str, *, now_ms: int) -> User:
    """End a user's sign-ins. Raises UnknownUserError."""
    with database.transaction():
        user = known_user(database, name)
        database.execute("UPDATE users SET disabled = 1 WHERE id = ?", (user.id,))
        database.put([acted(ActKind.DISABLED, now_ms, user_id=user.id)])
        return known_user(database, name)


def add_source_admin(database: Database, source_id: str, name: str, *, now_ms: int) -> User:
    """Make a user an admin of a source. Raises UnknownSourceError and UnknownUserError."""
    with database.transaction():
        if not database.row("SELECT 1 FROM sources WHERE id = ?", (source_id,)):
            raise UnknownSourceError(source_id)
        user = known_user(database, name)
        act = acted(ActKind.SOURCE_ADMIN_ADDED, now_ms, source_id=source_id, user_id=user.id)
        database.put([SourceAdminAdded(source_id, user.id), act])
        return user


def list_users(database: Database) -> list[User]:
    """Everybody, in the order in which they were added."""
    return [_user(row) for row in database.rows("SELECT * FROM users ORDER BY id")]


def user_by_id(database: Database, user_id: int) -> User | None:
    """The user with this id, of whatever size."""
    row = database.row("SELECT * FROM users WHERE id = ?", (_held(user_id),))
    return _user(row) if row else None


def user_by_name(database: Database, name: str) -> User | None:
    """The user with this name in any case."""
    if not is_name(name):
        return None
    row = database.row("SELECT * FROM users WHERE name_key = ?", (name.lower(),))
    return _user(row) if row else None


def known_user(database: Database, name: str) -> User:
    """The user with this name in any case. Raises UnknownUserError."""
    user = user_by_name(database, name)
    if user is None:
        raise UnknownUserError(name)
    return user


def session_key_of(database: Database, user_id: int) -> tuple[str, int | None] | None:
    """A user's session key and when it ends (epoch ms, None: never)."""
    return session_keys.kept(database, _held(user_id))


def nonce_spent(database: Database, user_id: int, nonce: str) -> bool:
    """Whether this nonce has opened a connection with the user's present key (contract, 1)."""
    spent = "SELECT 1 FROM nonces WHERE user_id = ? AND nonce = ?"
    return database.row(spent, (_held(user_id), nonce)) is not None


def _give_key(database: Database, user_id: int, expires_at: int | None) -> str:
    key = secrets.token_urlsafe(32)
    database.execute("DELETE FROM nonces WHERE user_id = ?", (user_id,))
    session_keys.keep(database, user_id, key, expires_at)
    return key


def _held(user_id: int) -> int:
    # A wire id has up to 19 digits, which SQLite may not hold; the largest it can is nobody's.
    return min(user_id, _LARGEST_ID)


def _user(row: Mapping[str, Any]) -> User:
    return User(
        id=row["id"],
        name=row["name"],
        can_host=bool(row["can_host"]),
        disabled=bool(row["disabled"]),
        created_at=row["created_at"],
    )
