"""The keys of the operator's API: who may call what. Only the SHA-256 of a key is stored.

A key has a role, and may be limited to one source. It works until it is ended; a name is never used
again, because acts name the key that asked for them.
"""

import secrets
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from attrs import field, frozen
from attrs.validators import optional

from game.refusals import quote
from storage import catalogue
from storage.acts import ActKind, acted
from storage.database import Database, Row
from storage.operator_changes import ApiKeyAdded, ApiKeyEnded
from storage.users import OperatorError, UnknownSourceError
from storage.write import DecidedWrite, OperatorQuery, Values, Write, name_like, text_like

KEY_PREFIX: Final = "tote_"


class KeyRole(StrEnum):
    """What a key may do. Every role reads."""

    READER = "reader"
    CASHIER = "cashier"
    MODERATOR = "moderator"
    OPERATOR = "operator"


class KeyNameTakenError(OperatorError):
    """A key has this name, or had it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the key name {name!r} is taken")


class UnknownKeyError(OperatorError):
    """No key that works has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"no key {name!r} is in use")


class KeyEndedError(OperatorError):
    """The key of a call was ended before the call was decided."""

    def __init__(self) -> None:
        super().__init__("the key has ended")


@frozen
class ApiKey:
    """A key that works. `source_id`: the only source that it may read and moderate."""

    id: int
    name: str
    role: KeyRole
    source_id: str | None


def key_with(database: Database, key: str) -> ApiKey | None:
    """Return the key with this text, or None if there is none or it has ended."""
    sql = "SELECT * FROM api_keys WHERE digest = ? AND ended_at IS NULL"
    row = database.row(sql, (_digest(key),))
    return None if row is None else _read(row)


def refuse_ended(database: Database, key_id: int) -> None:
    """Raise KeyEndedError unless the key works."""
    sql = "SELECT 1 FROM api_keys WHERE id = ? AND ended_at IS NULL"
    if database.row(sql, (key_id,)) is None:
        raise KeyEndedError


def _role_like(_write: object, _field: object, value: Any) -> None:
    if value not in set(KeyRole):
        raise ValueError(f"{quote(repr(value))} is not a role")


@frozen
class AddKey(Write):
    """Make an API key."""

    word = "add_key"
    name: str = field(validator=name_like)
    role: str = field(validator=_role_like)
    source_id: str | None = field(default=None, validator=optional(text_like))

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the name, the role, the source and the key, which is not shown again.

        Raise KeyNameTakenError, UnknownSourceError.
        """
        if database.row("SELECT 1 FROM api_keys WHERE name = ?", (self.name,)) is not None:
            raise KeyNameTakenError(self.name)
        if self.source_id is not None and catalogue.source(database, self.source_id) is None:
            raise UnknownSourceError(self.source_id)
        key = KEY_PREFIX + secrets.token_urlsafe(32)
        about = {"name": self.name, "role": str(self.role), "source_id": self.source_id}
        changes = [
            ApiKeyAdded(self.name, str(self.role), self.source_id, _digest(key), now_ms),
            acted(ActKind.API_KEY_ADDED, now_ms, **about),
        ]
        return DecidedWrite(changes, about | {"key": key})


@frozen
class EndKey(Write):
    """End an API key: calls with it are refused from now on."""

    word = "end_key"
    name: str = field(validator=name_like)

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the name and the time. Raise UnknownKeyError."""
        sql = "SELECT 1 FROM api_keys WHERE name = ? AND ended_at IS NULL"
        if database.row(sql, (self.name,)) is None:
            raise UnknownKeyError(self.name)
        changes = [
            ApiKeyEnded(now_ms, self.name),
            acted(ActKind.API_KEY_ENDED, now_ms, name=self.name),
        ]
        return DecidedWrite(changes, {"name": self.name, "ended_at": now_ms})


@frozen
class ListKeys(OperatorQuery):
    """All keys, in the order in which they were made."""

    def answer(self, database: Database) -> list[Values]:
        """Return each key without anything secret."""
        return database.rows(
            "SELECT name, role, source_id, made_at, ended_at FROM api_keys ORDER BY id"
        )


def _digest(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogateescape")).digest()


def _read(row: Row) -> ApiKey:
    return ApiKey(row["id"], row["name"], KeyRole(row["role"]), row["source_id"])
