"""The state of a game: the replay of its journal.

`create` builds a game from its first fact, and `apply` changes it by each further fact. `apply`
works in place, because a bet in a large pool must not copy the game. Decisions are in
`game/decide.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import Factory, define, evolve, field, frozen

from game.facts import (
    ActionAllowed,
    ActionBlocked,
    AdminAppointed,
    AdminDismissed,
    BetPlaced,
    BettingAllowed,
    BettingBlocked,
    CloseFellDue,
    ClosingStarted,
    DetailsUpdated,
    Entry,
    EventRegistered,
    Fact,
    GameClosed,
    GameCreated,
    GameOpened,
    PoolHeated,
    PoolOpened,
    PoolResolved,
    StatusReached,
    SwitchPlanned,
    TargetScratched,
)
from game.names import NONE, NONE_DISPLAY, new_actions, new_targets, shared
from game.pools import Plans, Pool, bet_of, opened_pool
from game.revisions import EventTakenBack, PoolCorrected, PoolDecided, PoolReopened
from game.vocabulary import PAST_EVENTS, Phase, Status


@frozen
class Recreation:
    """A pool that ended at `ended_at` (epoch ms) and opens again."""

    ended_at: int
    opened: PoolOpened
    start_at: int


@define(eq=True)
class Game:
    """Everything that the rules need to know about a game. Times are epoch milliseconds.

    - `status`: as last published. Time changes it by a `StatusReached`.
    - `bet_delay`: of pools that name none (ms).
    - `actions`, `targets`: display names by id; of targets by the id of the path, parents first.
    - `seq`, `clock`: position and time of the latest fact.
    - `published_seq`: position of the latest fact with a publication of its own.
    - `details_seq`: position of the latest fact that is not a bet. While it is the same, so are
      the published details.
    - `close_is_due`: a closing game closes with its last pool.
    - `pools`: the unresolved pools.
    - `manual_ended`: the resolved binary pools.
    - `taken_back`: when (epoch ms) those of `events` were taken back that were.
    - `counts`: how often each action happened to each target and its parents.
    - `known_wake_at`: `game/due.py` caches it, because the many bets do not change it.
    - `head`: digest of the latest fact, for `storage/journal.py`.
    """

    game_id: str
    source_id: str
    game_name: str
    type: str | None
    currency: str
    hashtag: str
    image_url: str | None
    open_at: int
    close_at: int | None
    live_start_at: int
    live_finish_at: int | None
    phase: Phase
    details_seq: int
    bet_delay: int = 0
    status: Status = Status.NOT_YET_ACTIVE
    actions: dict[str, str] = Factory(dict)
    targets: dict[str, str] = Factory(dict)
    admins: frozenset[int] = frozenset()
    seq: int = 0
    clock: int = 0
    published_seq: int = 0
    close_is_due: bool = False
    pools: dict[str, Pool] = Factory(dict)
    manual_ended: frozenset[str] = frozenset()
    recreations: list[Recreation] = Factory(list)
    action_plans: dict[str, Plans] = Factory(dict)
    counts: dict[str, dict[str, int]] = Factory(dict)
    events: list[EventRegistered] = Factory(list)
    events_total: int = 0
    taken_back: dict[str, int] = Factory(dict)
    wake_is_known: bool = field(default=False, eq=False)
    known_wake_at: int | None = field(default=None, eq=False)
    head: bytes = field(default=b"", eq=False)

    @property
    def betting_is_active(self) -> bool:
        """Return whether the game's status allows new pools and bets."""
        return self.status in (Status.PRE_GAME, Status.IN_PROGRESS)


def status_at(game: Game, now: int) -> Status:
    """Return the status of a game at a time (epoch ms), if nothing else changes it before."""
    if game.phase is Phase.UPCOMING or (game.phase is Phase.OPEN and now < game.open_at):
        return Status.NOT_YET_ACTIVE
    if game.phase is Phase.OPEN:
        return Status.PRE_GAME if now < game.live_start_at else Status.IN_PROGRESS
    return Status.CLOSED if game.phase is Phase.CLOSED else Status.BETTING_CLOSED


def next_status_at(game: Game) -> int | None:
    """Return when time alone changes the status of an opened game (epoch ms), or None."""
    if game.phase is not Phase.OPEN:
        return None
    match game.status:
        case Status.NOT_YET_ACTIVE:
            return game.open_at
        case Status.PRE_GAME:
            return game.live_start_at
        case _:
            return None


