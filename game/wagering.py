"""Decisions on open pools: opening them, betting, blocking, allowing, suggesting them as hot.

Contract, section 7. Decisions that end a pool are in `game/results.py`, and the transfers of a bet
in `game/ledger.py`.
"""

from collections.abc import Sequence

from game.commands import (
    AllowAction,
    AllowPool,
    BlockAction,
    BlockPool,
    HeatPool,
    HeatPools,
    OpenPool,
    PlaceBet,
)
from game.context import DecisionContext, fresh_id
from game.facts import (
    ActionAllowed,
    ActionBlocked,
    BetPlaced,
    BettingAllowed,
    BettingBlocked,
    Fact,
    PoolHeated,
    PoolOpened,
    StakeLimits,
    SwitchPlanned,
)
from game.money import amount as as_number
from game.money import as_text
from game.names import NONE, POOL_ACTION_PREFIX, path_id
from game.own_limits import refuse_restrained
from game.policy import PLAIN, Policy, Unbacked
from game.pools import Pool
from game.refusals import (
    Code,
    Refusal,
    game_already_closed,
    game_not_open,
    invalid,
    limit_reached,
    pool_already_resolved,
    unknown,
)
from game.state import Game
from game.vocabulary import DELAYED_BETS, Phase, Status

BINARY_TARGETS = {"yes": "Yes", "no": "No"}


def pool_of(game: Game, pool_id: str) -> Pool:
    """Return an unresolved pool. The caller knows that the id exists. Raises `Refusal`."""
    pool = game.pools.get(pool_id)
    if pool is None:
        raise pool_already_resolved(pool_id)
    return pool


def open_pool(game: Game, command: OpenPool, context: DecisionContext) -> Sequence[Fact]:
    """Open a pool. It takes all of the carry if its policy carries over."""
    policy = _policy(command, context)
    refuse_long_delay(command.bet_delay, context)
    if not game.betting_is_active:
        raise game_not_open(game.game_id)
    pool_id = fresh_id(game)
    kind = command.type
    action_id = f"{POOL_ACTION_PREFIX}{pool_id}" if kind.is_binary else _action(game, command)
    targets = BINARY_TARGETS if kind.is_binary else _targets(game, command.targets)
    if len(game.pools) >= context.limits.pools_per_game:
        raise limit_reached("unresolved pools in a game", context.limits.pools_per_game)
    return [
        PoolOpened(
            pool_id=pool_id,
            description=command.description,
            type=kind,
            action_id=action_id,
            targets=targets,
            is_blocked=command.is_blocked,
            is_hot=command.is_hot,
            finish_at=command.finish_at if kind.is_timed else None,
            stop_accepting_bets_at=command.stop_accepting_bets_at,
            recreate_on_end=command.recreate_on_end,
            policy=None if policy == PLAIN else policy,
            carried_in=context.carry if policy.unbacked is Unbacked.CARRY else 0,
            limits=StakeLimits(command.min_stake, command.max_stake, command.max_stake_per_user),
            bet_delay=game.bet_delay if command.bet_delay is None else command.bet_delay,
            confirm_for=command.confirm_for,
            by=context.user_id,
        )
    ]


def refuse_admins(context: DecisionContext) -> None:
    """Raise `Refusal` for an admin's bet unless `admins_may_bet` (contract, section 3)."""
    if context.is_admin and not context.limits.admins_may_bet:
        raise Refusal(Code.NOT_AUTHORIZED, "Admins may not bet in games that they administer.")


def refuse_long_delay(bet_delay: int | None, context: DecisionContext) -> None:
    """Raise `Refusal` for a bet delay (ms) beyond `max_bet_delay`."""
    most = context.limits.max_bet_delay
    if bet_delay is not None and bet_delay > most:
        raise invalid("bet_delay", "at most {most} ms on this server", most=most)


def delay_of(game: Game, pool_id: str) -> int:
    """Return how long a bet that is placed now waits (ms). Only bets in play wait."""
    is_in_play = game.status is Status.IN_PROGRESS
    return pool_of(game, pool_id).opened.bet_delay if is_in_play else 0


