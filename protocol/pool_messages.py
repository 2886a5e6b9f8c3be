"""The bodies of replies and publications about pools, bets and balances.

Contract, sections 7 and 8. Events and results are in `protocol/result_messages.py`, sources and
games in `protocol/messages.py`. Amounts are hundredths in the server and become JSON numbers here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from game.facts import BetPlaced
from game.money import amount
from game.names import symbol
from game.odds import odds
from game.policy import Policy
from game.pools import Bet, PoolSnapshot
from game.vocabulary import NEW_BETS
from protocol.op import Body, Response
from protocol.result_messages import decision, prices_shown


def pool_opened(game_id: str, pool_id: str, description: str, type_: int) -> Body:
    """Return the body of `betting_pool_opened`."""
    return {
        "res": Response.BETTING_POOL_OPENED,
        "game_id": game_id,
        "pool_id": pool_id,
        "description": description,
        "type": type_,
    }


def new_pool(game_id: str, snapshot: PoolSnapshot) -> Body:
    """Return the body of `new_betting_pool`."""
    return {"res": Response.NEW_BETTING_POOL} | pool(game_id, snapshot)


def pool(game_id: str, snapshot: PoolSnapshot) -> Body:
    """Return a pool as its opening and the lists show it."""
    opened = snapshot.opened
    body = {
        "game_id": game_id,
        "pool_id": opened.pool_id,
        "description": opened.description,
        "type": opened.type,
        "action_id": opened.action_id,
        "distribution": distribution_of(snapshot),
        "participants": snapshot.participants,
        "amount_total": amount(snapshot.amount_total),
        "target_level": _level(snapshot),
        "is_blocked": snapshot.is_blocked,
        "is_hot": snapshot.is_hot,
        "start_at": snapshot.start_at,
        "finish_at": opened.finish_at,
        "stop_accepting_bets_at": opened.stop_accepting_bets_at,
        "recreate_on_end": opened.recreate_on_end,
        "policy": {"name": opened.policy_in_force.name} | policy_values(opened.policy_in_force),
        "carried_in": amount(opened.carried_in),
        "min_stake": amount_or_null(opened.limits.minimum),
        "max_stake": amount_or_null(opened.limits.maximum),
        "max_stake_per_user": amount_or_null(opened.limits.of_user),
        "bet_delay": opened.bet_delay,
        "confirm_for": opened.confirm_for,
    }
    return body if snapshot.decided is None else body | {"decided": decision(snapshot.decided)}


def policy_values(policy: Policy) -> Body:
    """Return what a policy says, without its name. The takeout is in per cent."""
    return {
        "takeout": amount(policy.takeout),
        "break_to": amount(policy.break_to),
        "minimum": amount_or_null(policy.minimum),
        "dead_heat": policy.dead_heat,
        "unbacked": policy.unbacked,
    }


def amount_or_null(hundredths: int | None) -> float | None:
    """Return hundredths as a JSON number, None as null."""
    return None if hundredths is None else amount(hundredths)


def pools(response: Response, game_id: str, page: Mapping[str, Any], total: int) -> Body:
    """Return the body of a list: a page of `total` pools, by id."""
    return {"res": response, "game_id": game_id, "pools_list": page, "total": total}


def user_backed(by_target: Mapping[str, int]) -> Body:
    """Return a user's stakes in a pool, for lists of pools with the user's bets."""
    return {"user_backed": _amounts(by_target)}


def resolved_pool(game_id: str, snapshot: PoolSnapshot, row: Mapping[str, Any]) -> Body:
    """Return a resolved pool.

    `row`: winning_target, winning_targets, prices, resolved_at, result_seq, corrected_at (None if
    it never was), given_back, backed.
    """
    return pool(game_id, snapshot) | {
        "winning_target": row["winning_target"],
        "winning_targets": row["winning_targets"],
        "prices": prices_shown(row["prices"]),
        "resolved_at": row["resolved_at"],
        "result_seq": row["result_seq"],
        "corrected_at": row["corrected_at"],
        "total_winnings": amount(row["given_back"]),
        **user_backed(row["backed"]),
    }


def bet_placed(fact: BetPlaced) -> Body:
    """Return the body of `bet_placed`."""
    return {
        "res": Response.BET_PLACED,
        "pool_id": fact.pool_id,
        "bet_id": fact.bet_id,
        "target": fact.target_id,
        "amount": amount(fact.amount),
    }


def distribution_changed(game_id: str, snapshot: PoolSnapshot, bets: Sequence[Bet]) -> Body:
    """Return the body of `bets_distribution_changed`, with the bets since the last one."""
    omitted = len(bets) - NEW_BETS
    body = {
        "res": Response.BETS_DISTRIBUTION_CHANGED,
        "pool_id": snapshot.opened.pool_id,
        "game_id": game_id,
        "target_level": _level(snapshot),
        "participants": snapshot.participants,
        "amount_total": amount(snapshot.amount_total),
        "distribution": distribution_of(snapshot),
        "new_bets": [_new_bet(bet) for bet in bets[:NEW_BETS]],
    }
    return body | ({"new_bets_omitted": omitted} if omitted > 0 else {})


def bets_distribution(
    game_id: str, snapshot: PoolSnapshot, bets: Iterable[Bet], bets_total: int
) -> Body:
    """Return the body of `pool_bets_distribution`, with a page of the pool's bets."""
    distribution = distribution_of(snapshot)
    for each in distribution.values():
        each["bets"] = {}
    for bet in bets:
        distribution[bet.target_id]["bets"][bet.bet_id] = {
            "user_id": bet.user_id,
            "amount": amount(bet.amount),
            "placed_at": bet.placed_at,
        }
    return {
        "res": Response.POOL_BETS_DISTRIBUTION,
        "game_id": game_id,
        "pool_id": snapshot.opened.pool_id,
        "target_level": _level(snapshot),
        "participants": snapshot.participants,
        "amount_total": amount(snapshot.amount_total),
        "distribution": distribution,
        "bets_total": bets_total,
    }