def create(entry: Entry) -> Game:
    """Create a game from its first fact."""
    fact = entry.fact
    if not isinstance(fact, GameCreated):
        raise TypeError(f"a journal begins with game_created, not {fact.kind}")
    game = Game(
        game_id=fact.game_id,
        source_id=shared(fact.source_id),
        game_name=fact.game_name,
        type=fact.type,
        currency=shared(fact.currency),
        hashtag=fact.hashtag,
        image_url=fact.image_url,
        open_at=fact.open_at,
        close_at=fact.close_at,
        live_start_at=fact.live_start_at,
        live_finish_at=fact.live_finish_at,
        phase=Phase.OPEN if fact.opened else Phase.UPCOMING,
        details_seq=entry.seq,
        bet_delay=fact.bet_delay,
        targets={NONE: NONE_DISPLAY},
    )
    _add_names(game, fact.actions, fact.targets)
    _move_on(game, entry)
    return game


def apply(game: Game, entry: Entry) -> None:
    """Change a game by a fact, in place."""
    _APPLY[type(entry.fact)](game, entry.fact, entry.at)
    if not isinstance(entry.fact, BetPlaced):
        game.wake_is_known = False
        game.details_seq = entry.seq
    pool = game.pools.get(getattr(entry.fact, "pool_id", None) or "")
    if pool is not None:
        pool.seq = entry.seq
    _move_on(game, entry)


def replay(entries: Iterable[Entry]) -> Game:
    """Return the game of a complete journal. Raises `StopIteration` if it is empty."""
    journal = iter(entries)
    game = create(next(journal))
    for entry in journal:
        apply(game, entry)
    return game


def _move_on(game: Game, entry: Entry) -> None:
    if entry.seq != game.seq + 1 or entry.at < game.clock:
        raise ValueError(f"fact {entry.seq} at {entry.at} after {game.seq} at {game.clock}")
    game.seq, game.clock = entry.seq, entry.at
    if isinstance(entry.fact, _STATUS_FACTS):
        game.status = status_at(game, entry.at)
    if entry.fact.published:
        game.published_seq = entry.seq


def _add_names(game: Game, actions: Iterable[str], targets: Iterable[str]) -> None:
    game.actions |= _with_shared(new_actions(game.actions, actions))
    game.targets |= _with_shared(new_targets(game.targets, targets))


def _with_shared(names: Mapping[str, str]) -> dict[str, str]:
    """Return the same names, in strings that all games share: a season repeats them."""
    return {shared(identifier): shared(display) for identifier, display in names.items()}


def _opened(game: Game, fact: GameOpened, at: int) -> None:
    game.phase = Phase.OPEN
    _add_names(game, fact.actions, fact.targets)


def _updated(game: Game, fact: DetailsUpdated, at: int) -> None:
    _add_names(game, fact.actions, fact.targets)
    for name in _DETAILS:
        if (value := getattr(fact, name)) is not None:
            setattr(game, name, value)
    if fact.close_at is not None:
        game.close_at = fact.close_at or None


def _appointed(game: Game, fact: AdminAppointed, at: int) -> None:
    game.admins |= {fact.user_id}


def _dismissed(game: Game, fact: AdminDismissed, at: int) -> None:
    game.admins -= {fact.user_id}


def _status_reached(game: Game, fact: StatusReached, at: int) -> None:
    """Change nothing: `_move_on` updates the status."""


def _closing(game: Game, fact: ClosingStarted, at: int) -> None:
    game.phase = Phase.CLOSING
    game.recreations.clear()
    game.close_is_due = fact.by is None


def _close_due(game: Game, fact: CloseFellDue, at: int) -> None:
    game.close_is_due = True


def _closed(game: Game, fact: GameClosed, at: int) -> None:
    game.phase = Phase.CLOSED
    game.recreations.clear()
    game.action_plans.clear()


def _pool_opened(game: Game, fact: PoolOpened, at: int) -> None:
    game.pools[fact.pool_id] = opened_pool(fact, at)
    if fact.recreates is not None:
        game.recreations = [r for r in game.recreations if r.opened.pool_id != fact.recreates]


def _bet_placed(game: Game, fact: BetPlaced, at: int) -> None:
    game.pools[fact.pool_id].add(bet_of(fact, at))


