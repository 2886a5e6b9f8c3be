"""Reads the past results that a request concerns, a page at a time.

A pool may have many bets, and a moment may have decided many pools. Other actors work between two
pages. What the results are: `game/past.py`.
"""

import trio

from actors.games.bank import Bank
from game.commands import CorrectPool, TakeBackEvent
from game.past import Past, PastPool
from game.state import Game
from storage.reads import Reads

BALANCES_AT_ONCE = 1_000


async def past_of(
    command: CorrectPool | TakeBackEvent, game: Game, reads: Reads, bank: Bank
) -> Past:
    """Return what the decision on this command needs, and load the balances that it may move.

    Raise `StorageError`.
    """
    if isinstance(command, CorrectPool):
        past = Past(pools=await _resolved(game, [command.pool_id], reads))
    else:
        moment, taken_back, pool_ids = reads.moment_of(game.game_id, command.event_id)
        pools = await _resolved(game, pool_ids, reads)
        past = Past(pools=pools, moment=moment, taken_back=taken_back)
    users = [user_id for each in past.pools for user_id in each.received]
    for place, user_id in enumerate(users):
        bank.balance(user_id, game.currency)
        if place % BALANCES_AT_ONCE == 0:
            await trio.lowlevel.checkpoint()
    return past


async def _resolved(game: Game, pool_ids: list[str], reads: Reads) -> list[PastPool]:
    found = []
    for pool_id in pool_ids:
        if pool_id in game.pools:
            continue
        past = None
        for page in reads.past_pool(game.game_id, pool_id):
            past = page
            await trio.lowlevel.checkpoint()
        if past is not None:
            found.append(past)
    return found
