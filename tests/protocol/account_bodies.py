"""Bodies of the messages about statements, tokens, moderation and receipts, key by key."""

from hashlib import sha256
from typing import Any

from game.facts import BetPlaced, PoolOpened, PoolResolved, Settlement
from game.receipt import Receipt
from protocol import messages, moderation_messages, player_messages, receipt_messages
from protocol.op import Body
from tests.support.play import ANN, GAME, NOW

SANCTION = {
    **{"game_id": GAME, "source_id": None, "user_id": 1, "username": "ann"},
    **{"until": NOW, "reason": None},
}
LIMITS: dict[str, Any] = {
    "currency": "DON",
    "limits": {},
    "pending": [],
    "running_break": None,
    "currencies": ["DON"],
}
OPENED = PoolOpened(
    pool_id="p",
    description="who scores?",
    type=1,
    action_id="goal",
    targets={"brazil": "Brazil", "none": "None"},
    is_blocked=False,
    is_hot=False,
    finish_at=None,
    stop_accepting_bets_at=None,
    recreate_on_end=False,
    by=ANN,
)
RESOLVED = PoolResolved(
    pool_id="p",
    description="who scores?",
    winning_target="brazil",
    settlements=(Settlement(ANN, 250, 0, 0, 0, 250),),
    is_money_return=False,
    prices={"brazil": 10_000},
)
BET = BetPlaced(bet_id="b", pool_id="p", user_id=ANN, target_id="brazil", amount=250)
RECEIPT = Receipt(OPENED, RESOLVED, 9, NOW, "e", None, (), [(BET, NOW)], 1)

# Keep each message on few lines.
# fmt: off
BODIES: list[tuple[Body, Body]] = [
    (player_messages.user_statement({"currency": "DON", "entries": [], "before": None}), {
        "res": 8200, "currency": "DON", "entries": [], "before": None,
    }),
    (player_messages.my_limits(LIMITS | {"more": 1}), {
        "res": 8300, "currency": "DON", "limits": {}, "pending": [], "running_break": None,
        "currencies": ["DON"],
    }),
    (player_messages.break_taken({"until": NOW}), {"res": 8310, "until": NOW}),
    (messages.renewed(NOW), {"res": 1110, "expires_at": NOW}),
    (moderation_messages.user_muted(SANCTION), {
        "res": 9021, "game_id": GAME, "source_id": None, "user_id": 1, "username": "ann",
        "until": NOW,
    }),
    (moderation_messages.user_unmuted(SANCTION), {
        "res": 9031, "game_id": GAME, "source_id": None, "user_id": 1, "username": "ann",
    }),
    (moderation_messages.user_banned(SANCTION), {
        "res": 9041, "source_id": None, "user_id": 1, "username": "ann", "until": NOW,
    }),
    (moderation_messages.ban_lifted(SANCTION), {
        "res": 9051, "source_id": None, "user_id": 1, "username": "ann",
    }),
    (moderation_messages.slow_mode_set({"game_id": GAME, "ms": 5}), {
        "res": 9061, "game_id": GAME, "ms": 5,
    }),
    (moderation_messages.message_removed(GAME, "m"), {
        "res": 9011, "game_id": GAME, "message_id": "m",
    }),
    (receipt_messages.receipt(GAME, RECEIPT), {
        "res": 3911, "game_id": GAME, "pool_id": "p", "result_seq": 9, "resolved_at": NOW,
        "policy": {
            "name": "plain", "takeout": 0, "break_to": 0, "minimum": None,
            "dead_heat": "single", "unbacked": "refund",
        },
        "carried_in": 0, "winning_targets": ["brazil"], "is_money_return": False, "reason": None,
        "event_id": "e", "void_after": None, "scratched": [], "prices": {"brazil": 1.0},
        "takeout": 0, "breakage": 0, "minus": 0, "carried_out": 0, "payouts": {str(ANN): 2.5},
        "bets": [{
            "hash": sha256(b"b").hexdigest(), "user_id": ANN, "target_id": "brazil",
            "amount": 2.5, "placed_at": NOW,
        }],
        "bets_total": 1,
    }),
]
# fmt: on
