"""Read what is on disk, to check which effects messages may report and which must exist."""

from collections import Counter
from collections.abc import Hashable
from typing import Any

import orjson
from attrs import Factory, define

from storage.database import Database

Message = dict[str, Any]
Mark = tuple[Hashable, ...]
"""An effect that is on disk and that a message may report."""


def told_by(message: Message) -> set[Mark]:
    """Return the effects that a message reports."""
    match message:
        case {"res": 361, "new_bets": bets}:
            return {("bet", bet["bet_id"]) for bet in bets}
        case {"res": 356, "bet_id": bet_id}:
            return {("bet", bet_id)}
        case {"res": 350 | 352, "pool_id": pool_id}:
            return {("opened", pool_id)}
        case {"res": 362 | 363, "pool_id": pool_id}:
            return {("ended", pool_id)}
        case {"res": 366, "event_id": event_id}:
            return {("event", event_id)}
        case {"res": 368, "pool_id": pool_id, "blocked_at": at, "prev_seq": _}:
            return {("blocked", pool_id, at)}
        case {"res": 369, "pool_id": pool_id, "allowed_at": at, "prev_seq": _}:
            return {("allowed", pool_id, at)}
        case {"res": 341, "game_id": game_id}:
            return {("closed", game_id)}
        case {"res": 342, "game_id": game_id, "actions": actions}:
            return {("action", game_id, action) for action in actions}
    return _revised_by(message)


def _revised_by(message: Message) -> set[Mark]:
    match message:
        case {"res": 3622, "pool_id": pool_id, "winning_targets": winners}:
            return {("decided", pool_id, *winners)}
        case {"res": 3621, "pool_id": pool_id, "corrects_seq": seq}:
            return {("corrected", pool_id, seq)}
        case {"res": 3661, "event_id": event_id}:
            return {("taken back", event_id)}
    return set()


def kept_in(game_id: str, kind: str, fact: Message) -> set[Mark]:
    """Return the effects that a fact of a journal contains."""
    match kind:
        case "bet_placed":
            return {("bet", fact["bet_id"])}
        case "pool_opened":
            return {("opened", fact["pool_id"])}
        case "pool_resolved":
            return {("ended", fact["pool_id"])}
        case "event_registered":
            return {("event", fact["event_id"])}
        case "betting_blocked":
            return {("blocked", fact["pool_id"], fact["blocked_at"])}
        case "betting_allowed":
            return {("allowed", fact["pool_id"], fact["allowed_at"])}
        case "game_closed":
            return {("closed", game_id)}
        case "game_created" | "game_opened" | "details_updated":
            return {("action", game_id, action) for action in fact["actions"]}
    return _revision_in(kind, fact)


def _revision_in(kind: str, fact: Message) -> set[Mark]:
    match kind:
        case "pool_decided":
            return {("decided", fact["pool_id"], *fact["winning_targets"])}
        case "pool_corrected":
            return {("corrected", fact["pool_id"], fact["corrects_seq"])}
        case "pool_reopened":
            switch = "blocked" if fact["is_blocked"] else "allowed"
            return {(switch, fact["pool_id"], fact["reopened_at"])}
        case "event_taken_back":
            return {("taken back", fact["event_id"])}
    return set()


def done_by(game_id: str, kind: str, fact: Message) -> Mark | None:
    """Return the mark by which a fact is recognized as the effect of an op, if it is one."""
    match kind:
        case "bet_placed":
            return (392, fact["user_id"], fact["amount"])
        case "pool_opened" if fact["recreates"] is None:
            return (385, fact["description"])
        case "event_registered" if fact["together_with"] is None:
            return (395, fact["happened_at"])
        case "game_created":
            return (370, fact["game_name"])
        case "details_updated" if fact["actions"]:
            return (373, fact["actions"][0])
    return None


