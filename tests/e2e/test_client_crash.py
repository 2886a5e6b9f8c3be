"""Programs bet through client sessions while their server is killed, and need not handle it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import trio

from tests.e2e.bettors import INITIAL, add_players, kept_bets, open_games
from tests.support.process import PATIENCE_S, Process, toteboard
from toteboard_client import Client, Money, Session, SessionKey, connect, stay_connected
from toteboard_client.messages import BetsDistributionChanged

KILLS = 2
BETTORS = 6
BETS_IN_A_LIFE = 40
"""So few that no 361 has to leave any out."""


@asynccontextmanager
async def session_of(server: Process, name: str) -> AsyncIterator[Session]:
    """Open a session that finds the server again, although each of its lives has another port."""

    @asynccontextmanager
    async def dial(anew: bool) -> AsyncIterator[Client]:
        key = await SessionKey(*server.keys[name]).key(anew=anew)
        url = f"ws://127.0.0.1:{server.port}/"
        async with connect(url, key.user_id, key.session_key) as client:
            yield client

    async with stay_connected(dial) as session:
        yield session


class Betting:
    """What the bettors were told, and when the server is to be killed."""

    def __init__(self, server: Process, pool_id: str) -> None:
        self.server, self.pool_id = server, pool_id
        self.bet_ids: list[str] = []
        self.is_over = False
        self._answered = count(1)

    async def bet(self, name: str) -> None:
        """Bet 0.01, 0.02 and so on until the end, no amount twice."""
        async with session_of(self.server, name) as session:
            for amount in count(1):
                if self.is_over:
                    return
                stake = Money.of_hundredths(amount)
                bet = await session.place_bet(self.pool_id, "brazil", stake)
                self.bet_ids.append(bet.bet_id)
                if next(self._answered) % BETS_IN_A_LIFE == 0 and not self.is_over:
                    self.server.process.kill()

    async def restart_again_and_again(self) -> None:
        for _ in range(KILLS):
            await self.server.ended()
            await self.server.start()
        self.is_over = True


async def watch(session: Session, until: set[str], told: set[str]) -> None:
    """Receive bets until all of these have been published."""
    async for news in session:
        if isinstance(news, BetsDistributionChanged):
            assert news.new_bets_omitted is None
            told |= {bet.bet_id for bet in news.new_bets}
        if until and until <= told:
            return


async def test_no_bet_is_lost_or_doubled_and_no_publication_missed(tmp_path: Path) -> None:
    async with Process(tmp_path, "--log-level", "warning") as server:
        server.add_user("ann", can_host=True)
        players = add_players(server, *map(str, range(BETTORS)))
        async with server.connect("ann") as host:
            (game_id,) = await open_games(host, 1)
        told: set[str] = set()
        until: set[str] = set()
        with trio.fail_after(2 * PATIENCE_S):
            async with session_of(server, "ann") as watcher:
                pool = await watcher.open_pool(game_id, "a goal?", action="goal")
                betting = Betting(server, pool.pool_id)
                await watcher.join_game(game_id)
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(betting.restart_again_and_again)
                    for player in players:
                        nursery.start_soon(betting.bet, player.name)
                until |= set(betting.bet_ids)
                await watch(watcher, until, told)
        kept = kept_bets(server, [game_id])
        assert sorted(bet.bet_id for bet in kept) == sorted(betting.bet_ids), "none lost"
        assert len({(bet.user_id, bet.amount) for bet in kept}) == len(kept), "none doubled"
        assert told == set(betting.bet_ids), "nothing missed"
        assert len(kept) >= KILLS * BETS_IN_A_LIFE
        assert max(bet.amount for bet in kept) < INITIAL
        assert (await toteboard(server.folder, "check")).returncode == 0
