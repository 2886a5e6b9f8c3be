"""A player for runs with cut connections: `player.py LOOP URL ID KEY GAME POOL`.

It bets until the game closes. Each reply to a bet, and each publication, is a line of JSON.
"""

import json
import sys
from itertools import count

import anyio

from toteboard_client import Game, Received, RefusedError, Session, SessionKey, open_session


def say(**line: object) -> None:
    """Print a line of JSON."""
    print(json.dumps(line), flush=True)


async def bet(game: Game, pool_id: str) -> None:
    """Place bets until one is refused."""
    for number in count(1):
        target = ("argentina", "brazil")[number % 2]
        try:
            reply = await game.place_bet(pool_id, target, "0.01")
        except RefusedError as refused:
            return say(refused=refused.code)
        say(bet=reply.bet_id)
        await anyio.sleep(0.01)


async def listen(source: Game | Session) -> None:
    """Print every news."""
    async for news in source:
        if isinstance(news, Received):
            say(told=news.raw)
        else:
            say(notice=type(news).__name__)


async def main(*arguments: str) -> None:
    """Join a game, and bet until it closes."""
    url, user_id, key, game_id, pool_id = arguments
    async with open_session(url, SessionKey(int(user_id), key)) as session:
        game = await session.join(game_id)
        say(joined=game.joined.seq)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(bet, game, pool_id)
            await listen(game)


anyio.run(main, *sys.argv[2:], backend=sys.argv[1])
