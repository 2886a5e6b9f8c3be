"""Users, their names, session keys, passwords and spent nonces: the rows and the questions.

What is written about a user is decided in `storage/store.py`. The server computes and compares
digests; this module does not decide who may sign in.
"""

import re
from typing import Final

from attrs import frozen

from storage import session_keys
from storage.database import Database, Row
from storage.errors import DamagedRowError
from storage.typed_rows import typed

_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,50}")
_ERASED: Final = "erased-"
_LARGEST_ID: Final = 2**63 - 1
_LATEST_MS: Final = 253_402_300_799_999
"""The last millisecond of the year 9999, which is the last that a date can have."""
_TYPES: Final = {
    "name": (str,),
    "can_host": (int,),
    "disabled": (int,),
    "created_at": (int,),
    "external_id": (str, type(None)),
    "erased_at": (int, type(None)),
    "may_bet": (int,),
}


class OperatorError(Exception):
    """A write is refused. The text is one line for a person."""


class NameTakenError(OperatorError):
    """Another user has this name, in this or another case."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the name {name!r} is taken")


class ExternalIdTakenError(OperatorError):
    """Another user has this id at the operator."""

    def __init__(self, external_id: str) -> None:
        super().__init__(f"the external id {external_id!r} is taken")


class UnknownUserError(OperatorError):
    """No user has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"user {name!r} does not exist")


class DisabledUserError(OperatorError):
    """The user is disabled and cannot sign in."""

    def __init__(self, name: str) -> None:
        super().__init__(f"user {name!r} is disabled")


class ErasedUserError(OperatorError):
    """The user is erased: there is nobody to sign in or to pay."""

    def __init__(self, name: str) -> None:
        super().__init__(f"user {name!r} is erased")


class UnknownSourceError(OperatorError):
    """No source has this id."""

    def __init__(self, source_id: str) -> None:
        super().__init__(f"source {source_id!r} does not exist")


@frozen
class User:
    """A user; `created_at` in epoch ms."""

    id: int
    name: str
    can_host: bool
    disabled: bool
    created_at: int
    external_id: str | None = None
    is_erased: bool = False
    may_bet: bool = True


def is_name(text: str) -> bool:
    """Return whether a text is a user name: 1 to 50 ASCII letters, digits, `.`, `_` and `-`."""
    return _NAME.fullmatch(text) is not None


def erased_name(user_id: int) -> str:
    """Return the name of an erased user. No other user can have such a name."""
    return f"{_ERASED}{user_id}"


def is_reserved(name: str) -> bool:
    """Return whether a name is one of those that erased users have."""
    return name.lower().startswith(_ERASED) and name[len(_ERASED) :].isdigit()


def list_users(database: Database) -> list[User]:
    """Return all users, in the order in which they were added."""
    return [_user(row) for row in database.rows("SELECT * FROM users ORDER BY id")]


def user_by_id(database: Database, user_id: int) -> User | None:
    """Return the user with this id, which may be too large for SQLite; None if none has it."""
    row = database.row("SELECT * FROM users WHERE id = ?", (_storable(user_id),))
    return _user(row) if row else None


def user_by_name(database: Database, name: str) -> User | None:
    """Return the user with this name in any case, or None."""
    if not is_name(name):
        return None
    row = database.row("SELECT * FROM users WHERE name_key = ?", (name.lower(),))
    return _user(row) if row else None


def user_by_external_id(database: Database, external_id: str) -> User | None:
    """Return the user with this id at the operator, or None."""
    row = database.row("SELECT * FROM users WHERE external_id = ?", (external_id,))
    return _user(row) if row else None


def rights_at(database: Database, issuer: str, subject: str) -> int:
    """Return when the token was issued that counts for a user's rights (epoch ms); 0 for none."""
    sql = "SELECT rights_at FROM identities WHERE issuer = ? AND subject = ?"
    row = database.row(sql, (issuer, subject))
    return 0 if row is None else int(row["rights_at"])


def user_by_identity(database: Database, issuer: str, subject: str) -> User | None:
    """Return the user who signs in with tokens of this issuer and subject, or None."""
    sql = (
        "SELECT users.* FROM identities JOIN users ON id = user_id WHERE issuer = ? AND subject = ?"
    )
    row = database.row(sql, (issuer, subject))
    return _user(row) if row else None


def users_who_may_not_bet(database: Database) -> set[int]:
    """Return the ids of the users whom the operator does not let bet."""
    return {row["id"] for row in database.rows("SELECT id FROM users WHERE NOT may_bet")}


def known_user(database: Database, name: str) -> User:
    """Return the user with this name in any case. Raise UnknownUserError."""
    user = user_by_name(database, name)
    if user is None:
        raise UnknownUserError(name)
    return user


def present_user(database: Database, name: str) -> User:
    """Return the user with this name. Raise UnknownUserError, ErasedUserError."""
    user = known_user(database, name)
    refuse_erased(user)
    return user


def refuse_erased(user: User) -> None:
    """Raise ErasedUserError if the user is erased."""
    if user.is_erased:
        raise ErasedUserError(user.name)


def next_id(database: Database) -> int:
    """Return the id of the next user to add. Ids are numbered from 1 without gaps."""
    row = database.row("SELECT seq FROM sqlite_sequence WHERE name = 'users'")
    return 1 + (typed("sqlite_sequence", {"seq": (int,)}, row)["seq"] if row else 0)


def session_key_of(database: Database, user_id: int) -> tuple[str, int | None] | None:
    """Return a user's session key and its expiry (epoch ms, None for never), or None."""
    return session_keys.session_key(database, _storable(user_id))


def password_hash_of(database: Database, user_id: int) -> str | None:
    """Return the hash of a user's password, or None if the user has none or does not exist."""
    row = database.row("SELECT hash FROM passwords WHERE user_id = ?", (_storable(user_id),))
    return typed("passwords", {"hash": (str,)}, row)["hash"] if row else None


def nonce_spent(database: Database, user_id: int, nonce: str) -> bool:
    """Return whether this nonce has opened a connection with the user's present session key."""
    spent = "SELECT 1 FROM nonces WHERE user_id = ? AND nonce = ?"
    return database.row(spent, (_storable(user_id), nonce)) is not None


def _storable(user_id: int) -> int:
    # An id from the wire has up to 19 digits, which may not fit SQLite's integers. No user has the
    # largest id that fits.
    return min(user_id, _LARGEST_ID)


def _user(row: Row) -> User:
    row = typed("users", _TYPES, row)
    if not 0 <= row["created_at"] <= _LATEST_MS:
        raise DamagedRowError("users", "created_at")
    return User(
        id=row["id"],
        name=row["name"],
        can_host=bool(row["can_host"]),
        disabled=bool(row["disabled"]),
        created_at=row["created_at"],
        external_id=row["external_id"],
        is_erased=row["erased_at"] is not None,
        may_bet=bool(row["may_bet"]),
    )
