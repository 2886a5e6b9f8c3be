"""Events: what happened in a match, and which targets of a pool it makes the winners.

Contract, section 7 ("Rules"). A request registers one event, or several that happened at the same
moment (`also`): a dead heat. They decide pools together. `game/results.py` ends these pools.
"""

from collections import Counter
from collections.abc import Sequence

from game.commands import RegisterEvent
from game.context import DecisionContext, fresh_id
from game.facts import EventRegistered
from game.names import NONE, POOL_ACTION_PREFIX, with_parents
from game.pools import Pool
from game.refusals import invalid, pool_already_resolved, unknown
from game.state import Game
from game.wagering import BINARY_TARGETS


def events_of(
    game: Game, command: RegisterEvent, happened_at: int, context: DecisionContext
) -> list[EventRegistered]:
    """Return the events of one moment (epoch ms), each target once. Raises `Refusal`."""
    action_id = command.action_id
    targets = _targets_of(game, action_id)
    if command.also and action_id.startswith(POOL_ACTION_PREFIX):
        raise invalid("also", "left out for a binary pool, which has one winner")
    named = {command.target_id: "target_id"}
    named |= {target: "also" for target in command.also if target not in named}
    counts = Counter(game.counts.get(action_id, {}))
    events: list[EventRegistered] = []
    for target_id, parameter in named.items():
        _refuse_unfit(targets, target_id, parameter)
        paths = with_parents(target_id)
        counts.update(paths)
        event = EventRegistered(
            event_id=fresh_id(game, len(events)),
            action_id=action_id,
            target_id=target_id,
            target_display_name=targets[target_id],
            happened_at=happened_at,
            current_count={path: counts[path] for path in paths},
            together_with=events[0].event_id if events else None,
            by=context.user_id,
        )
        events.append(event)
    return events


def winners_in(pool: Pool, events: Sequence[EventRegistered]) -> tuple[str, ...]:
    """Return the targets of a pool that these events make the winners, in the pool's order.

    None if the pool is about something else.
    """
    if not events or pool.opened.action_id != events[0].action_id:
        return ()
    paths = (path for event in events for path in with_parents(event.target_id))
    winners = {path for path in paths if pool.offers(path)}
    if len(winners) < 2:
        return tuple(winners)
    return tuple(target for target in pool.opened.targets if target in winners)


def _targets_of(game: Game, action_id: str) -> dict[str, str]:
    """Return the targets to which an action can happen, with their names. Raises `Refusal`."""
    if action_id.startswith(POOL_ACTION_PREFIX):
        return _manual_targets(game, action_id)
    if action_id not in game.actions:
        raise unknown("action", action_id)
    return game.targets


def _refuse_unfit(targets: dict[str, str], target_id: str, parameter: str) -> None:
    if target_id not in targets:
        raise unknown("target", target_id)
    if target_id == NONE or any(path.startswith(f"{target_id}:") for path in targets):
        raise invalid(parameter, "a target without targets below it, and not 'none'")


def _manual_targets(game: Game, action_id: str) -> dict[str, str]:
    pool_id = action_id.removeprefix(POOL_ACTION_PREFIX)
    if pool_id in game.manual_ended:
        raise pool_already_resolved(pool_id)
    pool = game.pools.get(pool_id)
    if pool is None or not pool.type.is_binary:
        raise unknown("action", action_id)
    return BINARY_TARGETS
