"""Calls of the API that change something: by whom, and only once for each idempotency key.

`ApiCall` wraps the write that a call asks for. The reply is stored in the transaction of what it
reports, for seven days. The session key in a reply is stored sealed, as everywhere in the file.
"""

from hashlib import sha256
from typing import Final

import orjson
from attrs import evolve, field, frozen
from attrs.validators import instance_of, optional

from storage.api_keys import refuse_ended
from storage.chain import digest
from storage.changes import Change
from storage.database import Database, Row
from storage.kept_replies import KEPT_MS
from storage.operator_changes import ApiReplyKept
from storage.users import OperatorError
from storage.write import DecidedWrite, Values, Write, id_like, text_like

SEALED_FIELD: Final = "session_key"
"""The field of a reply that is stored sealed."""


class KeyReusedError(OperatorError):
    """The idempotency key was used for another call."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the idempotency key {key!r} was used for another request")


@frozen
class ApiCall(Write):
    """A write that an API key asks for. `call` is the method and path, `body` the parameters."""

    word = "api_call"
    write: Write
    key_id: int = field(validator=id_like)
    idempotency_key: str | None = field(default=None, validator=optional(text_like))
    call: str = field(default="", validator=text_like)
    body: bytes = field(default=b"", validator=instance_of(bytes))

    @property
    def moves_money(self) -> bool:  # type: ignore[override]
        """Whether the write may move money."""
        return self.write.moves_money

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with `body`, and whether it `is_new` and whether it is the `is_replay` of a reply.

        `is_new` is false if the write found its work done. Raise KeyEndedError, KeyReusedError, and
        what the write raises.
        """
        refuse_ended(database, self.key_id)
        if (kept := self._kept(database, now_ms)) is not None:
            return DecidedWrite((), kept | {"is_replay": True}, is_repeated=True)
        decided = self.write.decide(database, now_ms)
        reply = {"body": decided.values, "is_new": not decided.is_repeated}
        changes = decided.changes
        if self.idempotency_key is not None:
            changes = [*changes, self._keep(database, reply, now_ms)]
        return evolve(decided, changes=changes, values=reply | {"is_replay": False})

    def _kept(self, database: Database, now_ms: int) -> Values | None:
        sql = """
            SELECT * FROM api_replies
            WHERE key_id = ? AND idempotency_key = ? AND answered_at > ?"""
        row = database.row(sql, (self.key_id, self.idempotency_key, now_ms - KEPT_MS))
        if row is None:
            return None
        if (row["call"], row["parameters"]) != (self.call, self._fingerprint()):
            raise KeyReusedError(str(self.idempotency_key))
        return _opened(database, row)

    def _keep(self, database: Database, reply: Values, now_ms: int) -> Change:
        body, sealed = dict(reply["body"]), None
        if SEALED_FIELD in body:
            sealed = database.key_file.sealer().seal(body["id"], body.pop(SEALED_FIELD))
        text = orjson.dumps(reply | {"body": body}).decode()
        key, asked = str(self.idempotency_key), (self.call, self._fingerprint())
        row = (self.key_id, key, *asked, text, sealed, now_ms)
        return ApiReplyKept(*row, digest(*row))

    def _fingerprint(self) -> str:
        return sha256(self.body).hexdigest()


def _opened(database: Database, row: Row) -> Values:
    reply: Values = orjson.loads(row["reply"])
    if row["sealed"] is not None:
        body = reply["body"]
        body[SEALED_FIELD] = database.key_file.sealer().unseal(body["id"], row["sealed"])
    return reply
