"""Messages about pools, bets, balances, chat and leaderboards, as they are on the wire.

Contract, sections 7 and 8. `test_messages.py` compares them. How figures are computed:
`test_pool_figures.py`. Which message answers or publishes what: `test_pool_replies.py`.
"""

from collections.abc import Sequence
from typing import Any

from attrs import evolve

from game.facts import (
    BetPlaced,
    EventRegistered,
    PoolOpened,
    PoolResolved,
    Settlement,
    TargetScratched,
)
from game.pools import Bet, Pool, opened_pool
from protocol import pool_messages, result_messages
from protocol.op import Response
from tests.support.play import ANN, BOB, GAME, HOST, NOW, OPENED, POOL

CAT = 44

BETS = [
    Bet("bet-1", ANN, "argentina:7", 1_000, NOW + 1),
    Bet("bet-2", ANN, "argentina:10 b", 250, NOW + 2),
    Bet("bet-3", BOB, "argentina:7", 1_750, NOW + 3),
]


def pool_with(bets: Sequence[Bet], opened: PoolOpened = OPENED) -> Pool:
    """Return the figures of a pool after these bets."""
    pool = opened_pool(opened, NOW)
    for bet in bets:
        pool.add(bet)
    return pool


STANDING = pool_with(BETS).snapshot()


def backed(target: str, name: str, symbol: str, people: int, money: float, odds: float) -> Any:
    return {
        "target_id": target,
        "display_name": name,
        "symbol": symbol,
        "backing_people": people,
        "backing_money": money,
        "to_win_if_backed": odds,
    }


