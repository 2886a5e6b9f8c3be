"""The bodies of messages about results that are held, taken back and corrected."""

from typing import Any

from attrs import evolve

from game.revisions import EventTakenBack, Move, PoolCorrected, PoolDecided
from protocol import pool_messages, result_messages
from tests.protocol.pool_bodies import RESOLVED, SHOWN, STANDING, TOLD_RESOLVED
from tests.support.play import ANN, GAME, HOST, NOW, POOL

DECIDED = PoolDecided(
    pool_id=POOL,
    winning_targets=("argentina:7",),
    void_after=NOW - 5,
    event_id="e",
    confirm_at=NOW + 60_000,
    was_blocked=False,
    by=HOST,
)
DECISION = {"winning_targets": ["argentina:7"], "event_id": "e", "confirm_at": NOW + 60_000}
TAKEN_BACK = EventTakenBack(
    event_id="e",
    action_id="goal",
    target_id="argentina:7",
    current_count={"argentina": 2, "argentina:7": 0},
    reason="Offside",
    by=HOST,
)
CORRECTED = PoolCorrected(
    pool_id=POOL,
    description="Who is next?",
    corrects_seq=9,
    previous_winning_target="none",
    resolved_seq=9,
    resolved_at=NOW + 7,
    winning_targets=("argentina:7",),
    void_after=NOW - 5,
    settlements=RESOLVED.settlements,
    is_money_return=False,
    moves=(Move(ANN, -1_091, -1_091, 0),),
    reason="Video",
    by=HOST,
)

REVISIONS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (result_messages.pool_confirmed(GAME, POOL), {"res": 3952, "game_id": GAME, "pool_id": POOL}),
    (result_messages.pool_decided(GAME, DECIDED), {
        "res": 3622, "game_id": GAME, "pool_id": POOL, "winning_target": "argentina:7",
    } | DECISION),
    (pool_messages.new_pool(GAME, evolve(STANDING, decided=DECIDED)), {
        "res": 352, "decided": DECISION,
    } | SHOWN),
    (result_messages.event_taken_back(GAME, TAKEN_BACK, NOW + 7), {
        "res": 3661, "game_id": GAME, "event_id": "e", "action_id": "goal",
        "target_id": "argentina:7", "current_count": {"argentina": 2, "argentina:7": 0},
        "reason": "Offside", "taken_back_at": NOW + 7,
    }),
    (result_messages.pool_corrected(GAME, CORRECTED, NOW + 70, 19), TOLD_RESOLVED | {
        "res": 3621, "result_seq": 19, "corrects_seq": 9, "corrected_at": NOW + 70,
        "previous_winning_target": "none", "reason": "Video",
    }),
]  # fmt: skip
"""Each body, and what it must be."""
