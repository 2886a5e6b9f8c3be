"""What clients of a recording were told, and what the database must contain from then on.

The rows are the journals' facts, kept replies, spent nonces, users, session keys and credits. They
are read from the final database, because none of them ever changes.
"""

from typing import Any, Final

import orjson
from attrs import Factory, define

from storage.database import Database
from storage.users import session_key_of
from tests.campaigns.books import Books, told_by
from tests.campaigns.power.recording import Entry, Heard, LetIn, Printed

ONCE_AND_FOR_ALL: Final = {
    "facts": "game_id, seq, at, kind, body, pool_id",
    "answers": "user_id, idempotency_key, op, parameters, reply, answered_at",
    "transfers": "id, at, currency, debit, credit, amount, cause, game_id, seq",
    "operator_acts": "id, at, kind, body",
    "users": "id, name, name_key, can_host, disabled, created_at",
    "nonces": "user_id, nonce",
}
"""Tables whose rows never change in a match in which no user loses a key."""

Row = tuple[Any, ...]
"""A row, preceded by its table."""


def kept(database: Database) -> set[Row]:
    """Return all rows that never change, with session keys in plain text."""
    rows = {
        (table, *row.values())
        for table, columns in ONCE_AND_FOR_ALL.items()
        for row in database.rows(f"SELECT {columns} FROM {table}")
    }
    users = (row["user_id"] for row in database.rows("SELECT user_id FROM session_keys"))
    return rows | {
        ("session_keys", user, *(session_key_of(database, user) or ())) for user in users
    }


@define(eq=False)
class Promises:
    """`needed`: the rows that must exist by now. `whole`: all rows at the end."""

    whole: set[Row]
    _books: Books
    _by_key: dict[Row, Row]
    needed: set[Row] = Factory(set)
    done: list[Heard] = Factory(list)
    """The replies so far that are kept under a key."""
    told_at: int = 0
    """The epoch milliseconds of the latest message."""
    session_keys: dict[int, str] = Factory(dict)
    _last_seq: dict[str, int] = Factory(dict)

    @classmethod
    def of(cls, database: Database) -> "Promises":
        """Read the rows at the end of a recording."""
        whole, books = kept(database), Books(database)
        books.read_all()
        return cls(whole, books, {row[:3]: row for row in whole})

    def take(self, entry: Entry) -> None:
        """Process an entry, which may be a message."""
        match entry:
            case LetIn(user_id=user_id, nonce=nonce):
                self.needed.add(("nonces", user_id, nonce))
            case Printed(said=said):
                self._printed(orjson.loads(said))
            case Heard():
                self._heard(entry)

    def _printed(self, said: dict[str, Any]) -> None:
        if "session_key" in said:
            self.session_keys[said["id"]] = said["session_key"]
            self._need("session_keys", said["id"], said["session_key"])
            self._need("users", said["id"], said["name"])
        else:
            self.needed.update(row for row in self.whole if row[0] == "operator_acts")

    def _heard(self, heard: Heard) -> None:
        message = heard.message
        self.told_at = max(self.told_at, message["response_header"]["t"])
        if row := self._by_key.get(("answers", heard.user_id, heard.key)):
            self.needed.add(row)
            self.done.append(heard)
        if game_id := self._books.game_of(message):
            marks = self._books.journal(game_id).marks
            told = [message.get("seq", 0), *(marks[mark] for mark in told_by(message))]
            self._need_facts(game_id, max(told))

    def _need(self, *key: Any) -> None:
        self.needed.add(self._by_key[key])

    def _need_facts(self, game_id: str, up_to: int) -> None:
        """Require all facts up to a position that a client knows."""
        for seq in range(self._last_seq.get(game_id, 0) + 1, up_to + 1):
            self._need("facts", game_id, seq)
            self._last_seq[game_id] = seq