# 30.00 in all: for one unit 30 / 27.5 and 30 / 2.5.
DISTRIBUTION = {
    "argentina:7": backed("argentina:7", "7", "7", 2, 27.5, 1.0909),
    "argentina:10 b": backed("argentina:10 b", "10 B", "10 ", 1, 2.5, 12.0),
    "none": backed("none", "None", "non", 0, 0, 1.0),
}
SHOWN = {
    "game_id": GAME,
    "pool_id": POOL,
    "description": "Who is next?",
    "type": 1,
    "action_id": "goal",
    "distribution": DISTRIBUTION,
    "participants": 2,
    "amount_total": 30,
    "target_level": 2,
    "is_blocked": False,
    "is_hot": True,
    "start_at": NOW,
    "finish_at": None,
    "stop_accepting_bets_at": NOW + 60_000,
    "recreate_on_end": False,
    "policy": {
        "name": "plain",
        "takeout": 0,
        "break_to": 0,
        "minimum": None,
        "dead_heat": "single",
        "unbacked": "refund",
    },
    "carried_in": 0,
    "min_stake": None,
    "max_stake": None,
    "max_stake_per_user": None,
    "bet_delay": 0,
    "confirm_for": 0,
}
BINARY = evolve(
    OPENED,
    type=4,
    action_id=f"pool-{POOL}",
    targets={"yes": "Yes", "no": "No"},
    is_blocked=True,
    finish_at=NOW + 9_000,
    stop_accepting_bets_at=None,
    recreate_on_end=True,
)
SHOWN_BINARY = SHOWN | {
    "type": 4,
    "action_id": f"pool-{POOL}",
    "distribution": {
        "yes": backed("yes", "Yes", "yes", 0, 0, 1.0),
        "no": backed("no", "No", "no", 0, 0, 1.0),
    },
    "participants": 0,
    "amount_total": 0,
    "target_level": 1,
    "is_blocked": True,
    "finish_at": NOW + 9_000,
    "stop_accepting_bets_at": None,
    "recreate_on_end": True,
}
PLACED = BetPlaced(pool_id=POOL, bet_id="b", user_id=ANN, target_id="argentina:7", amount=1_050)
EVENT = EventRegistered(
    event_id="e",
    action_id="goal",
    target_id="argentina:7",
    target_display_name="7",
    happened_at=NOW - 5,
    current_count={"argentina": 3, "argentina:7": 1},
    by=HOST,
)
RESOLVED = PoolResolved(
    pool_id=POOL,
    description="Who is next?",
    winning_target="argentina:7",
    settlements=(
        Settlement(ANN, won_stake=1_000, lost_stake=250, paid=1_091),
        Settlement(BOB, won_stake=1_750, paid=1_909, void_stake=30),
        Settlement(CAT, void_stake=500),
    ),
    is_money_return=False,
    by=HOST,
)
TOLD_RESOLVED = {
    "res": 362,
    "game_id": GAME,
    "pool_id": POOL,
    "description": "Who is next?",
    "winning_target": "argentina:7",
    "winning_targets": ["argentina:7"],
    "prices": {},
    "takeout": 0,
    "breakage": 0,
    "minus": 0,
    "carried_out": 0,
    "winners": {str(ANN): 0.91, str(BOB): 1.59},
    "losers": {str(ANN): 2.5},
    "invalidated_bettors": [BOB, CAT],
    "is_money_return": False,
    "resolved_at": NOW + 7,
    "result_seq": 9,
}
RETURNED = evolve(
    RESOLVED, settlements=(Settlement(ANN, returned_stake=1_250),), is_money_return=True
)
TOLD_RETURNED = TOLD_RESOLVED | {
    "winners": {},
    "losers": {},
    "invalidated_bettors": [],
    "is_money_return": True,
}
DEAD_HEAT = evolve(
    RESOLVED,
    winning_targets=("argentina:7", "none"),
    prices={"argentina:7": 10_900, "none": 20_000},
    takeout=125,
    breakage=50,
)
SCRATCHED = TargetScratched(
    pool_id=POOL,
    target_id="argentina:10 b",
    reason="He does not play",
    settlements=(Settlement(ANN, returned_stake=250),),
    participants=2,
    amount_total=2_750,
    by=HOST,
)
EXPIRED = evolve(RESOLVED, winning_target="none", expired_at=NOW + 6)
CANCELLED = evolve(RETURNED, winning_target=None, reason="Rain")
LINE = pool_messages.text_sent("Goal!", "ann", NOW, "m", (GAME, "other"))
UNEXPLAINED = evolve(CANCELLED, reason=None)
PLACES = [
    {"username": "ann", "points": 1_250, "rank": 1, "a column more": 1},
    {"username": "bob", "points": -100, "rank": 2, "a column more": 1},
]
LEADERBOARD = [
    {"username": "ann", "points": 12.5, "rank": 1},
    {"username": "bob", "points": -1, "rank": 2},
]
ROW: dict[str, Any] = {
    "winning_target": "argentina:7",
    "winning_targets": ["argentina:7"],
    "prices": {"argentina:7": 10_909},
    "resolved_at": NOW + 7,
    "result_seq": 9,
    "corrected_at": None,
    "given_back": 1_091,
    "backed": {"argentina:7": 1_000, "argentina:10 b": 250},
    "a column more": 1,
}
MINE = {"argentina:7": 10, "argentina:10 b": 2.5}


def named(bet_id: str, user: int, target: str, amount: float, at: int) -> dict[str, Any]:
    keys = "bet_id", "user_id", "target_id", "amount", "placed_at"
    return dict(zip(keys, (bet_id, user, target, amount, at), strict=True))


NEW_BETS = [
    named("bet-2", ANN, "argentina:10 b", 2.5, NOW + 2),
    named("bet-3", BOB, "argentina:7", 17.5, NOW + 3),
]
IN_360 = {
    "argentina:7": {
        "bet-1": {"user_id": ANN, "amount": 10, "placed_at": NOW + 1},
        "bet-3": {"user_id": BOB, "amount": 17.5, "placed_at": NOW + 3},
    },
    "argentina:10 b": {"bet-2": {"user_id": ANN, "amount": 2.5, "placed_at": NOW + 2}},
    "none": {},
}

Body = dict[str, Any]


def listed(response: Response, pool: Body) -> Body:
    return pool_messages.pools(response, GAME, {POOL: pool}, 4)


