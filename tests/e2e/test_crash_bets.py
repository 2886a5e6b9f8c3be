"""A server under a load of bets is killed again and again: none is lost, none placed twice."""

from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from itertools import chain, count
from pathlib import Path

import trio

from storage.audit import audit
from storage.database import open_for_reading
from tests.e2e.bettors import (
    INITIAL,
    Bet,
    Player,
    Wager,
    Watcher,
    add_players,
    hundredths,
    kept_bets,
    open_games,
)
from tests.process import PATIENCE_S, Process, toteboard
from toteboard.client import Client

KILLS = 20
PLAYERS = 40
IN_FLIGHT = 5
POOLS = 8
"""So many that no 361 has to tell of more than a hundred bets: each one is named."""
WATCHERS = 2
ENOUGH = 60
"""Answers in a life before it ends, and a few more in each next one."""


class Season:
    """A game over all the lives of its server, and the people who come back to it.

    No player stakes the same amount twice: so the journal says which wagers were placed.
    """

    def __init__(self, server: Process, game_id: str, pool_ids: list[str]) -> None:
        self.server, self.game_id, self.pool_ids = server, game_id, pool_ids
        self.players = add_players(server, *map(str, range(PLAYERS)), keyed=True)
        self.watchers = [Watcher(game_id) for _ in range(WATCHERS)]
        self.kept: list[Bet] = []
        self.repetitions = 0
        self._wagers = {player.user_id: self._all_wagers(player) for player in self.players}

    def _all_wagers(self, player: Player) -> Iterator[Wager]:
        for number in count(1):
            pool_id = self.pool_ids[(player.user_id + number) % POOLS]
            yield Wager(number, pool_id, "brazil", amount=number)

    def kept_of(self, player: Player) -> dict[int, Bet]:
        """A player's bets that were in the journal when this life began, by number."""
        return {bet.amount: bet for bet in self.kept if bet.user_id == player.user_id}

    async def live(self, enough: int) -> None:
        """Everyone comes back and bets; after so many answers the server is killed."""
        answers = count(1)

        def on_answer() -> None:
            if next(answers) == enough:
                self.server.process.kill()

        with trio.fail_after(PATIENCE_S):
            async with AsyncExitStack() as exits, trio.open_nursery() as nursery:
                await self._watchers_return(exits, nursery)
                for player, seat in await self._players_return(exits):
                    wagers = chain(self.to_repeat(player), self._wagers[player.user_id])
                    nursery.start_soon(player.bet, seat, wagers, IN_FLIGHT, on_answer)
        assert await self.server.ended() != 0

    async def end(self) -> None:
        """Everyone comes back, what is in doubt is settled, and the game is over."""
        with trio.fail_after(PATIENCE_S):
            async with AsyncExitStack() as exits, trio.open_nursery() as nursery:
                await self._watchers_return(exits, nursery)
                for player, seat in await self._players_return(exits):
                    await player.bet(seat, self.to_repeat(player), IN_FLIGHT)
                    assert player.unanswered == []
                host = await exits.enter_async_context(self.server.connect("ann"))
                assert (await host.call(375, game_id=self.game_id))["res"] == 341

    async def _watchers_return(self, exits: AsyncExitStack, nursery: trio.Nursery) -> None:
        for watcher in self.watchers:
            reader = await exits.enter_async_context(self.server.connect("ann"))
            await watcher.join(reader, since=watcher.seq)
            nursery.start_soon(watcher.watch, reader)

    async def _players_return(self, exits: AsyncExitStack) -> list[tuple[Player, Client]]:
        """All have come back, and found their balances in order, before anyone bets."""
        returned = []

        async def come_back(player: Player) -> None:
            seat = await exits.enter_async_context(self.server.connect(player.name))
            await self.assert_balances(player, seat)
            returned.append((player, seat))

        async with trio.open_nursery() as nursery:
            for player in self.players:
                nursery.start_soon(come_back, player)
        return returned

    def to_repeat(self, player: Player) -> list[Wager]:
        """Everything that is in doubt, and the latest that is not."""
        latest = list(player.placed)[-1:]
        player.is_repeated.clear()
        return [*player.unanswered, *(player.asked[number] for number in latest)]

    async def assert_balances(self, player: Player, seat: Client) -> None:
        """The stakes of what is kept, and no others, have been taken."""
        staked = sum(self.kept_of(player))
        exposure = await player.ask(seat, 840)
        available = await player.ask(seat, 810)
        assert hundredths(exposure["exposure"]) == staked
        assert hundredths(available["available_balance"]) == INITIAL - staked

    def take_stock(self) -> None:
        """Compare what the players know with the file that the server has left."""
        with closing(open_for_reading(self.server.database)) as database:
            assert audit(database) == []
        for player in self.players:
            self._assert_repetitions_were_told(player)
        before, self.kept = self.kept, kept_bets(self.server, [self.game_id])
        assert self.kept[: len(before)] == before
        assert len({bet.bet_id for bet in self.kept}) == len(self.kept)
        assert len({(bet.user_id, bet.amount) for bet in self.kept}) == len(self.kept)
        for player in self.players:
            kept = self.kept_of(player)
            assert player.placed.items() <= {n: bet.bet_id for n, bet in kept.items()}.items()
            assert player.refused == {}
            for number, bet in kept.items():
                wager = player.asked[number]
                assert (bet.pool_id, bet.target) == (wager.pool_id, wager.target)

    def _assert_repetitions_were_told(self, player: Player) -> None:
        """`repeated` where it had been done, with the first bet's id, and nowhere else."""
        kept = self.kept_of(player)
        for number, is_repeated in player.is_repeated.items():
            assert is_repeated is (number in kept), (player.name, number)
            if is_repeated:
                self.repetitions += 1
                assert player.placed[number] == kept[number].bet_id


async def begin(server: Process) -> Season:
    """A game with pools on goals."""
    async with server.connect("ann") as host:
        (game_id,) = await open_games(host, 1)
        pools = [
            await host.call(385, game_id=game_id, description="a goal?", action="goal")
            for _ in range(POOLS)
        ]
    return Season(server, game_id, [pool["pool_id"] for pool in pools])


async def test_bets_survive_twenty_kills_and_none_is_placed_twice(tmp_path: Path) -> None:
    fast = "--distribution-interval", "20ms", "--log-level", "warning"
    async with Process(tmp_path, *fast) as server:
        server.add_user("ann", can_host=True)
        season = await begin(server)
        for life in range(KILLS):
            await season.live(ENOUGH + 3 * life)
            season.take_stock()
            await server.start()
        await season.end()
        season.take_stock()
        for watcher in season.watchers:
            assert watcher.bet_ids == {bet.bet_id for bet in season.kept}
        assert season.repetitions > KILLS
        checked = await toteboard(server.folder, "check")
        assert (checked.returncode, checked.stderr) == (0, b""), checked.stdout
