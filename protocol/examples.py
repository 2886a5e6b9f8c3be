"""Messages about a pool from its opening to its end, for the reference (`protocol/spec.py`).

The times and ids are invented. Everything else is computed by the rules.
"""

from typing import Any, Final

from attrs import asdict

from game.facts import EventRegistered, PoolOpened, PoolResolved
from game.payout import settle
from game.pools import Bet, Pool, opened_pool
from game.vocabulary import PoolType
from protocol import pool_messages, result_messages

_NOW: Final = 1_800_000_000_000
_SECOND: Final = 1_000


def _id(number: int) -> str:
    return f"00000000-0000-5000-8000-{number:012}"


_GAME_ID: Final = _id(1)
_OPENED: Final = PoolOpened(
    pool_id=_id(5),
    description="Who scores the next goal?",
    type=PoolType.PARIMUTUEL_EVENT,
    action_id="goal",
    targets={"argentina": "Argentina", "brazil": "Brazil", "none": "None"},
    is_blocked=False,
    is_hot=False,
    finish_at=None,
    stop_accepting_bets_at=None,
    recreate_on_end=False,
    by=17,
)
_BETS: Final = (
    Bet(_id(6), 18, "argentina", 4_000, _NOW + 2 * _SECOND),
    Bet(_id(7), 19, "brazil", 3_000, _NOW + 3 * _SECOND),
)
_GOAL: Final = EventRegistered(
    event_id=_id(8),
    action_id="goal",
    target_id="argentina:10",
    target_display_name="10",
    happened_at=_NOW + 9 * _SECOND,
    current_count={"argentina": 1, "argentina:10": 1},
    by=17,
)


def _with_bets() -> Pool:
    pool = opened_pool(_OPENED, _NOW)
    for bet in _BETS:
        pool.add(bet)
    return pool


def _resolved() -> PoolResolved:
    outcome = settle(_BETS, ("argentina",), void_after=_GOAL.happened_at)
    return PoolResolved(
        pool_id=_OPENED.pool_id,
        description=_OPENED.description,
        winning_target="argentina",
        winning_targets=("argentina",),
        by=17,
        **asdict(outcome, recurse=False),
    )


def _examples() -> tuple[dict[str, Any], ...]:
    snapshot = _with_bets().snapshot()
    where = {"pool_id": _OPENED.pool_id, "game_id": _GAME_ID}
    return (
        pool_messages.new_pool(_GAME_ID, opened_pool(_OPENED, _NOW).snapshot()),
        pool_messages.distribution_changed(_GAME_ID, snapshot, _BETS[1:]),
        pool_messages.bets_distribution(_GAME_ID, snapshot, _BETS, len(_BETS)),
        result_messages.event_registered(_GAME_ID, _GOAL),
        result_messages.pool_resolved(_GAME_ID, _resolved(), _NOW + 10 * _SECOND, 5),
        pool_messages.balance_update("DON", 103_000, 103_000, "payout", **where),
    )


EXAMPLES: Final = _examples()
"""Bodies in the order of their publication, without header, `seq` and `prev_seq`."""
