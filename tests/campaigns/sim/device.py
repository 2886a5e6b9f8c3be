"""A player's device: sends requests, is disconnected, reconnects, and repeats requests.

It checks what a client can see: one reply for each request, in order; nothing told that is not on
disk; nothing missed.
"""

from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

import orjson
import trio
from attrs import Factory, define
from trio_websocket import ConnectionClosed, HandshakeError, WebSocketConnection, wrap_client_stream

from tests.campaigns.books import Books, Mark, Message, told_by
from tests.campaigns.dice import Dice
from tests.campaigns.sim.house import House
from tests.campaigns.sim.network import GONE, Link
from tests.campaigns.sim.place import Place

HANDSHAKE_S = 15.0
LONGEST_PAUSE_S = 3.0
OUR_FAULTS = ("internal_error", "malformed_message", "unknown_op")


@define(eq=False)
class Wish:
    """An operation that a user wants. `mark`: how its effect is recognized in a journal."""

    name: str
    op: int
    parameters: Message
    key: str | None = None
    mark: Mark | None = None
    sent: int = 0
    sent_at: int | None = None
    """When it was sent for the first time (epoch ms)."""
    replies: list[Message] = Factory(list)

    @property
    def done(self) -> list[Message]:
        """Return the replies that report success."""
        return [reply for reply in self.replies if reply["res"] not in (666, 645)]