BODIES: list[tuple[Body, Body]] = [
    (pool_messages.pool_opened(GAME, POOL, "Who is next?", 1), {
        "res": 350, "game_id": GAME, "pool_id": POOL, "description": "Who is next?", "type": 1,
    }),
    (pool_messages.new_pool(GAME, STANDING), {"res": 352} | SHOWN),
    (pool_messages.new_pool(GAME, pool_with([], BINARY).snapshot()), {"res": 352} | SHOWN_BINARY),
    (listed(Response.ALL_POOLS_FOR_GAME, pool_messages.pool(GAME, STANDING)), {
        "res": 3535, "game_id": GAME, "pools_list": {POOL: SHOWN}, "total": 4,
    }),
    (listed(Response.MY_OPEN_POOLS_FOR_GAME, pool_messages.pool(GAME, STANDING)), {
        "res": 353, "game_id": GAME, "pools_list": {POOL: SHOWN}, "total": 4,
    }),
    (listed(Response.MY_RUNNING_POOLS_FOR_GAME, pool_messages.user_backed(ROW["backed"])), {
        "res": 354, "game_id": GAME, "pools_list": {POOL: {"user_backed": MINE}}, "total": 4,
    }),
    (
        listed(
            Response.MY_RESOLVED_POOLS_FOR_GAME, pool_messages.resolved_pool(GAME, STANDING, ROW)
        ),
        {
            "res": 355, "game_id": GAME, "total": 4, "pools_list": {POOL: SHOWN | {
                "winning_target": "argentina:7", "winning_targets": ["argentina:7"],
                "prices": {"argentina:7": 1.0909}, "resolved_at": NOW + 7, "total_winnings": 10.91,
                "user_backed": MINE, "result_seq": 9, "corrected_at": None,
            }},
        },
    ),
    (
        result_messages.resolved_pools(
            GAME, [result_messages.result(STANDING, ROW | {"is_money_return": 0})], 4
        ),
        {
            "res": 3551, "game_id": GAME, "total": 4, "pools": [{
                "pool_id": POOL, "description": SHOWN["description"], "type": SHOWN["type"],
                "action_id": SHOWN["action_id"], "winning_target": "argentina:7",
                "winning_targets": ["argentina:7"], "is_money_return": False,
                "amount_total": 30, "participants": 2, "prices": {"argentina:7": 1.0909},
                "resolved_at": NOW + 7, "result_seq": 9, "corrected_at": None,
            }],
        },
    ),
    (pool_messages.bet_placed(PLACED), {
        "res": 356, "pool_id": POOL, "bet_id": "b", "target": "argentina:7", "amount": 10.5,
    }),
    (pool_messages.bets_distribution(GAME, STANDING, BETS, 3), {
        "res": 360, "game_id": GAME, "pool_id": POOL, "target_level": 2, "participants": 2,
        "amount_total": 30, "bets_total": 3,
        "distribution": {t: DISTRIBUTION[t] | {"bets": IN_360[t]} for t in DISTRIBUTION},
    }),
    (pool_messages.distribution_changed(GAME, STANDING, BETS[1:]), {
        "res": 361, "pool_id": POOL, "game_id": GAME, "target_level": 2, "participants": 2,
        "amount_total": 30, "distribution": DISTRIBUTION, "new_bets": NEW_BETS,
    }),
    (result_messages.event_registered(GAME, EVENT), {
        "res": 366, "game_id": GAME, "event_id": "e", "action_id": "goal",
        "target_id": "argentina:7", "target_display_name": "7",
        "current_count": {"argentina": 3, "argentina:7": 1}, "happened_at": NOW - 5,
    }),
    (result_messages.pool_resolved(GAME, RESOLVED, NOW + 7, 9), TOLD_RESOLVED),
    (result_messages.pool_resolved(GAME, RETURNED, NOW + 7, 9), TOLD_RETURNED),
    (result_messages.pool_resolved(GAME, EXPIRED, NOW + 7, 9), TOLD_RESOLVED | {
        "res": 363, "winning_target": "none", "winning_targets": ["none"], "expired_at": NOW + 6,
    }),
    (result_messages.pool_resolved(GAME, CANCELLED, NOW + 7, 9), TOLD_RETURNED | {
        "winning_target": None, "winning_targets": [], "reason": "Rain",
    }),
    (result_messages.pool_resolved(GAME, UNEXPLAINED, NOW + 7, 9), TOLD_RETURNED | {
        "winning_target": None, "winning_targets": [], "reason": None,
    }),
    (result_messages.pool_cancelled(POOL), {"res": 3991, "pool_id": POOL}),
    (result_messages.target_scratched(GAME, SCRATCHED, NOW + 7), {
        "res": 3681, "game_id": GAME, "pool_id": POOL, "target_id": "argentina:10 b",
        "reason": "He does not play", "refunded": {str(ANN): 2.5}, "participants": 2,
        "amount_total": 27.5, "scratched_at": NOW + 7,
    }),
    (result_messages.pool_resolved(GAME, DEAD_HEAT, NOW + 7, 9), TOLD_RESOLVED | {
        "winning_targets": ["argentina:7", "none"], "takeout": 1.25, "breakage": 0.5,
        "prices": {"argentina:7": 1.09, "none": 2.0}, "carried_out": 0, "minus": 0,
    }),
    (pool_messages.pool_hot(GAME, POOL, NOW), {
        "res": 367, "game_id": GAME, "pool_id": POOL, "hot_since": NOW,
    }),
    (pool_messages.pools_hot(GAME, [POOL], NOW), {
        "res": 367, "game_id": GAME, "hot_since": NOW, "pools": [POOL],
    }),
    (pool_messages.betting_blocked(GAME, POOL, NOW), {
        "res": 368, "game_id": GAME, "pool_id": POOL, "blocked_at": NOW,
    }),
    (pool_messages.betting_allowed(GAME, POOL, NOW), {
        "res": 369, "game_id": GAME, "pool_id": POOL, "allowed_at": NOW,
    }),
    (pool_messages.action_blocked(GAME, "goal", NOW), {
        "res": 370, "game_id": GAME, "action": "goal", "action_id": "goal", "blocked_at": NOW,
    }),
    (pool_messages.action_allowed(GAME, "goal", NOW), {
        "res": 371, "game_id": GAME, "action": "goal", "action_id": "goal", "allowed_at": NOW,
    }),
    (pool_messages.game_closing(GAME, [POOL]), {"res": 3411, "game_id": GAME, "pools": [POOL]}),
    (pool_messages.current_balance("EUR", 100_001), {
        "res": 800, "currency": "EUR", "current_balance": 1_000.01,
    }),
    (pool_messages.available_balance("DON", 0), {
        "res": 810, "currency": "DON", "available_balance": 0,
    }),
    (pool_messages.exposure("DON", 1_050), {"res": 840, "currency": "DON", "exposure": 10.5}),
    (pool_messages.balance_update("DON", 3_000, 1_950, "bet", pool_id=POOL, game_id=GAME), {
        "res": 815, "currency": "DON", "current_balance": 30, "available_balance": 19.5,
        "cause": "bet", "pool_id": POOL, "game_id": GAME,
    }),
    (pool_messages.balance_update("DON", 3_000, 3_000, "credit"), {
        "res": 815, "currency": "DON", "current_balance": 30, "available_balance": 30,
        "cause": "credit",
    }),
    (LINE, {
        "res": 901, "text": "Goal!", "sender": "ann", "received_at": NOW, "message_id": "m",
        "channels": [GAME, "other"],
    }),
    (pool_messages.text_received(LINE, GAME), {
        "res": 901, "text": "Goal!", "sender": "ann", "received_at": NOW, "message_id": "m",
        "channel": GAME,
    }),
    (pool_messages.leaderboard("EUR", PLACES), {
        "res": 450, "currency": "EUR", "leaderboard": LEADERBOARD,
    }),
    (pool_messages.game_leaderboard(GAME, "EUR", PLACES), {
        "res": 451, "game_id": GAME, "currency": "EUR", "leaderboard": LEADERBOARD,
    }),
]  # fmt: skip
