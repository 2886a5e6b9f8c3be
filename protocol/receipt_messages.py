"""The body of a receipt. Amounts are hundredths in the server, and JSON numbers here."""

from hashlib import sha256

from game.facts import BetPlaced
from game.money import amount
from game.receipt import Receipt
from protocol.op import Body, Response
from protocol.pool_messages import policy_values
from protocol.result_messages import prices_shown


def receipt(game_id: str, found: Receipt) -> Body:
    """Return the body of `receipt`. A bet is known by the SHA-256 of its id, in hex."""
    opened, resolved = found.opened, found.resolved
    policy = opened.policy_in_force
    return {
        "res": Response.RECEIPT,
        "game_id": game_id,
        "pool_id": opened.pool_id,
        "result_seq": found.seq,
        "resolved_at": found.at,
        "policy": {"name": policy.name} | policy_values(policy),
        "carried_in": amount(opened.carried_in),
        "winning_targets": list(resolved.winners),
        "is_money_return": resolved.is_money_return,
        "reason": resolved.reason,
        "event_id": found.event_id,
        "void_after": found.void_after,
        "scratched": list(found.scratched),
        "prices": prices_shown(resolved.prices),
        "takeout": amount(resolved.takeout),
        "breakage": amount(resolved.breakage),
        "minus": amount(resolved.minus),
        "carried_out": amount(resolved.carried_out),
        "payouts": {one.user_id: amount(one.received) for one in resolved.settlements},
        "bets": [_bet(bet, at) for bet, at in found.bets],
        "bets_total": found.bets_total,
    }


def _bet(bet: BetPlaced, placed_at: int) -> Body:
    return {
        "hash": sha256(bet.bet_id.encode()).hexdigest(),
        "user_id": bet.user_id,
        "target_id": bet.target_id,
        "amount": amount(bet.amount),
        "placed_at": placed_at,
    }
