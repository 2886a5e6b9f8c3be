"""A fact changes only its own part of a game (contract, section 6, "Life")."""

import pytest

from game.state import status_at
from game.vocabulary import PAST_EVENTS, Status
from tests.support.match import ANN, CLOSE, EVENT, NOW, TIME, Match, kinds, update

POOLS = 6
MINUTE = 60_000


@pytest.mark.parametrize("type_", [EVENT, TIME])
def test_of_pools_that_end_together_each_opens_again_once(type_: int) -> None:
    match = Match()
    times = {"finish_at": NOW + MINUTE} if type_ == TIME else {}
    old = [match.pool(type_, recreate_on_end=True, **times) for _ in range(POOLS)]
    if type_ == EVENT:
        match.event("brazil:7")
    happened = match.wait(MINUTE if type_ == TIME else 0)
    assert kinds(happened).count("pool_opened") == POOLS
    again = [pool.opened.recreates for pool in match.game.pools.values()]
    assert again == old
    assert not match.game.recreations
    assert match.game == match.replayed()


def test_the_newest_events_are_kept_and_all_of_them_counted() -> None:
    match = Match()
    for number in range(PAST_EVENTS + 3):
        match.event(("brazil:7", "argentina:7")[number % 2])
        assert match.game.events_total == number + 1
    assert len(match.game.events) == PAST_EVENTS
    assert match.game.events[0].current_count == {"argentina": 2, "argentina:7": 2}
    assert match.game.counts["goal"]["brazil"] + match.game.counts["goal"]["argentina"] == 103


def test_a_journal_of_any_length_is_replayed() -> None:
    match = Match()
    for number in range(300):
        match.do(update(actions=(f"action {number}",)))
    assert match.game.seq == match.replayed().seq == 301
    assert match.game == match.replayed()


def test_a_game_that_is_closed_before_it_has_begun_is_closed() -> None:
    match = Match(open_at=NOW + MINUTE, live_start_at=NOW + 2 * MINUTE)
    match.do(CLOSE)
    told = [status_at(match.game, NOW + minutes * MINUTE) for minutes in range(3)]
    assert [match.game.status, *told] == [Status.CLOSED] * 4


def test_time_begins_with_the_epoch() -> None:
    made = Match(now=0).game
    assert (made.seq, made.clock) == (1, 0)
    with pytest.raises(ValueError, match="fact 1 at -1"):
        Match(now=-1)


def test_the_details_of_a_game_are_as_old_as_its_latest_fact_that_is_not_a_bet() -> None:
    match = Match()
    assert match.game.details_seq == match.game.seq == 1
    pool_id = match.pool()
    opened = match.game.seq
    match.bet(ANN, 100, "brazil", pool_id)
    assert (match.game.details_seq, match.game.seq) == (opened, opened + 1)


def test_a_pool_is_as_old_as_its_latest_fact() -> None:
    match = Match()
    first, second = match.pool(), match.pool()
    match.bet(ANN, 100, "brazil", first)
    latest = match.game.seq
    assert match.game.pools[first].seq == latest
    assert match.game.pools[second].seq == latest - 1