def _event_registered(game: Game, fact: EventRegistered, at: int) -> None:
    game.counts.setdefault(fact.action_id, {}).update(fact.current_count)
    game.events.append(fact)
    del game.events[:-PAST_EVENTS]
    game.events_total += 1


def _pool_resolved(game: Game, fact: PoolResolved, at: int) -> None:
    pool = game.pools.pop(fact.pool_id)
    if pool.type.is_binary:
        game.manual_ended |= {fact.pool_id}
        game.counts.pop(pool.opened.action_id, None)
    if fact.is_recreated:
        targets = {id_: name for id_, name in pool.opened.targets.items() if pool.offers(id_)}
        again = evolve(pool.opened, targets=targets)
        game.recreations.append(Recreation(at, again, pool.start_at))


def _event_taken_back(game: Game, fact: EventTakenBack, at: int) -> None:
    if fact.action_id in game.counts:
        game.counts[fact.action_id].update(fact.current_count)
    game.taken_back[fact.event_id] = at
    shown = {event.event_id for event in game.events}
    game.taken_back = {id_: at for id_, at in game.taken_back.items() if id_ in shown}


def _pool_reopened(game: Game, fact: PoolReopened, at: int) -> None:
    pool = game.pools[fact.pool_id]
    pool.decided, pool.is_blocked = None, fact.is_blocked


def _pool_corrected(game: Game, fact: PoolCorrected, at: int) -> None:
    """Change nothing: a resolved pool is not part of the game any more."""


def _pool_decided(game: Game, fact: PoolDecided, at: int) -> None:
    game.pools[fact.pool_id].decided = fact


def _target_scratched(game: Game, fact: TargetScratched, at: int) -> None:
    game.pools[fact.pool_id].scratch(fact.target_id)


def _betting_blocked(game: Game, fact: BettingBlocked, at: int) -> None:
    pool = game.pools[fact.pool_id]
    pool.is_blocked = True
    if fact.own:
        pool.plans.block_at = None


def _betting_allowed(game: Game, fact: BettingAllowed, at: int) -> None:
    pool = game.pools[fact.pool_id]
    pool.is_blocked = False
    if fact.own:
        pool.plans.allow_at = None


def _action_blocked(game: Game, fact: ActionBlocked, at: int) -> None:
    game.action_plans.setdefault(fact.action_id, Plans()).block_at = None


def _action_allowed(game: Game, fact: ActionAllowed, at: int) -> None:
    game.action_plans.setdefault(fact.action_id, Plans()).allow_at = None


def _switch_planned(game: Game, fact: SwitchPlanned, at: int) -> None:
    if fact.pool_id is not None:
        plans = game.pools[fact.pool_id].plans
    else:
        plans = game.action_plans.setdefault(fact.action_id or "", Plans())
    if fact.blocks:
        plans.block_at = fact.switch_at
    else:
        plans.allow_at = fact.switch_at


def _pool_heated(game: Game, fact: PoolHeated, at: int) -> None:
    game.pools[fact.pool_id].is_hot = True


_DETAILS = (
    *("game_name", "hashtag", "image_url", "open_at", "live_start_at", "live_finish_at"),
    "bet_delay",
)

_STATUS_FACTS = (
    GameCreated,
    GameOpened,
    DetailsUpdated,
    StatusReached,
    ClosingStarted,
    GameClosed,
)

_APPLY: dict[type[Fact], Callable[[Game, Any, int], None]] = {
    GameOpened: _opened,
    DetailsUpdated: _updated,
    AdminAppointed: _appointed,
    AdminDismissed: _dismissed,
    StatusReached: _status_reached,
    ClosingStarted: _closing,
    CloseFellDue: _close_due,
    GameClosed: _closed,
    PoolOpened: _pool_opened,
    BetPlaced: _bet_placed,
    EventRegistered: _event_registered,
    PoolResolved: _pool_resolved,
    PoolDecided: _pool_decided,
    PoolReopened: _pool_reopened,
    EventTakenBack: _event_taken_back,
    PoolCorrected: _pool_corrected,
    TargetScratched: _target_scratched,
    BettingBlocked: _betting_blocked,
    BettingAllowed: _betting_allowed,
    ActionBlocked: _action_blocked,
    ActionAllowed: _action_allowed,
    SwitchPlanned: _switch_planned,
    PoolHeated: _pool_heated,
}

FACTS: tuple[type[Fact], ...] = (GameCreated, *_APPLY)
"""All kinds of facts. A journal begins with the first; the others change a game."""