def betting_blocked(game_id: str, pool_id: str, blocked_at: int) -> Body:
    """Return the body of `betting_in_pool_blocked`."""
    return {
        "res": Response.BETTING_IN_POOL_BLOCKED,
        "game_id": game_id,
        "pool_id": pool_id,
        "blocked_at": blocked_at,
    }


def betting_allowed(game_id: str, pool_id: str, allowed_at: int) -> Body:
    """Return the body of `betting_in_pool_allowed`."""
    return {
        "res": Response.BETTING_IN_POOL_ALLOWED,
        "game_id": game_id,
        "pool_id": pool_id,
        "allowed_at": allowed_at,
    }


def action_blocked(game_id: str, action_id: str, blocked_at: int) -> Body:
    """Return the body of `betting_for_action_blocked`."""
    return {
        "res": Response.BETTING_FOR_ACTION_BLOCKED,
        "game_id": game_id,
        "action": action_id,
        "action_id": action_id,
        "blocked_at": blocked_at,
    }


def action_allowed(game_id: str, action_id: str, allowed_at: int) -> Body:
    """Return the body of `betting_for_action_allowed`."""
    return {
        "res": Response.BETTING_FOR_ACTION_ALLOWED,
        "game_id": game_id,
        "action": action_id,
        "action_id": action_id,
        "allowed_at": allowed_at,
    }


def pool_hot(game_id: str, pool_id: str, hot_since: int) -> Body:
    """Return the body of `pool_suggested_as_hot` for one pool."""
    return {
        "res": Response.POOL_SUGGESTED_AS_HOT,
        "game_id": game_id,
        "pool_id": pool_id,
        "hot_since": hot_since,
    }


def pools_hot(game_id: str, pool_ids: Sequence[str], hot_since: int) -> Body:
    """Return the body of `pool_suggested_as_hot` for several pools, possibly none."""
    return {
        "res": Response.POOL_SUGGESTED_AS_HOT,
        "game_id": game_id,
        "hot_since": hot_since,
        "pools": list(pool_ids),
    }


