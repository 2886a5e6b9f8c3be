"""Two hundred users bet at the same time on real sockets: no bet and no hundredth is lost."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import pytest
import trio
from attrs import Factory, define

from tests.e2e.bettors import (
    INITIAL,
    Balance,
    Bet,
    Player,
    Wager,
    Watcher,
    add_players,
    hundredths,
    kept_bets,
    open_games,
)
from tests.support.process import PATIENCE_S, Process, toteboard
from toteboard_client import Client, Message

PLAYERS = 200
BETS_EACH = 10
IN_FLIGHT = 4
WATCHERS = 5
PARIMUTUEL, BINARY, CANCELLED = range(3)
TARGETS = {
    PARIMUTUEL: ("argentina", "brazil", "chile"),
    BINARY: ("yes", "no"),
    CANCELLED: ("brazil", "none"),
}
WINNER = {PARIMUTUEL: "brazil", BINARY: "yes", CANCELLED: None}


@define
class Evening:
    """Games with pools of several kinds, the players, and the watchers of each game."""

    server: Process
    host: Client
    games: list[str]
    players: list[Player]
    kinds: dict[str, int] = Factory(dict)
    pools: dict[str, list[str]] = Factory(dict)
    watchers: list[Watcher] = Factory(list)
    voided_after: dict[str, int] = Factory(dict)

    @classmethod
    async def begin(cls, server: Process, host: Client, games: int, pools: int) -> Self:
        """Open `games` games with `pools` pools altogether."""
        players = add_players(server, *map(str, range(PLAYERS)))
        evening = cls(server, host, await open_games(host, games), players)
        for number in range(pools):
            kind = (PARIMUTUEL, PARIMUTUEL, BINARY, CANCELLED)[number // games % 4]
            await evening._open_pool(evening.games[number % games], kind)
        return evening

    async def _open_pool(self, game_id: str, kind: int) -> None:
        type_ = 3 if kind == BINARY else 1
        pool = await self.host.call(
            385, game_id=game_id, description="a pool", action="goal", type=type_
        )
        self.kinds[pool["pool_id"]] = kind
        self.pools.setdefault(game_id, []).append(pool["pool_id"])

    def wagers(self, player: int) -> list[Wager]:
        """Return the wagers of a player. One in ten is more than the player's balance."""
        pool_ids = list(self.kinds)
        wagers = []
        for number in range(BETS_EACH):
            pool_id = pool_ids[(7 * player + 3 * number) % len(pool_ids)]
            targets = TARGETS[self.kinds[pool_id]]
            amount = 30_001 if player % 10 == 0 else 1 + (37 * player + 101 * number) % 9_000
            target = targets[(player + number) % len(targets)]
            wagers.append(Wager(number, pool_id, target, amount))
        return wagers

    async def end(self) -> None:
        """Cancel some pools, resolve the others with events, and close the games."""
        for game_id in self.games:
            for pool_id in self._of(game_id, CANCELLED):
                assert (await self.host.call(399, pool_id=pool_id))["res"] == 3991
            bets = kept_bets(self.server, [game_id])
            goal_at = bets[len(bets) // 2].placed_at
            self.voided_after |= dict.fromkeys(self._of(game_id, PARIMUTUEL), goal_at)
            await self._event(game_id, "goal", "brazil:7", happened_at=goal_at)
            for pool_id in self._of(game_id, BINARY):
                await self._event(game_id, f"pool-{pool_id}", "yes")
            assert (await self.host.call(375, game_id=game_id))["res"] == 341

    async def _event(self, game_id: str, action: str, target: str, **when: Any) -> None:
        event = await self.host.call(
            395, game_id=game_id, action_id=action, target_id=target, **when
        )
        assert event["res"] == 366, event

    def _of(self, game_id: str, kind: int) -> list[str]:
        return [pool_id for pool_id in self.pools[game_id] if self.kinds[pool_id] == kind]


@pytest.mark.parametrize(("games", "pools"), [(1, 1), (5, 50)], ids=["one pool", "fifty pools"])
async def test_two_hundred_at_once_and_every_bet_is_kept_told_and_paid_once(
    tmp_path: Path, games: int, pools: int
) -> None:
    async with AsyncExitStack() as exits:
        server = await exits.enter_async_context(Process(tmp_path, "--log-level", "warning"))
        server.add_user("ann", can_host=True)
        host = await exits.enter_async_context(server.connect("ann"))
        evening = await Evening.begin(server, host, games, pools)
        seats = await sit_down(evening, exits)
        with trio.fail_after(PATIENCE_S):
            async with trio.open_nursery() as nursery:
                for number in range(max(WATCHERS, games)):
                    await watch(evening, await server.dial("ann"), games, number, nursery)
                await everybody_bets(evening, seats)
                bets = kept_bets(server, evening.games)
                assert_acknowledged_bets_are_kept_once(evening.players, bets)
                for player, seat in zip(evening.players, seats, strict=True):
                    await assert_balances_told(player, seat, 0)
                for pool_id in evening.kinds:
                    await assert_listed(host, pool_id, bets)
                await evening.end()
        for watcher in evening.watchers:
            assert_told_of_all(watcher, [b for b in bets if b.pool_id in watcher.resolved])
            assert watcher.resolved.keys() == set(evening.pools[watcher.game_id])
        resolved = {i: m for watcher in evening.watchers for i, m in watcher.resolved.items()}
        assert any(message["invalidated_bettors"] for message in resolved.values())
        for pool_id, message in resolved.items():
            assert_settled(evening, message, [bet for bet in bets if bet.pool_id == pool_id])
        points = {}
        for player, seat in zip(evening.players, seats, strict=True):
            mine = [bet for bet in bets if bet.user_id == player.user_id]
            points[player.name] = won = won_by(player, mine, resolved)
            await assert_balances_told(player, seat, won, is_over=True)
            assert_815s_add_up(player, mine, resolved)
        await assert_ranked(host, points)
        checked = await toteboard(server.folder, "check")
        assert (checked.returncode, checked.stderr) == (0, b""), checked.stdout
        assert [line["event"] for line in server.lines] == ["listening"]


async def sit_down(evening: Evening, exits: AsyncExitStack) -> list[Client]:
    """Open a connection for each player, in their order."""
    seats: dict[str, Client] = {}

    async def connect(name: str) -> None:
        seats[name] = await exits.enter_async_context(evening.server.connect(name))

    async with trio.open_nursery() as nursery:
        for player in evening.players:
            nursery.start_soon(connect, player.name)
    return [seats[player.name] for player in evening.players]


async def watch(
    evening: Evening, client: Client, games: int, number: int, nursery: trio.Nursery
) -> None:
    watcher = Watcher(evening.games[number % games])
    await watcher.join(client)
    evening.watchers.append(watcher)
    nursery.start_soon(watcher.watch, client)


async def everybody_bets(evening: Evening, seats: Sequence[Client]) -> None:
    async with trio.open_nursery() as nursery:
        for number, (player, seat) in enumerate(zip(evening.players, seats, strict=True)):
            nursery.start_soon(player.bet, seat, evening.wagers(number), IN_FLIGHT)


def assert_acknowledged_bets_are_kept_once(players: Sequence[Player], bets: list[Bet]) -> None:
    acknowledged = {
        (bet_id, player.user_id, wager.pool_id, wager.target, wager.amount)
        for player in players
        for number, bet_id in player.placed.items()
        for wager in (player.asked[number],)
    }
    kept = [(bet.bet_id, bet.user_id, bet.pool_id, bet.target, bet.amount) for bet in bets]
    assert len(kept) == len(set(kept)) == len({bet.bet_id for bet in bets})
    assert set(kept) == acknowledged
    refused = [message for player in players for message in player.refused.values()]
    assert len(kept) + len(refused) == PLAYERS * BETS_EACH
    assert {message["code"] for message in refused} == {"insufficient_funds"}
    assert all(hundredths(message["available_balance"]) < 30_001 for message in refused)


async def assert_balances_told(
    player: Player, seat: Client, won: int, *, is_over: bool = False
) -> None:
    """Check the server's balances against those that the player computes from its replies."""
    exposure = 0 if is_over else player.staked
    for op, name, expected in (
        (800, "current_balance", INITIAL + won),
        (810, "available_balance", INITIAL + won - exposure),
        (840, "exposure", exposure),
    ):
        told = await player.ask(seat, op)
        assert hundredths(told[name]) == expected, (player.name, told)


async def assert_listed(host: Client, pool_id: str, bets: list[Bet]) -> None:
    """Check that 393, in pages, lists the bets in order of acceptance."""
    expected = [bet.bet_id for bet in bets if bet.pool_id == pool_id]
    listed: set[str] = set()
    for offset in range(0, len(expected) or 1, 500):
        page = await host.call(393, pool_id=pool_id, offset=offset, limit=500)
        ids = {bet_id for each in page["distribution"].values() for bet_id in each["bets"]}
        assert ids == set(expected[offset : offset + 500])
        assert page["bets_total"] == len(expected)
        listed |= ids
    assert listed == set(expected)


def assert_told_of_all(watcher: Watcher, bets: list[Bet]) -> None:
    """Check that the 361s are complete, and that the last of a pool has its final state."""
    assert watcher.bets_told == Counter(bet.pool_id for bet in bets)
    assert watcher.bet_ids <= {bet.bet_id for bet in bets}
    for pool_id, message in watcher.last_361.items():
        mine = [bet for bet in bets if bet.pool_id == pool_id]
        assert hundredths(message["amount_total"]) == sum(bet.amount for bet in mine)
        assert message["participants"] == len({bet.user_id for bet in mine})
        backed: defaultdict[str, int] = defaultdict(int)
        for bet in mine:
            backed[bet.target] += bet.amount
        told = {t: hundredths(d["backing_money"]) for t, d in message["distribution"].items()}
        assert {target: money for target, money in told.items() if money} == backed


def assert_settled(evening: Evening, message: Message, bets: list[Bet]) -> None:
    """Check that winnings equal losses, and that bets after the event are refunded."""
    pool_id = message["pool_id"]
    winner = WINNER[evening.kinds[pool_id]]
    void_after = evening.voided_after.get(pool_id)
    void = [bet for bet in bets if void_after is not None and bet.placed_at > void_after]
    valid = bets[: len(bets) - len(void)]
    assert message["winning_target"] == winner
    assert {*message["invalidated_bettors"]} == {bet.user_id for bet in void}
    is_won = any(bet.target == winner for bet in valid)
    assert message["is_money_return"] is (winner is None or (bool(valid) and not is_won))
    lost: defaultdict[str, int] = defaultdict(int)
    for bet in valid if is_won else ():
        if bet.target != winner:
            lost[str(bet.user_id)] += bet.amount
    assert {user: hundredths(amount) for user, amount in message["losers"].items()} == lost
    assert sum(map(hundredths, message["winners"].values())) == sum(lost.values())
    winners = {str(b.user_id) for b in valid if is_won and b.target == winner}
    assert message["winners"].keys() == winners


def won_by(player: Player, bets: list[Bet], resolved: dict[str, Message]) -> int:
    """Return what a player's pools paid beyond its stakes, in hundredths."""
    return sum(_net(resolved[pool_id], player.user_id) for pool_id in {b.pool_id for b in bets})


def assert_815s_add_up(player: Player, bets: list[Bet], resolved: dict[str, Message]) -> None:
    """Check that every 815 follows from the one before it: one for each bet and each pool."""
    expected = Counter((bet.pool_id, "bet", -bet.amount) for bet in bets)
    stakes: Counter[str] = Counter()
    for bet in bets:
        stakes[bet.pool_id] += bet.amount
    for pool_id, staked in stakes.items():
        net = _net(resolved[pool_id], player.user_id)
        expected[pool_id, _cause(resolved[pool_id], player.user_id, staked), net + staked] += 1
    told: Counter[tuple[str, str, int]] = Counter()
    before = Balance(INITIAL, INITIAL, "credit", "")
    for update in player.balances:
        net = 0 if update.cause == "bet" else _net(resolved[update.pool_id], player.user_id)
        assert update.current - before.current == net, update
        told[update.pool_id, update.cause, update.available - before.available] += 1
        before = update
    assert told == expected


def _cause(message: Message, user_id: int, staked: int) -> str:
    if str(user_id) in message["winners"]:
        return "payout"
    return "loss" if hundredths(message["losers"].get(str(user_id), 0)) == staked else "refund"


def _net(message: Message, user_id: int) -> int:
    """Return the net result of a pool for a user."""
    won = message["winners"].get(str(user_id), 0)
    return hundredths(won) - hundredths(message["losers"].get(str(user_id), 0))


async def assert_ranked(host: Client, points: dict[str, int]) -> None:
    board = await host.call(450, end=1_000)
    told = [(place["username"], hundredths(place["points"])) for place in board["leaderboard"]]
    betting = sorted(points.items(), key=lambda each: (-each[1], each[0]))
    assert told == betting
    ranks = [1 + sum(other > mine for _, other in told) for _, mine in told]
    assert [place["rank"] for place in board["leaderboard"]] == ranks
