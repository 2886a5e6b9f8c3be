"""Bettors and subscribers on real connections, and what each of them knows.

A player keeps accounts from its messages, as a good client would. A watcher of one game follows its
positions. `kept_bets` reads the server's bets from the file.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import islice

import trio
from attrs import Factory, define, frozen

from game.facts import BetPlaced
from storage.journal import MOST_FACTS, entries
from storage.opening import open_for_reading
from storage.store import AddUser
from tests.support.process import PATIENCE_S, Process
from toteboard.operator.operating import operating
from toteboard_client import Client, ConnectionClosedError, Message

INITIAL = 100_000
"""The initial balance of each player, in hundredths."""
ASKED = "asked"


def hundredths(value: float) -> int:
    """Return an amount of a message in hundredths. It must have at most two decimals."""
    whole = round(value * 100)
    assert value == whole / 100, value
    return whole


@frozen
class Wager:
    """A bet to be placed; `amount` in hundredths. A player never uses a number twice."""

    number: int
    pool_id: str
    target: str
    amount: int


@frozen
class Bet:
    """A bet as the journal stores it."""

    bet_id: str
    user_id: int
    pool_id: str
    target: str
    amount: int
    placed_at: int


@frozen
class Balance:
    """The content of an 815: the balance in hundredths, and the reason."""

    current: int
    available: int
    cause: str
    pool_id: str


@define
class Player:
    """Places bets, and records the result of each wager and its balance."""

    name: str
    user_id: int
    asked: dict[int, Wager] = Factory(dict)
    placed: dict[int, str] = Factory(dict)
    refused: dict[int, Message] = Factory(dict)
    balances: list[Balance] = Factory(list)

    async def bet(self, client: Client, wagers: Iterable[Wager], in_flight: int) -> None:
        """Place wagers, `in_flight` at a time, until all have a reply."""
        waiting, under_way = iter(wagers), 0
        while True:
            for wager in islice(waiting, in_flight - under_way):
                await self._place(client, wager)
                under_way += 1
            if not under_way:
                return
            under_way -= self.note(await client.receive())

    async def ask(self, client: Client, op: int, **parameters: object) -> Message:
        """Send another request. Messages before the reply are recorded."""
        await client.send(op, header={"request_id": ASKED}, **parameters)
        with trio.fail_after(PATIENCE_S):
            while True:
                message = await client.receive()
                if message["response_header"].get("request_id") == ASKED:
                    return message
                self.note(message)

    def note(self, message: Message) -> bool:
        """Record a message. Return whether it replies to a wager."""
        if message["res"] == 815:
            self.balances.append(_balance(message))
            return False
        number = message["response_header"]["request_id"]
        if message["res"] == 356:
            self._note_placed(number, message)
        else:
            assert message["res"] == 666, message
            self.refused[number] = message
        return True

    @property
    def staked(self) -> int:
        """Return the sum of the acknowledged wagers, in hundredths."""
        return sum(self.asked[number].amount for number in self.placed)

    def _note_placed(self, number: int, message: Message) -> None:
        wager = self.asked[number]
        said = message["pool_id"], message["target"], hundredths(message["amount"])
        assert said == (wager.pool_id, wager.target, wager.amount), (wager, message)
        assert self.placed.setdefault(number, message["bet_id"]) == message["bet_id"], wager

    async def _place(self, client: Client, wager: Wager) -> None:
        self.asked[wager.number] = wager
        await client.send(
            392,
            header={"request_id": wager.number},
            pool_id=wager.pool_id,
            target=wager.target,
            amount=wager.amount / 100,
        )


@define
class Watcher:
    """Follows one game over its connections. `seq` is the greatest position that it knows."""

    game_id: str
    seq: int = 0
    bet_ids: set[str] = Factory(set)
    bets_told: Counter[str] = Factory(Counter)
    last_361: dict[str, Message] = Factory(dict)
    resolved: dict[str, Message] = Factory(dict)

    async def join(self, client: Client) -> None:
        """Subscribe."""
        joined = await client.call(363, game_id=self.game_id)
        assert joined["res"] == 333, joined
        self._follow(joined)

    async def watch(self, client: Client) -> None:
        """Receive until the game is closed or the connection is lost."""
        try:
            while (message := await client.receive())["res"] != 341:
                self.note(message)
        except ConnectionClosedError:
            return
        self._follow(message)

    def note(self, message: Message) -> None:
        """Record a publication at its position."""
        if "seq" in message:
            self._follow(message)
        if message["res"] == 361:
            self._note_bets(message)
        elif message["res"] in (362, 363):
            assert message["pool_id"] not in self.resolved, message
            self.resolved[message["pool_id"]] = message

    def _follow(self, message: Message) -> None:
        """Check the contract, section 1, "Positions": nothing is missed, and no watermark falls."""
        assert message.get("prev_seq", 0) <= self.seq, (self.seq, message)
        assert message["seq"] >= self.seq, (self.seq, message)
        self.seq = message["seq"]

    def _note_bets(self, message: Message) -> None:
        told = {bet["bet_id"] for bet in message["new_bets"]}
        assert len(told) == len(message["new_bets"]) <= 100
        self.bet_ids |= told
        pool_id = message["pool_id"]
        self.bets_told[pool_id] += len(told) + message.get("new_bets_omitted", 0)
        self.last_361[pool_id] = message


def add_players(server: Process, *names: str) -> list[Player]:
    """Add users with money, and return them with their credentials."""
    players = []
    with operating(server.database) as operator:
        for name in names:
            user = operator(AddUser(name, False, {"DON": INITIAL}, None))
            server.keys[name] = (user["id"], user["session_key"])
            players.append(Player(name, user["id"]))
    return players


async def open_games(host: Client, count: int) -> list[str]:
    """Open games in which the host can open pools on goals. Return their ids."""
    source = await host.call(365, source_name="the source")
    ids = []
    for number in range(count):
        game = await host.call(
            370,
            source_id=source["source_id"],
            game_name=f"game {number}",
            actions=["goal"],
            targets=["argentina", "brazil:7", "chile"],
        )
        assert (await host.call(616, game_id=game["game_id"]))["res"] == 640
        ids.append(game["game_id"])
    return ids


def kept_bets(server: Process, game_ids: Sequence[str]) -> list[Bet]:
    """Return every bet in the journals of these games, in order."""
    bets = []
    with closing(open_for_reading(server.database)) as database:
        for game_id in game_ids:
            seq = 0
            while page := entries(database, game_id, after=seq, limit=MOST_FACTS):
                seq = page[-1].seq
                for entry in page:
                    if isinstance(fact := entry.fact, BetPlaced):
                        owner = fact.bet_id, fact.user_id, fact.pool_id
                        bets.append(Bet(*owner, fact.target_id, fact.amount, entry.at))
    return bets


def _balance(message: Message) -> Balance:
    return Balance(
        hundredths(message["current_balance"]),
        hundredths(message["available_balance"]),
        message["cause"],
        message["pool_id"],
    )
