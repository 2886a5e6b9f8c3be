"""Find past results in the facts of a journal, as `storage/past.py` does in a database."""

from collections.abc import Iterable, Sequence

from game.commands import Command, CorrectPool, TakeBackEvent
from game.facts import BettingBlocked, Entry, EventRegistered, PoolResolved
from game.past import Past, PastPool, past_pool
from game.revisions import EventTakenBack, PoolDecided
from game.state import Game


def past_in(journal: Sequence[Entry], command: Command, game: Game) -> Past | None:
    """Return what a decision on a command needs to know, or None if it concerns the present."""
    if isinstance(command, CorrectPool):
        return Past(pools=_resolved(journal, [command.pool_id], game))
    if not isinstance(command, TakeBackEvent):
        return None
    moment, pool_ids = _moment(journal, command.event_id)
    gone = {each.fact.event_id for each in journal if isinstance(each.fact, EventTakenBack)}
    return Past(pools=_resolved(journal, pool_ids, game), moment=moment, taken_back=frozenset(gone))


def pool_in(journal: Iterable[Entry], pool_id: str) -> PastPool | None:
    """Return a pool as its facts tell it."""
    past = None
    for entry in journal:
        if getattr(entry.fact, "pool_id", None) == pool_id:
            if past is None:
                past = past_pool(entry)
            else:
                past.add(entry)
    return past


def _resolved(journal: Sequence[Entry], pool_ids: Iterable[str], game: Game) -> list[PastPool]:
    found = [pool_in(journal, pool_id) for pool_id in pool_ids if pool_id not in game.pools]
    return [past for past in found if past is not None]


def _moment(journal: Sequence[Entry], event_id: str) -> tuple[list[Entry], list[str]]:
    """Return the events of a moment, and the pools that they decided."""
    events = [each for each in journal if isinstance(each.fact, EventRegistered)]
    first = {_event(each).event_id: _first(each) for each in events}.get(event_id)
    moment = [each for each in events if first == _first(each)]
    pool_ids = dict[str, None]()
    for entry in journal[moment[-1].seq :] if moment else ():
        if not isinstance(entry.fact, PoolResolved | PoolDecided | BettingBlocked):
            break
        pool_ids[entry.fact.pool_id] = None
    return moment, list(pool_ids)


def _first(entry: Entry) -> str:
    return _event(entry).together_with or _event(entry).event_id


def _event(entry: Entry) -> EventRegistered:
    assert isinstance(entry.fact, EventRegistered)
    return entry.fact
