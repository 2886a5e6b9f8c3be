"""A bettor of a cluster: it finds the node that leads, and repeats what got no reply."""

from collections.abc import Iterator, Sequence
from itertools import islice

import trio
from attrs import Factory, define

from bench.line import frame
from tests.campaigns.line import Line, LostError, signed_in
from tests.support.process import Process
from toteboard_client import Message

IN_FLIGHT = 3
AGAIN_S = 0.05
TARGETS = ("argentina", "brazil", "chile")
TRY_AGAIN = {"overloaded", "rate_limited"}


@define(eq=False)
class Bettor:
    """One user. `placed`: the id of each acknowledged bet, by the number that is also its key."""

    user_id: int
    _key: str
    _pool_id: str
    _numbers: Iterator[int]
    _nodes: Sequence[Process]
    placed: dict[int, str] = Factory(dict)
    answered_at: list[float] = Factory(list)
    waiting: dict[int, int] = Factory(dict)
    """The wagers without a reply, with their amounts in hundredths."""
    repeated: int = 0
    is_betting: bool = True

    async def live(self) -> None:
        """Bet until `is_betting` ends and every wager has its reply."""
        place = self.user_id
        while self.is_betting or self.waiting:
            place += 1
            try:
                async with signed_in(self._port(place), self.user_id, self._key) as line:
                    await self._bet(line)
            except LostError:
                await trio.sleep(AGAIN_S)

    def _port(self, place: int) -> int:
        return self._nodes[place % len(self._nodes)].port

    async def _bet(self, line: Line) -> None:
        await line.send(*(self._request(number) for number in self.waiting))
        while self.is_betting or self.waiting:
            await line.send(*self._new())
            for message in await line.receive():
                self._note(message)

    def _new(self) -> list[bytes]:
        wanted = IN_FLIGHT - len(self.waiting) if self.is_betting else 0
        numbers = list(islice(self._numbers, wanted))
        self.waiting |= {number: 100 + number % 7 for number in numbers}
        return [self._request(number) for number in numbers]

    def _request(self, number: int) -> bytes:
        return frame(
            392,
            header={"request_id": number, "idempotency_key": str(number)},
            pool_id=self._pool_id,
            target=TARGETS[number % len(TARGETS)],
            amount=self.waiting[number] / 100,
        )

    def _note(self, message: Message) -> None:
        header = message["response_header"]
        if "request_id" not in header:
            return
        number = header["request_id"]
        if message["res"] == 666:
            assert message["code"] in TRY_AGAIN, message
            raise LostError
        assert message["res"] == 356, message
        self.repeated += header.get("repeated", False)
        assert self.placed.setdefault(number, message["bet_id"]) == message["bet_id"], message
        self.waiting.pop(number, None)
        self.answered_at.append(trio.current_time())
