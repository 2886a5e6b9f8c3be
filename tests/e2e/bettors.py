"""People who bet and people who watch, on real connections, and what each of them knows.

A player keeps accounts of its own from what it is told, as a good client would; a watcher of one
game follows its positions. What the server keeps is read from the file, by `kept_bets`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import islice

import trio
from attrs import Factory, define, frozen
from trio_websocket import ConnectionClosed

from game.facts import BetPlaced
from storage.journal import MOST_FACTS, entries
from storage.opening import open_for_reading
from storage.store import AddUser
from tests.support.process import PATIENCE_S, Process
from toteboard.client import Client, Message
from toteboard.operator.operating import operating

INITIAL = 100_000
"""What every player begins with, in hundredths."""
ASKED = "asked"


def hundredths(value: float) -> int:
    """An amount that was told, which has to have at most two decimals."""
    whole = round(value * 100)
    assert value == whole / 100, value
    return whole


@frozen
class Wager:
    """A bet to be placed; `amount` in hundredths. A player never gives a number twice."""

    number: int
    pool_id: str
    target: str
    amount: int


@frozen
class Bet:
    """A bet as the journal keeps it."""

    bet_id: str
    user_id: int
    pool_id: str
    target: str
    amount: int
    placed_at: int


@frozen
class Balance:
    """An 815: what it says, in hundredths, and why."""

    current: int
    available: int
    cause: str
    pool_id: str


@define
class Player:
    """Bets, and keeps in mind what it was told of each wager and of its balance."""

    name: str
    user_id: int
    asked: dict[int, Wager] = Factory(dict)
    placed: dict[int, str] = Factory(dict)
    refused: dict[int, Message] = Factory(dict)
    balances: list[Balance] = Factory(list)

    async def bet(self, client: Client, wagers: Iterable[Wager], in_flight: int) -> None:
        """Place wagers, so many at a time, until all are answered."""
        waiting, under_way = iter(wagers), 0
        while True:
            for wager in islice(waiting, in_flight - under_way):
                await self._place(client, wager)
                under_way += 1
            if not under_way:
                return
            under_way -= self.note(await client.receive())

    async def ask(self, client: Client, op: int, **parameters: object) -> Message:
        """Ask something else; what is told before the reply is noted."""
        await client.send(op, header={"request_id": ASKED}, **parameters)
        with trio.fail_after(PATIENCE_S):
            while True:
                message = await client.receive()
                if message["response_header"].get("request_id") == ASKED:
                    return message
                self.note(message)

    def note(self, message: Message) -> bool:
        """Keep in mind what a message says; whether it answers a wager."""
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
        """What the acknowledged wagers sum to, in hundredths."""
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
    """Follows one game over its connections; `seq` is the greatest that it knows."""

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
        """Listen until the game is closed, or the connection lost."""
        try:
            while (message := await client.receive())["res"] != 341:
                self.note(message)
        except ConnectionClosed:
            return
        self._follow(message)

    def note(self, message: Message) -> None:
        """Keep in mind what a publication says, in its place."""
        if "seq" in message:
            self._follow(message)
        if message["res"] == 361:
            self._note_bets(message)
        elif message["res"] in (362, 363):
            assert message["pool_id"] not in self.resolved, message
            self.resolved[message["pool_id"]] = message

    def _follow(self, message: Message) -> None:
        """Contract, section 1, "Positions": nothing was missed, and no watermark falls."""
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
    """New users with money, and the means to sign in."""
    players = []
    with operating(server.database) as operator:
        for name in names:
            user = operator(AddUser(name, False, {"DON": INITIAL}, None))
            server.keys[name] = (user["id"], user["session_key"])
            players.append(Player(name, user["id"]))
    return players


async def open_games(host: Client, count: int) -> list[str]:
    """Games in which the host may open pools on goals; gives their ids."""
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
    """Every bet in the journals of these games, in order."""
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
