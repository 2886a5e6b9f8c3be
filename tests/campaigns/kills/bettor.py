"""A bettor that reconnects after each kill and keeps accounts of the messages that it receives.

Every wager has its own idempotency key and is repeated under it until there is a reply. A few are
repeated after their reply. `reckoning.py` compares the accounts with the file.

A life of the server begins with what the file says (`Expected`). A connection that is lost within a
life, because a worker was killed, leaves its unanswered wagers in doubt: they may be placed or not.
"""

from collections.abc import Callable, Iterator
from itertools import count, islice
from random import Random
from typing import Final

from attrs import Factory, define, frozen

from bench.line import frame
from tests.campaigns.kills.findings import Broken, Findings
from tests.campaigns.line import Line, LostError, signed_in
from toteboard_client import Message

INITIAL: Final = 10**10
"""The initial balance of each bettor, in hundredths: enough for any number of lives."""
TARGETS: Final = ("argentina", "brazil", "chile")
IN_FLIGHT: Final = 3
TOO_LATE: Final = {"pool_resolved", "game_closed", "game_not_open"}
_FUNDS: Final = {840: "exposure", 810: "available_balance"}


@frozen
class Wager:
    """A bet to be placed. Its number is also its amount, in hundredths, and its key."""

    number: int
    pool_id: str
    target: str


@frozen
class Place:
    """A game with pools to bet in."""

    game_id: str
    pool_ids: list[str]


@frozen
class Expected:
    """The state of the file when this life began, in hundredths.

    `kept`: the bets of this season, by number. `before`: the balance when the season began.
    """

    kept: dict[int, str] = Factory(dict)
    before: int = INITIAL
    exposure: int = 0
    available: int = INITIAL


