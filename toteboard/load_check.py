"""What a load test makes of what it was told: is anything missing? Pure.

A witness is one user's connection: it hears every message, and knows the contract's sections 1
("Positions") and 7. Who bets, and when, is `toteboard/load_run.py`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from typing import Any

from attrs import Factory, define, frozen

from game.money import as_text
from protocol.op import Response

Message = dict[str, Any]


@frozen
class Purse:
    """A user's money at one moment, in hundredths: all of it, and what is staked of that."""

    current: int
    exposure: int


@define
class Witness:
    """What one user has been told, and what it was answered.

    `answer_s`: how long each bet's answer took, in seconds. `acknowledged`: its bets, by id.
    `told_own`: of these the ones that a 361 has named; `told`: bets told of, with and without name.
    """

    name: str
    user_id: int
    seq: int = 0
    deliveries: int = 0
    gaps: list[str] = Factory(list)
    told: int = 0
    omitted: int = 0
    told_own: set[str] = Factory(set)
    acknowledged: dict[str, int] = Factory(dict)
    answer_s: list[float] = Factory(list)
    refused: Counter[str] = Factory(Counter)
    connections: int = 0
    has_heard_the_end: bool = False
    purses: list[Purse] = Factory(list)

    def hear(self, message: Message) -> None:
        """Take note of a message."""
        self.deliveries += "request_id" not in message["response_header"]
        if message["res"] == Response.GAME_JOINED:
            self.seq = message["seq"]
        if "prev_seq" in message:
            self._follow(message)
        if message["res"] == Response.BETS_DISTRIBUTION_CHANGED:
            mine = (bet["bet_id"] for bet in message["new_bets"] if bet["user_id"] == self.user_id)
            self.told_own.update(mine)
            self.omitted += message.get("new_bets_omitted", 0)
            self.told += len(message["new_bets"]) + message.get("new_bets_omitted", 0)
        self.has_heard_the_end |= message["res"] == Response.GAME_CLOSED

    def _follow(self, message: Message) -> None:
        if message["prev_seq"] > self.seq:
            told = f"told up to {self.seq}, then from {message['prev_seq']} on"
            self.gaps.append(f"a gap in what {self.name} heard: {told}")
        self.seq = max(self.seq, message["seq"])

    @property
    def untold(self) -> set[str]:
        """Its bets that no 361 has named, though it could have: all are told before the end."""
        if self.omitted or not self.has_heard_the_end:
            return set()
        return self.acknowledged.keys() - self.told_own

    @property
    def disconnections(self) -> int:
        """How often it had to come back. That is no fault: what it then missed would be one."""
        return max(0, self.connections - 1)


@define
class Table:
    """A game: who was in it. `kept`: its pool's bets in the end, None if nobody could ask."""

    game_id: str
    pool_id: str
    witnesses: list[Witness] = Factory(list)
    kept: set[str] | None = None

    @property
    def lost(self) -> set[str]:
        """Bets that were acknowledged, and are not in the pool or were never told."""
        acknowledged = {bet for witness in self.witnesses for bet in witness.acknowledged}
        untold = {bet for witness in self.witnesses for bet in witness.untold}
        missing = set() if self.kept is None else acknowledged - self.kept
        return missing | untold


def findings(tables: Iterable[Table]) -> list[str]:
    """Everything that does not hold, a line each."""
    tables = list(tables)
    found = [line for table in tables for line in _of_table(table)]
    witnesses = [witness for table in tables for witness in table.witnesses]
    if all(len(witness.purses) == 3 for witness in witnesses):
        before, _, after = (
            sum(witness.purses[when].current for witness in witnesses) for when in range(3)
        )
        if before != after:
            found.append(f"all had {as_text(before)} before and {as_text(after)} after")
    return found


def _of_table(table: Table) -> list[str]:
    found = []
    if table.kept is None:
        found.append(f"pool {table.pool_id} could not be asked for its bets")
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
    # Whoever comes back may be told of a bet once more.
    if not witness.disconnections and kept is not None and witness.told != len(kept):
        told = counted(witness.told, "bet")
        found.append(f"{who} was told of {told}, and there are {len(kept)}")
    if not witness.has_heard_the_end:
        found.append(f"{who} was not told that the game is over")
    return found


def _of_money(witness: Witness) -> list[str]:
    if len(witness.purses) < 3:
        return [f"{witness.name} could not be asked for its balances"]
    before, staked, after = witness.purses
    wanted = before.exposure + sum(witness.acknowledged.values())
    found = []
    if staked.exposure != wanted:
        said = f"{as_text(staked.exposure)} at stake, not {as_text(wanted)}"
        found.append(f"{witness.name} had {said}")
    if after.exposure != before.exposure:
        left = as_text(after.exposure - before.exposure)
        found.append(f"{witness.name} has {left} at stake after the end")
    return found


def figures(tables: Iterable[Table], betting_s: float) -> Mapping[str, Any]:
    """The report: times in milliseconds, rates a second over the time of betting, if there was."""
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
    """So many of something, in words."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _rate(count: int, seconds: float) -> float | None:
    return round(count / seconds, 1) if seconds else None


def _quantile(ordered: list[float], part: float) -> float | None:
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 2)