def pool_for(game: Game, command: PlaceBet, now: int) -> Pool:
    """Return the pool of a bet, if it takes the bet at `now` (epoch ms). Raises `Refusal`."""
    if game.phase is Phase.CLOSED:
        raise game_already_closed(game.game_id)
    if not game.betting_is_active:
        raise game_not_open(game.game_id)
    pool = pool_of(game, command.pool_id)
    if not pool.takes_bets_at(now):
        raise Refusal(
            Code.POOL_BLOCKED, "Pool '{pool}' is not accepting bets.", pool=command.pool_id
        )
    if not pool.offers(command.target):
        raise unknown("target", command.target)
    return pool


def place_bet(game: Game, command: PlaceBet, context: DecisionContext) -> Sequence[Fact]:
    """Place a bet."""
    pool = pool_for(game, command, context.now)
    if command.amount > context.available:
        raise _insufficient_funds(game, command.amount, context.available)
    _refuse_beyond_limits(pool, command.amount, context)
    if context.restraint is not None:
        refuse_restrained(context.restraint, command.amount, game.currency, context.now)
    return [
        BetPlaced(
            pool_id=command.pool_id,
            bet_id=fresh_id(game),
            user_id=context.user_id,
            target_id=command.target,
            amount=command.amount,
        )
    ]


def heat_pool(game: Game, command: HeatPool, context: DecisionContext) -> Sequence[Fact]:
    """Suggest a pool as hot."""
    pool_of(game, command.pool_id)
    return [_heated(command.pool_id, command.likely_to_happen_at, context)]


def heat_pools(game: Game, command: HeatPools, context: DecisionContext) -> Sequence[Fact]:
    """Suggest the pools of an action that have exactly this target as hot."""
    _known_action(game, command.action_id)
    targets = game.targets if command.action_id in game.actions else BINARY_TARGETS
    if command.target_id not in targets:
        raise unknown("target", command.target_id)
    return [
        _heated(pool_id, command.likely_to_happen_at, context)
        for pool_id, pool in game.pools.items()
        if pool.opened.action_id == command.action_id and pool.offers(command.target_id)
    ]


def block_pool(game: Game, command: BlockPool, context: DecisionContext) -> Sequence[Fact]:
    """Block betting in a pool, immediately or later."""
    later = _later(pool_of(game, command.pool_id), command.block_at, context.now)
    if later is not None:
        return [SwitchPlanned(pool_id=command.pool_id, blocks=True, switch_at=later)]
    return [BettingBlocked(pool_id=command.pool_id, blocked_at=context.now)]


def allow_pool(game: Game, command: AllowPool, context: DecisionContext) -> Sequence[Fact]:
    """Allow betting in a pool, immediately or later."""
    later = _later(pool_of(game, command.pool_id), command.allow_at, context.now)
    if later is not None:
        return [SwitchPlanned(pool_id=command.pool_id, blocks=False, switch_at=later)]
    return [BettingAllowed(pool_id=command.pool_id, allowed_at=context.now)]


def block_action(game: Game, command: BlockAction, context: DecisionContext) -> Sequence[Fact]:
    """Block betting in the pools of an action, immediately or later."""
    _known_action(game, command.action)
    if command.block_at is not None and command.block_at > context.now:
        return [SwitchPlanned(action_id=command.action, blocks=True, switch_at=command.block_at)]
    return blocked_action(game, command.action, context.now)


def allow_action(game: Game, command: AllowAction, context: DecisionContext) -> Sequence[Fact]:
    """Allow betting in the pools of an action, immediately or later."""
    _known_action(game, command.action)
    if command.allow_at is not None and command.allow_at > context.now:
        return [SwitchPlanned(action_id=command.action, blocks=False, switch_at=command.allow_at)]
    return allowed_action(game, command.action, context.now)


def blocked_action(game: Game, action_id: str, at: int) -> list[Fact]:
    """Return the facts that block the existing pools of an action at this time (epoch ms)."""
    blocked = [
        BettingBlocked(pool_id=pool_id, blocked_at=at, own=False)
        if game.pools[pool_id].decided is None
        else SwitchPlanned(pool_id=pool_id, blocks=True, switch_at=at)
        for pool_id in _pools_of_action(game, action_id)
    ]
    return [ActionBlocked(action_id=action_id, blocked_at=at), *blocked]