@define(eq=False)
class Bettor:
    """One user, over all connections. What it received is forgotten at the end of each season.

    `acknowledged`: the ids of its bets, by number, over all seasons. `repeated`: the number of
    repeated replies.
    """

    user_id: int
    _key: str
    _findings: Findings
    _dice: Random
    place: Place
    asked: dict[int, Wager] = Factory(dict)
    acknowledged: dict[int, str] = Factory(dict)
    refused: set[int] = Factory(set)
    unanswered: dict[int, Wager] = Factory(dict)
    expected: Expected = Factory(Expected)
    in_doubt: set[int] = Factory(set)
    seq: int = 0
    told_own: set[str] = Factory(set)
    was_told_all: bool = True
    won: dict[str, int] = Factory(dict)
    _results: dict[tuple[str, int], int] = Factory(dict)
    has_heard_the_end: bool = False
    resent: int = 0
    repeated: int = 0
    _numbers: Iterator[int] = Factory(lambda: count(1))
    _is_back: bool = False
    _funds: dict[int, int] = Factory(dict)
    _under_way: int = 0

    def begin_life(self, expected: Expected) -> None:
        """Begin a life of the server, with what the file says of this user."""
        self.expected, self.in_doubt = expected, set()

    def sit_at(self, place: Place) -> None:
        """Begin a new season."""
        self.place, self.seq, self.has_heard_the_end = place, 0, False
        self.asked, self.told_own, self.was_told_all, self.won = {}, set(), True, {}
        self._results = {}

    async def live(
        self,
        port: int,
        is_betting: bool,
        on_answer: Callable[[], None],
        on_news: Callable[[], None],
    ) -> None:
        """Reconnect, resolve wagers without a reply, and bet until the connection is lost."""
        self._is_back, self._under_way = False, 0
        to_send = self._to_send(is_betting)
        try:
            async with signed_in(port, self.user_id, self._key) as line:
                await line.send(self._joining())
                await self._ask_for_funds(line)
                while True:
                    was_over = self.has_heard_the_end
                    await self._listen(line, on_answer)
                    if self.has_heard_the_end and not was_over:
                        await self._ask_for_funds(line)
                    on_news()
                    if self.is_at_work:
                        await self._ask(line, to_send)
        except LostError:
            self.in_doubt |= self.unanswered.keys()

    @property
    def is_at_work(self) -> bool:
        """Return whether it has reconnected and received its balance."""
        return self._is_back and len(self._funds) == len(_FUNDS)

    @property
    def has_settled(self) -> bool:
        """Return whether the game is over and it has received its balance since."""
        return self.has_heard_the_end and self.is_at_work

    async def _listen(self, line: Line, on_answer: Callable[[], None]) -> None:
        for message in await line.receive():
            if self.hear(message):
                self._under_way -= 1
                on_answer()

    async def _ask_for_funds(self, line: Line) -> None:
        self._funds = {}
        await line.send(*(frame(op) for op in _FUNDS))

    async def _ask(self, line: Line, to_send: Iterator[Wager]) -> None:
        wagers = list(islice(to_send, IN_FLIGHT - self._under_way))
        self._under_way += len(wagers)
        if wagers:
            await line.send(*map(_request, wagers))

    def _joining(self) -> bytes:
        since = {"since": self.seq} if self.seq else {}
        return frame(363, game_id=self.place.game_id, **since)

    def _to_send(self, is_betting: bool) -> Iterator[Wager]:
        answered = [number for number in self.asked if number not in self.unanswered]
        again = self._dice.sample(answered, min(1, len(answered)))
        for wager in [*self.unanswered.values(), *(self.asked[number] for number in again)]:
            self.resent += 1
            yield wager
        while is_betting and not self.has_heard_the_end:
            yield self._new_wager()

    def _new_wager(self) -> Wager:
        number = next(self._numbers)
        wager = Wager(number, self._dice.choice(self.place.pool_ids), self._dice.choice(TARGETS))
        self.asked[number] = self.unanswered[number] = wager
        return wager

    # Received messages.

    def hear(self, message: Message) -> bool:
        """Record a message. Return whether it replies to a wager."""
        if "seq" in message:
            self._follow(message)
        match message["res"]:
            case 333:
                self._is_back = True
            case 356 | 666:
                return self._hear_answer(message)
            case 361:
                self._hear_of_bets(message)
            case 362 | 3621:
                self._hear_result(message)
            case 341:
                self.has_heard_the_end = True
            case 840 | 810 as res:
                self._hear_of_funds(res, hundredths(message[_FUNDS[res]]))
        return False

    def _follow(self, message: Message) -> None:
        """Check the contract, section 1, "Positions": nothing is missed, and no watermark falls."""
        marks = {name: message.get(name) for name in ("res", "prev_seq", "seq", "resync")}
        about = self.user_id, "knew", self.seq, "heard", marks
        whole = message.get("prev_seq", 0) <= self.seq <= message["seq"]
        self._findings.expect(whole and "resync" not in message, Broken.GAP, *about)
        self.seq = max(self.seq, message["seq"])

    def _hear_answer(self, message: Message) -> bool:
        number = message["response_header"].get("request_id")
        if number is None:
            self._findings.add(Broken.REFUSED, self.user_id, message)
            return False
        self.unanswered.pop(number, None)
        is_repeated = message["response_header"].get("repeated", False)
        self.repeated += is_repeated
        if message["res"] == 356:
            self._hear_placed(number, message, is_repeated)
        else:
            self._hear_refusal(number, message)
        return True

    def _hear_placed(self, number: int, message: Message, is_repeated: bool) -> None:
        wager, bet_id, about = self.asked[number], message["bet_id"], (self.user_id, message)
        said = message["pool_id"], message["target"], hundredths(message["amount"])
        same = said == (wager.pool_id, wager.target, number)
        kept = self.expected.kept.get(number)
        was_placed = kept is not None or number in self.acknowledged
        first = self.acknowledged.setdefault(number, bet_id)
        self._findings.expect(same and first == bet_id, Broken.TWO_REPLIES, first, *about)
        self._findings.expect(kept in (None, bet_id), Broken.TWICE, "kept as", kept, *about)
        right = is_repeated == was_placed or number in self.in_doubt
        self._findings.expect(right, Broken.TWO_REPLIES, "kept", kept, *about)

    def _hear_refusal(self, number: int, message: Message) -> None:
        """Check a refusal: a new wager may be too late, but not one that was placed."""
        late = message.get("code") in TOO_LATE and number not in self.acknowledged
        self._findings.expect(late, Broken.REFUSED, self.user_id, message)
        self.refused.add(number)

    def _hear_of_bets(self, message: Message) -> None:
        self.was_told_all &= "new_bets_omitted" not in message
        mine = (bet["bet_id"] for bet in message["new_bets"] if bet["user_id"] == self.user_id)
        self.told_own.update(mine)

    def _hear_result(self, message: Message) -> None:
        """Record the net result of a pool for this user. A repetition must be the same."""
        mine, pool_id = str(self.user_id), message["pool_id"]
        won = hundredths(message["winners"].get(mine, 0) - message["losers"].get(mine, 0))
        first = self._results.setdefault((pool_id, message["result_seq"]), won)
        self._findings.expect(first == won, Broken.MONEY, "first", first, "then", message)
        newest = max(seq for pool, seq in self._results if pool == pool_id)
        self.won[pool_id] = self._results[pool_id, newest]

    def _hear_of_funds(self, op: int, said: int) -> None:
        """Check a balance against the file. After the game, the user's result is final."""
        self._funds[op] = said
        least, most = self._staked_since()
        if self.has_heard_the_end:
            whole = 0 if op == 840 else self.expected.before + sum(self.won.values())
            wanted = range(whole, whole + 1)
        elif op == 840:
            wanted = range(self.expected.exposure + least, self.expected.exposure + most + 1)
        else:
            wanted = range(self.expected.available - most, self.expected.available - least + 1)
        self._findings.expect(said in wanted, Broken.MONEY, self.user_id, op, said, "not", wanted)

    def _staked_since(self) -> tuple[int, int]:
        """Return the least and the most that this life has added to the stakes so far."""
        new = self.acknowledged.keys() & self.asked.keys() - self.expected.kept.keys()
        return sum(new), sum(new | self.in_doubt - self.expected.kept.keys())


def hundredths(value: float) -> int:
    """Return an amount of a message in hundredths."""
    return round(value * 100)


def _request(wager: Wager) -> bytes:
    return frame(
        392,
        header={"request_id": wager.number, "idempotency_key": f"wager {wager.number}"},
        pool_id=wager.pool_id,
        target=wager.target,
        amount=wager.number / 100,
    )