@define
class Journal:
    """The part of a game's journal that has been read."""

    last_seq: int = 0
    marks: dict[Mark, int] = Factory(dict)
    """The position of each mark."""

    def between(self, after: int, up_to: int) -> list[Mark]:
        """Return the marks after one position, up to another."""
        return [mark for mark, seq in self.marks.items() if after < seq <= up_to]


class Books:
    """Reads the journals incrementally, on each call."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._journals: dict[str, Journal] = {}
        self._pools: dict[str, str] = {}
        self._delays: dict[str, int] = {}
        self.effects: Counter[Mark] = Counter()

    def journal(self, game_id: str) -> Journal:
        """Return the journal of a game as it is on disk."""
        journal = self._journals.setdefault(game_id, Journal())
        sql = "SELECT seq, kind, body FROM facts WHERE game_id = ? AND seq > ? ORDER BY seq"
        for row in self._database.rows(sql, (game_id, journal.last_seq)):
            fact = orjson.loads(row["body"])
            for mark in kept_in(game_id, row["kind"], fact):
                journal.marks.setdefault(mark, row["seq"])
            if (done := done_by(game_id, row["kind"], fact)) is not None:
                self.effects[done] += 1
            if row["kind"] == "pool_opened":
                self._pools[fact["pool_id"]] = game_id
                self._delays[fact["pool_id"]] = fact["bet_delay"]
            journal.last_seq = row["seq"]
        return journal

    def read_all(self) -> int:
        """Read every journal to its end and return the number of facts."""
        return sum(self.journal(game_id).last_seq for game_id in self.games())

    def games(self) -> list[str]:
        """Return the ids of all games, oldest first."""
        return [row["id"] for row in self._database.rows("SELECT id FROM games ORDER BY number")]

    def open_games(self) -> list[str]:
        """Return the ids of the games that are not closed, oldest first."""
        sql = "SELECT id FROM games WHERE phase <> 'closed' ORDER BY number"
        return [row["id"] for row in self._database.rows(sql)]

    def pools(self) -> list[str]:
        """Return the ids of the unresolved pools, oldest first."""
        sql = "SELECT id FROM pools WHERE resolved_seq IS NULL ORDER BY game_id, opened_seq"
        return [row["id"] for row in self._database.rows(sql)]

    def results(self) -> list[tuple[str, int]]:
        """Return the resolved pools with the positions of their results, oldest first."""
        sql = """
            SELECT id, coalesce(result_seq, resolved_seq) AS seq FROM pools
            WHERE resolved_seq IS NOT NULL ORDER BY game_id, resolved_seq"""
        return [(row["id"], row["seq"]) for row in self._database.rows(sql)]

    def events(self, game_id: str) -> list[str]:
        """Return the ids of the events of a game, oldest first."""
        sql = """
            SELECT body ->> '$.event_id' AS id FROM facts
            WHERE game_id = ? AND kind = 'event_registered' ORDER BY seq"""
        return [row["id"] for row in self._database.rows(sql, (game_id,))]

    def sources(self) -> list[str]:
        """Return the ids of the sources, oldest first."""
        return [row["id"] for row in self._database.rows("SELECT id FROM sources ORDER BY rowid")]

    def delays_bets(self, pool_id: str) -> bool:
        """Return whether bets in a pool may wait for its delay."""
        if pool_id not in self._delays and (game_id := self.game_of({"pool_id": pool_id})):
            self.journal(game_id)
        return self._delays.get(pool_id, 0) > 0

    def game_of(self, message: Message) -> str | None:
        """Return the game of a message or a request, or None if it concerns no game."""
        pool_id = message.get("pool_id")
        if pool_id is None or "game_id" in message:
            return message.get("game_id")
        if pool_id not in self._pools:
            sql = "SELECT game_id FROM pools WHERE id = ?"
            row = self._database.row(sql, (pool_id,))
            if row is None:
                return None
            self._pools[pool_id] = row["game_id"]
        return self._pools[pool_id]