class Device:
    """A device of a user. It stays connected to the server as far as that is possible."""

    def __init__(
        self,
        name: str,
        label: str,
        user_id: int,
        house: House,
        books: Books,
        dice: Dice,
        on_hearing: Callable[[str, Message], None],
    ) -> None:
        self.name, self.label, self.user_id = name, label, user_id
        self._numbers = count(1)
        self._house, self._books, self._dice = house, books, dice
        self._on_hearing = on_hearing
        self._to_send: list[Wish] = []
        self._something_to_send = trio.Event()
        self._under_way: dict[str, Wish] = {}
        self.places: dict[str, Place] = {}
        self.wishes: list[Wish] = []
        self.link: Link | None = None
        self.balance: tuple[float, float] | None = None

    def wish(
        self, op: int, *, keyed: bool = False, mark: Mark | None = None, **wanted: Any
    ) -> Wish:
        """Send a request now, or as soon as there is a connection."""
        name = f"{self.label}-{next(self._numbers)}"
        wish = Wish(name, op, wanted, key=name if keyed else None, mark=mark)
        self.wishes.append(wish)
        self.send(wish)
        return wish

    def send(self, wish: Wish) -> None:
        """Send a wish, perhaps for the second time."""
        self._to_send.append(wish)
        self._something_to_send.set()

    @property
    def is_content(self) -> bool:
        """Return whether it is connected and has a reply to every request."""
        rejoined = all(place.is_live for place in self.places.values())
        return self.link is not None and rejoined and not self._to_send and not self._under_way

    async def run(self) -> None:
        """Connect again and again."""
        pause_s = 0.02
        while True:
            try:
                await self._connect()
            except* (HandshakeError, ConnectionClosed, trio.TooSlowError, *GONE):
                pass
            pause_s = 0.02 if self.link is not None else min(LONGEST_PAUSE_S, 2 * pause_s)
            self._lose()
            await trio.sleep(pause_s * (1 + self._dice.random()))

    async def _connect(self) -> None:
        link = await self._house.network.link()
        async with link, trio.open_nursery() as nursery:
            with trio.fail_after(HANDSHAKE_S):
                socket = await wrap_client_stream(
                    nursery,
                    link,  # type: ignore[arg-type]  # any stream will do
                    "toteboard.test",
                    self._house.address(self.name),
                )
            self.link, self._nursery = link, nursery
            self._come_back()
            nursery.start_soon(self._send_all, socket)
            while True:
                self._hear(orjson.loads(await socket.get_message()))

    def _come_back(self) -> None:
        """Rejoin the games before anything else."""
        waiting, self._to_send = self._to_send, []
        for place in self.places.values():
            self.wish(363, game_id=place.game_id, since=place.known)
        self._to_send += waiting
        self._something_to_send.set()

    def _lose(self) -> None:
        """Queue the requests without a reply again, if they have a key."""
        self.link = self.balance = None
        again = [wish for wish in self._under_way.values() if wish.key is not None]
        self._under_way.clear()
        self._to_send = again + [wish for wish in self._to_send if wish.op != 363]
        for place in self.places.values():
            place.lose()

    async def _send_all(self, socket: WebSocketConnection) -> None:
        with suppress(ConnectionClosed, *GONE):
            while True:
                await self._something_to_send.wait()
                while self._to_send:
                    await socket.send_message(self._request(self._to_send.pop(0)))
                self._something_to_send = trio.Event()

    def _request(self, wish: Wish) -> str:
        wish.sent += 1
        wish.sent_at = self._house.now() if wish.sent_at is None else wish.sent_at
        header = {"request_id": f"{wish.name}/{wish.sent}"}
        self._under_way[header["request_id"]] = wish
        if wish.key is not None:
            header["idempotency_key"] = wish.key
        return orjson.dumps({"header": header, "op": wish.op} | wish.parameters).decode()

    def _hear(self, message: Message) -> None:
        self._on_hearing(self.label, message)
        assert message.get("code") not in OUR_FAULTS, ("our fault", message)
        request_id = message["response_header"].get("request_id")
        if request_id is not None:
            self._answered(request_id, message)
        assert request_id is not None or message["res"] != 666, ("an error to nobody", message)
        self._must_be_true(message)
        self._note_position(message)
        if message["res"] == 815:
            self.balance = message["current_balance"], message["available_balance"]
        if message["res"] in (470, 480):
            self.places[message["game_id"]].meet(message)

    def _answered(self, request_id: str, message: Message) -> None:
        wish = self._under_way.get(request_id)
        assert wish is not None, ("a reply to what was not asked, or a second one", message)
        game_id = self._books.game_of(wish.parameters)
        for other_id, other in self._under_way.items():
            if other_id == request_id:
                break
            about = self._books.game_of(other.parameters)
            if about == game_id is not None and not self._may_wait(other):
                raise AssertionError("replies change places", other, message)
        del self._under_way[request_id]
        wish.replies.append(message)
        if wish.op == 363:
            self._joined(wish, message)
        elif wish.op == 364 and message["res"] == 334:
            self.places.pop(wish.parameters["game_id"], None)

    def _may_wait(self, wish: Wish) -> bool:
        """Return whether it is a bet that later replies may overtake."""
        return wish.op == 392 and self._books.delays_bets(wish.parameters["pool_id"])

    def _joined(self, wish: Wish, message: Message) -> None:
        game_id, since = wish.parameters["game_id"], wish.parameters.get("since")
        if message["res"] != 333:
            if message["code"] in ("overloaded", "rate_limited"):
                self._nursery.start_soon(self._join_later, wish)
            return
        if since is None:
            if game_id not in self.places:
                joined_at = self._books.journal(game_id).last_seq
                self.places[game_id] = Place(game_id, message["seq"], joined_at)
            return
        place = self.places.setdefault(game_id, Place(game_id, since))
        assert message["seq"] == since, ("not where it was asked from", since, message)
        place.is_live, place.is_adrift = True, message.get("resync", False)

    async def _join_later(self, wish: Wish) -> None:
        await trio.sleep(0.5)
        self.wish(363, **wish.parameters)

    def _must_be_true(self, message: Message) -> None:
        """Check that what a client is told is already on disk."""
        if message["res"] == 335:
            assert message["source_id"] in self._books.sources(), ("not on disk", message)
        game_id = self._books.game_of(message)
        marks = told_by(message)
        if not marks and message["res"] not in (340, 3401, 3402):
            return
        assert game_id is not None, ("not on disk", message)
        journal = self._books.journal(game_id)
        assert journal.last_seq, ("not on disk", message)
        missing = [mark for mark in marks if mark not in journal.marks]
        assert not missing, ("not on disk", missing, message)

    def _note_position(self, message: Message) -> None:
        if "seq" not in message or message["res"] == 333:
            return
        game_id = self._books.game_of(message)
        place = self.places.get(game_id or "")
        is_late = message["res"] == 3621  # a replay has the corrections of a closed game at its end
        assert place or is_late or "prev_seq" not in message, ("has not joined", message)
        if place is not None and place.is_live:
            place.hear(message, self._books)
            if message["res"] == 341:
                del self.places[place.game_id]