def game_closing(game_id: str, pool_ids: Sequence[str]) -> Body:
    """Return the body of `game_closing`: an admin must resolve these pools first."""
    return {"res": Response.GAME_CLOSING, "game_id": game_id, "pools": list(pool_ids)}


def current_balance(currency: str, balance: int) -> Body:
    """Return the body of `user_balance_current`."""
    return {
        "res": Response.USER_BALANCE_CURRENT,
        "currency": currency,
        "current_balance": amount(balance),
    }


def available_balance(currency: str, balance: int) -> Body:
    """Return the body of `user_balance_available`."""
    return {
        "res": Response.USER_BALANCE_AVAILABLE,
        "currency": currency,
        "available_balance": amount(balance),
    }


def exposure(currency: str, balance: int) -> Body:
    """Return the body of `user_exposure`."""
    return {"res": Response.USER_EXPOSURE, "currency": currency, "exposure": amount(balance)}


def balance_update(currency: str, current: int, available: int, cause: str, **where: str) -> Body:
    """Return the body of `user_balance_update`. `where`: pool_id and game_id of a pool, if any."""
    return {
        "res": Response.USER_BALANCE_UPDATE,
        "currency": currency,
        "current_balance": amount(current),
        "available_balance": amount(available),
        "cause": cause,
        **where,
    }


def text_sent(
    text: str, sender: str, received_at: int, message_id: str, channels: Sequence[str]
) -> Body:
    """Return the body of `text_message` for the sender."""
    return {
        "res": Response.TEXT_MESSAGE,
        "text": text,
        "sender": sender,
        "received_at": received_at,
        "message_id": message_id,
        "channels": list(channels),
    }


def text_received(sent: Body, channel: str) -> Body:
    """Return the body of `text_message` for the other subscribers of a game."""
    return {name: value for name, value in sent.items() if name != "channels"} | {
        "channel": channel
    }


def leaderboard(currency: str, places: Iterable[Mapping[str, Any]]) -> Body:
    """Return the body of `leaderboard`."""
    return {
        "res": Response.LEADERBOARD,
        "currency": currency,
        "leaderboard": [_place(place) for place in places],
    }


def game_leaderboard(game_id: str, currency: str, places: Iterable[Mapping[str, Any]]) -> Body:
    """Return the body of `leaderboard_for_game`."""
    return {
        "res": Response.LEADERBOARD_FOR_GAME,
        "game_id": game_id,
        "currency": currency,
        "leaderboard": [_place(place) for place in places],
    }


def distribution_of(snapshot: PoolSnapshot, only: Iterable[str] | None = None) -> dict[str, Body]:
    """Return the stakes on each target and its odds, by target; of `only` these if given."""
    opened, total = snapshot.opened, snapshot.amount_total
    policy, carried_in = opened.policy_in_force, opened.carried_in
    distribution: dict[str, Body] = {
        target: {
            "target_id": target,
            "display_name": display,
            "symbol": symbol(target.rpartition(":")[2]),
            "backing_people": people,
            "backing_money": amount(money),
            "to_win_if_backed": odds(total, money, policy, carried_in),
        }
        for target, display in opened.targets.items()
        if only is None or target in only
        for people, money in (snapshot.distribution[target],)
    }
    for target in distribution.keys() & snapshot.scratched:
        distribution[target]["is_scratched"] = True
    return distribution


def _level(snapshot: PoolSnapshot) -> int:
    return 1 + max(target.count(":") for target in snapshot.opened.targets)


def _new_bet(bet: Bet) -> Body:
    return {
        "bet_id": bet.bet_id,
        "user_id": bet.user_id,
        "target_id": bet.target_id,
        "amount": amount(bet.amount),
        "placed_at": bet.placed_at,
    }


def _amounts(by_target: Mapping[str, int]) -> Body:
    return {target: amount(hundredths) for target, hundredths in by_target.items()}


def _place(row: Mapping[str, Any]) -> Body:
    return {"username": row["username"], "points": amount(row["points"]), "rank": row["rank"]}