def allowed_action(game: Game, action_id: str, at: int) -> list[Fact]:
    """Return the facts that allow the existing pools of an action at this time (epoch ms)."""
    allowed = [
        BettingAllowed(pool_id=pool_id, allowed_at=at, own=False)
        if game.pools[pool_id].decided is None
        else SwitchPlanned(pool_id=pool_id, blocks=False, switch_at=at)
        for pool_id in _pools_of_action(game, action_id)
    ]
    return [ActionAllowed(action_id=action_id, allowed_at=at), *allowed]


def _later(pool: Pool, at: int | None, now: int) -> int | None:
    """Return when a switch of betting is due (epoch ms) if it has to wait, else None.

    In a decided pool it waits until the pool is reopened, if it ever is.
    """
    if at is not None and at > now:
        return at
    return None if pool.decided is None else now


def _pools_of_action(game: Game, action_id: str) -> list[str]:
    return [id_ for id_, pool in game.pools.items() if pool.opened.action_id == action_id]


def _known_action(game: Game, action_id: str) -> None:
    if action_id not in game.actions and not _pools_of_action(game, action_id):
        raise unknown("action", action_id)


def _action(game: Game, command: OpenPool) -> str:
    if command.action is None or command.action not in game.actions:
        raise unknown("action", command.action or "")
    return command.action


def _targets(game: Game, paths: Sequence[str]) -> dict[str, str]:
    """Return the targets of a parimutuel pool with their display names, always with `none`."""
    if not paths:
        return {path: display for path, display in game.targets.items() if ":" not in path}
    targets = {}
    for path in map(path_id, (*paths, NONE)):
        if path not in game.targets:
            raise unknown("target", path)
        targets[path] = game.targets[path]
    return targets


def _heated(pool_id: str, likely_at: int | None, context: DecisionContext) -> PoolHeated:
    return PoolHeated(pool_id=pool_id, hot_since=context.now, likely_to_happen_at=likely_at)


def _policy(command: OpenPool, context: DecisionContext) -> Policy:
    """Return the policy that a new pool names, or that of the server. Raises `Refusal`."""
    policies, name = context.limits.policies, command.policy or context.limits.pool_policy
    if name not in policies:
        known = ", ".join(policies)
        raise invalid("policy", "a policy of this server: {known}", known=known)
    return policies[name]


def _refuse_beyond_limits(pool: Pool, amount: int, context: DecisionContext) -> None:
    """Refuse a stake beyond the pool's limits, in their order. Raises `Refusal`."""
    limits = pool.opened.limits
    if limits.minimum is not None and amount < limits.minimum:
        raise _beyond("A bet in this pool must be at least {limit}.", limits.minimum, is_least=True)
    if limits.maximum is not None and amount > limits.maximum:
        raise _beyond("A bet in this pool must be at most {limit}.", limits.maximum)
    if limits.of_user is not None:
        staked = pool.stakes_of(context.user_id) + context.delayed_stakes
        if staked + amount > limits.of_user:
            sentence = "Your stakes in this pool must be at most {limit} in all."
            raise _beyond(sentence, limits.of_user)
    if context.delayed_bets >= DELAYED_BETS:
        raise limit_reached("bets of a user that wait for the delay of a pool", DELAYED_BETS)


def _beyond(sentence: str, limit: int, *, is_least: bool = False) -> Refusal:
    details = {"limit": as_number(limit)} | ({"at_least": as_number(limit)} if is_least else {})
    return Refusal(Code.LIMIT_REACHED, sentence, limit=as_text(limit), details=details)


def _insufficient_funds(game: Game, wanted: int, available: int) -> Refusal:
    return Refusal(
        Code.INSUFFICIENT_FUNDS,
        "Your available balance of {available} {currency} does not cover a stake of {wanted}"
        " {currency}.",
        available=as_text(available),
        currency=game.currency,
        wanted=as_text(wanted),
        details={"available_balance": as_number(available)},
    )
