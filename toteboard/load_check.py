"""Verifies the messages that a load test received: is anything missing? Pure.

A witness stands for one user. It receives every message of the user's connections, and applies the
contract's sections 1 ("Positions") and 7. `toteboard/load_run.py` places the bets.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from typing import Any

from attrs import Factory, define, frozen

from game.money import as_text
from protocol.op import Response
from toteboard_client import Message


@frozen
class Purse:
    """A user's current balance at one moment, and the exposure in it, in hundredths."""

    current: int
    exposure: int


@define
class Witness:
    """The messages of one user, counted.

    `answer_s`: the seconds until each bet's reply. `acknowledged`: the stakes of the user's
    accepted bets, by id. `own_published`: the ids among them that a 361 has listed.
    `bets_published`: all bets in 361s, listed or omitted.
    """

    name: str
    user_id: int
    seq: int = 0
    deliveries: int = 0
    gaps: list[str] = Factory(list)
    bets_published: int = 0
    omitted: int = 0
    own_published: set[str] = Factory(set)
    acknowledged: dict[str, int] = Factory(dict)
    answer_s: list[float] = Factory(list)
    refused: Counter[str] = Factory(Counter)
    connections: int = 0
    has_heard_the_end: bool = False
    purses: list[Purse] = Factory(list)

    def hear(self, message: Message) -> None:
        """Count a message."""
        self.deliveries += "request_id" not in message["response_header"]
        if message["res"] == Response.GAME_JOINED:
            self.seq = message["seq"]
        if "prev_seq" in message:
            self._follow(message)
        if message["res"] == Response.BETS_DISTRIBUTION_CHANGED:
            mine = (bet["bet_id"] for bet in message["new_bets"] if bet["user_id"] == self.user_id)
            self.own_published.update(mine)
            self.omitted += message.get("new_bets_omitted", 0)
            self.bets_published += len(message["new_bets"]) + message.get("new_bets_omitted", 0)
        self.has_heard_the_end |= message["res"] == Response.GAME_CLOSED

    def _follow(self, message: Message) -> None:
        if message["prev_seq"] > self.seq:
            gap = f"received up to {self.seq}, then from {message['prev_seq']} on"
            self.gaps.append(f"a gap for {self.name}: {gap}")
        self.seq = max(self.seq, message["seq"])

    @property
    def unpublished(self) -> set[str]:
        """The user's bets that no 361 has listed, if the game has ended and none was omitted."""
        if self.omitted or not self.has_heard_the_end:
            return set()
        return self.acknowledged.keys() - self.own_published

    @property
    def disconnections(self) -> int:
        """How often the user reconnected. That is no fault, unless publications were missed."""
        return max(0, self.connections - 1)


@define
class Table:
    """A game and its witnesses. `kept`: its pool's bets at the end, None if they are unknown."""

    game_id: str
    pool_id: str
    witnesses: list[Witness] = Factory(list)
    kept: set[str] | None = None

    @property
    def lost(self) -> set[str]:
        """Acknowledged bets that are not in the pool or were never published."""
        acknowledged = {bet for witness in self.witnesses for bet in witness.acknowledged}
        unpublished = {bet for witness in self.witnesses for bet in witness.unpublished}
        missing = set() if self.kept is None else acknowledged - self.kept
        return missing | unpublished


def findings(tables: Iterable[Table]) -> list[str]:
    """Return a line for each fault."""
    tables = list(tables)
    found = [line for table in tables for line in _of_table(table)]
    witnesses = [witness for table in tables for witness in table.witnesses]
    if all(len(witness.purses) == 3 for witness in witnesses):
        before, _, after = (
            sum(witness.purses[when].current for witness in witnesses) for when in range(3)
        )
        if before != after:
            found.append(f"the users had {as_text(before)} before and {as_text(after)} after")
    return found


def _of_table(table: Table) -> list[str]:
    found = []
    if table.kept is None:
        found.append(f"the bets of pool {table.pool_id} could not be read")
    if lost := sorted(table.lost):
        found.append(f"lost {counted(len(lost), 'bet')} in pool {table.pool_id}, such as {lost[0]}")
    for witness in table.witnesses:
        found += witness.gaps
        found += _of_messages(witness, table.kept)
        found += _of_money(witness)
    return found


def _of_messages(witness: Witness, kept: Set[str] | None) -> list[str]:
    who = witness.name
    found = [
        f"{counted(count, 'bet')} of {who}: {code}"
        for code, count in sorted(witness.refused.items())
    ]
    # A client that reconnects may receive a bet again.
    if not witness.disconnections and kept is not None and witness.bets_published != len(kept):
        published = counted(witness.bets_published, "bet")
        found.append(f"{who} received {published} of {len(kept)}")
    if not witness.has_heard_the_end:
        found.append(f"{who} did not receive the end of the game")
    return found


def _of_money(witness: Witness) -> list[str]:
    if len(witness.purses) < 3:
        return [f"the balances of {witness.name} could not be read"]
    before, staked, after = witness.purses
    wanted = before.exposure + sum(witness.acknowledged.values())
    found = []
    if staked.exposure != wanted:
        exposure = f"{as_text(staked.exposure)} at stake, not {as_text(wanted)}"
        found.append(f"{witness.name} had {exposure}")
    if after.exposure != before.exposure:
        left = as_text(after.exposure - before.exposure)
        found.append(f"{witness.name} has {left} at stake after the end")
    return found


def report(tables: Iterable[Table], betting_s: float) -> Mapping[str, Any]:
    """Return the report: times in milliseconds, rates per second of betting."""
    tables = list(tables)
    witnesses = [witness for table in tables for witness in table.witnesses]
    answer_ms = sorted(each * 1_000 for witness in witnesses for each in witness.answer_s)
    bets = sum(len(witness.acknowledged) for witness in witnesses)
    deliveries = sum(each.deliveries for each in witnesses)
    return {
        "users": len(witnesses),
        "games": len(tables),
        "bets": bets,
        "bets_per_second": _rate(bets, betting_s),
        "answer_ms": {
            "p50": _quantile(answer_ms, 0.5),
            "p99": _quantile(answer_ms, 0.99),
            "max": _quantile(answer_ms, 1.0),
        },
        "deliveries_per_second": _rate(deliveries, betting_s),
        "disconnections": sum(each.disconnections for each in witnesses),
        "gaps": sum(len(witness.gaps) for witness in witnesses),
        "bets_lost": sum(len(table.lost) for table in tables),
    }


def counted(count: int, noun: str) -> str:
    """Return a number with its noun, such as "1 bet" or "2 bets"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _rate(count: int, seconds: float) -> float | None:
    return round(count / seconds, 1) if seconds else None


def _quantile(ordered: list[float], part: float) -> float | None:
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 2)
