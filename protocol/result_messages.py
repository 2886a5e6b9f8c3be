"""The bodies of replies and publications about events, results and scratched targets.

Contract, section 7. Amounts are hundredths in the server, prices ten-thousandths for 1.00; both
become JSON numbers here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from game.facts import EventRegistered, PoolResolved, TargetScratched
from game.money import amount
from game.pools import PoolSnapshot
from game.revisions import EventTakenBack, PoolCorrected, PoolDecided
from protocol.op import Body, Response


def event_registered(game_id: str, fact: EventRegistered) -> Body:
    """Return the body of `game_event_registered`."""
    return {
        "res": Response.GAME_EVENT_REGISTERED,
        "game_id": game_id,
        "event_id": fact.event_id,
        "action_id": fact.action_id,
        "target_id": fact.target_id,
        "target_display_name": fact.target_display_name,
        "current_count": fact.current_count,
        "happened_at": fact.happened_at,
        **together_with(fact),
    }


def together_with(event: EventRegistered) -> Body:
    """Return the field that names the first event of a dead heat. The first itself has none."""
    return {} if event.together_with is None else {"together_with": event.together_with}


def event_taken_back(game_id: str, fact: EventTakenBack, taken_back_at: int) -> Body:
    """Return the body of `game_event_taken_back`."""
    return {
        "res": Response.GAME_EVENT_TAKEN_BACK,
        "game_id": game_id,
        "event_id": fact.event_id,
        "action_id": fact.action_id,
        "target_id": fact.target_id,
        "current_count": fact.current_count,
        "reason": fact.reason,
        "taken_back_at": taken_back_at,
    }


def pool_resolved(game_id: str, fact: PoolResolved, resolved_at: int, result_seq: int) -> Body:
    """Return the body of `bet_pool_resolved`, or `bet_pool_expired` at the end of its time.

    `result_seq` is the position of the fact, which names the result.
    """
    result = _result(game_id, fact, resolved_at, result_seq)
    body: Body = {"res": Response.BET_POOL_RESOLVED, **result}
    if fact.expired_at is not None:
        body |= {"res": Response.BET_POOL_EXPIRED, "expired_at": fact.expired_at}
    return body if fact.winning_target is not None else body | {"reason": fact.reason}


def pool_corrected(game_id: str, fact: PoolCorrected, corrected_at: int, result_seq: int) -> Body:
    """Return the body of `bet_pool_corrected`: the new result, as `pool_resolved` shows it."""
    return {
        "res": Response.BET_POOL_CORRECTED,
        **_result(game_id, fact, fact.resolved_at, result_seq),
        "previous_winning_target": fact.previous_winning_target,
        "corrects_seq": fact.corrects_seq,
        "corrected_at": corrected_at,
        "reason": fact.reason,
    }


def _result(
    game_id: str, fact: PoolResolved | PoolCorrected, resolved_at: int, result_seq: int
) -> Body:
    settlements = fact.settlements
    return {
        "game_id": game_id,
        "pool_id": fact.pool_id,
        "description": fact.description,
        "winning_target": fact.winning_target,
        "winners": {s.user_id: amount(s.paid - s.won_stake) for s in settlements if s.won_stake},
        "losers": {s.user_id: amount(s.lost_stake) for s in settlements if s.lost_stake},
        "invalidated_bettors": [s.user_id for s in settlements if s.void_stake],
        "is_money_return": fact.is_money_return,
        "resolved_at": resolved_at,
        "result_seq": result_seq,
        "winning_targets": list(fact.winners),
        "prices": prices_shown(fact.prices),
        "takeout": amount(fact.takeout),
        "breakage": amount(fact.breakage),
        "minus": amount(fact.minus),
        "carried_out": amount(fact.carried_out),
    }


def pool_decided(game_id: str, fact: PoolDecided) -> Body:
    """Return the body of `bet_pool_decided`: the result waits for its confirmation."""
    return {
        "res": Response.BET_POOL_DECIDED,
        "game_id": game_id,
        "pool_id": fact.pool_id,
        "winning_target": fact.winning_targets[0],
        **decision(fact),
    }


def decision(fact: PoolDecided) -> Body:
    """Return a result that waits for its confirmation, as lists show it."""
    return {
        "winning_targets": list(fact.winning_targets),
        "event_id": fact.event_id,
        "confirm_at": fact.confirm_at,
    }


def result(snapshot: PoolSnapshot, row: Mapping[str, Any]) -> Body:
    """Return a resolved pool as the list of results shows it.

    `row`: winning_target, winning_targets, prices, is_money_return, resolved_at, result_seq,
    corrected_at (None if it never was).
    """
    opened = snapshot.opened
    return {
        "pool_id": opened.pool_id,
        "description": opened.description,
        "type": opened.type,
        "action_id": opened.action_id,
        "winning_target": row["winning_target"],
        "winning_targets": row["winning_targets"],
        "is_money_return": bool(row["is_money_return"]),
        "amount_total": amount(snapshot.amount_total),
        "participants": snapshot.participants,
        "prices": prices_shown(row["prices"]),
        "resolved_at": row["resolved_at"],
        "result_seq": row["result_seq"],
        "corrected_at": row["corrected_at"],
    }


def resolved_pools(game_id: str, pools: Sequence[Body], total: int) -> Body:
    """Return the body of `resolved_pools_for_game`: a page of `total` results."""
    response = Response.RESOLVED_POOLS_FOR_GAME
    return {"res": response, "game_id": game_id, "pools": pools, "total": total}


def target_scratched(game_id: str, fact: TargetScratched, scratched_at: int) -> Body:
    """Return the body of `target_scratched`, with the pool's figures after it."""
    return {
        "res": Response.TARGET_SCRATCHED,
        "game_id": game_id,
        "pool_id": fact.pool_id,
        "target_id": fact.target_id,
        "reason": fact.reason,
        "refunded": {s.user_id: amount(s.returned_stake) for s in fact.settlements},
        "participants": fact.participants,
        "amount_total": amount(fact.amount_total),
        "scratched_at": scratched_at,
    }


def pool_cancelled(pool_id: str) -> Body:
    """Return the body of `betting_pool_cancelled`."""
    return {"res": Response.BETTING_POOL_CANCELLED, "pool_id": pool_id}


def pool_confirmed(game_id: str, pool_id: str) -> Body:
    """Return the body of `betting_pool_confirmed`."""
    return {"res": Response.BETTING_POOL_CONFIRMED, "game_id": game_id, "pool_id": pool_id}


def prices_shown(ten_thousandths: Mapping[str, int]) -> Body:
    """Return prices in ten-thousandths as JSON numbers, by target."""
    return {target: price / 10_000 for target, price in ten_thousandths.items()}
