"""The life of a game: statuses, timers, and the replay (contract, section 6, "Life")."""

from typing import Any

import pytest

from game.commands import CloseGame, OpenGame, UpdateGame
from game.due import wake_at
from game.facts import AdminAppointed, Entry, GameClosed, GameOpened, StatusReached
from game.state import apply, create, replay, status_at
from game.vocabulary import Status
from tests.support.play import ANN, GAME, HOST, NOW, Play, creation

HOUR = 3_600_000
OPENED = OpenGame(game_id=GAME)
CLOSED = CloseGame(game_id=GAME)
PRE_GAME = StatusReached(status=Status.PRE_GAME)
IN_PROGRESS = StatusReached(status=Status.IN_PROGRESS)


def update(**parameters: Any) -> UpdateGame:
    return UpdateGame(game_id=GAME, **parameters)


@pytest.mark.parametrize(
    ("open_in", "live_in", "wanted"),
    [
        (0, 0, Status.IN_PROGRESS),
        (-HOUR, -HOUR, Status.IN_PROGRESS),
        (0, 1, Status.PRE_GAME),
        (1, 0, Status.NOT_YET_ACTIVE),
        (1, 1, Status.NOT_YET_ACTIVE),
        (1, -HOUR, Status.NOT_YET_ACTIVE),
        (-HOUR, HOUR, Status.PRE_GAME),
    ],
)
def test_the_status_of_an_open_game_is_that_of_its_times(
    open_in: int, live_in: int, wanted: Status
) -> None:
    times: dict[str, Any] = {"open_at": NOW + open_in, "live_start_at": NOW + live_in}
    assert Play(creation(**times)).game.status is wanted
    upcoming = Play(creation(opened=False, **times))
    assert upcoming.game.status is Status.NOT_YET_ACTIVE
    upcoming.do(OPENED)
    assert upcoming.game.status is wanted


def test_without_times_betting_is_active_immediately() -> None:
    assert Play().game.status is Status.IN_PROGRESS


def test_a_closed_game_is_closed() -> None:
    play = Play()
    play.do(CLOSED)
    assert play.game.status is Status.CLOSED


def test_each_status_comes_at_its_time_once() -> None:
    play = Play(creation(open_at=NOW + HOUR, live_start_at=NOW + 2 * HOUR, close_at=NOW + 3 * HOUR))
    assert play.wait_until(NOW + 9 * HOUR) == [
        (NOW + HOUR, PRE_GAME),
        (NOW + 2 * HOUR, IN_PROGRESS),
        (NOW + 3 * HOUR, GameClosed(by=None)),
    ]


def test_nothing_happens_early() -> None:
    play = Play(creation(open_at=NOW + HOUR))
    assert play.wait_until(NOW + HOUR - 1) == []
    assert play.wait_until(NOW + HOUR) == [(NOW + HOUR, IN_PROGRESS)]
    assert play.wait_until(NOW + HOUR) == []


def test_equal_times_make_one_transition() -> None:
    play = Play(creation(open_at=NOW + HOUR, live_start_at=NOW + HOUR))
    assert play.wait_until(NOW + HOUR) == [(NOW + HOUR, IN_PROGRESS)]


def test_a_live_start_that_comes_before_the_opening_makes_no_transition() -> None:
    play = Play(creation(open_at=NOW + 2 * HOUR, live_start_at=NOW + HOUR))
    assert play.wait_until(NOW + HOUR) == []
    assert play.wait_until(NOW + 2 * HOUR) == [(NOW + 2 * HOUR, IN_PROGRESS)]


def test_a_close_beats_a_transition_of_the_same_time() -> None:
    play = Play(creation(live_start_at=NOW + HOUR, close_at=NOW + HOUR))
    assert play.wait_until(NOW + HOUR) == [(NOW + HOUR, GameClosed(by=None))]


def test_an_upcoming_game_is_not_opened_by_its_open_at() -> None:
    play = Play(creation(opened=False, open_at=NOW + HOUR, live_start_at=NOW + 2 * HOUR))
    assert play.wait_until(NOW + 9 * HOUR) == []
    assert status_at(play.game, play.now) is Status.NOT_YET_ACTIVE


def test_an_upcoming_game_whose_times_have_passed_is_in_progress_once_opened() -> None:
    play = Play(creation(opened=False, open_at=NOW + HOUR, live_start_at=NOW + 2 * HOUR))
    play.wait_until(NOW + 9 * HOUR)
    play.do(OPENED)
    assert play.game.status is Status.IN_PROGRESS


def test_an_upcoming_game_is_closed_by_its_close_at() -> None:
    play = Play(creation(opened=False, close_at=NOW + HOUR))
    assert play.wait_until(NOW + HOUR) == [(NOW + HOUR, GameClosed(by=None))]


def test_a_game_opened_before_its_open_at_waits_for_it() -> None:
    play = Play(creation(opened=False, open_at=NOW + HOUR))
    play.do(OPENED)
    assert play.game.status is Status.NOT_YET_ACTIVE
    assert play.wait_until(NOW + HOUR) == [(NOW + HOUR, IN_PROGRESS)]


def test_a_postponed_match_opens_at_its_new_time_alone() -> None:
    play = Play(creation(open_at=NOW + HOUR))
    play.do(update(open_at=NOW + 2 * HOUR))
    assert play.wait_until(NOW + HOUR) == []
    assert play.wait_until(NOW + 2 * HOUR) == [(NOW + 2 * HOUR, IN_PROGRESS)]


def test_an_open_at_moved_to_now_opens_without_another_transition() -> None:
    play = Play(creation(open_at=NOW + HOUR))
    play.do(update(open_at=NOW))
    assert play.game.status is Status.IN_PROGRESS
    assert play.wait_until(NOW + HOUR) == []


def test_a_live_start_that_is_moved_ahead_makes_it_pre_game_again() -> None:
    play = Play()
    play.do(update(live_start_at=NOW + HOUR))
    assert play.game.status is Status.PRE_GAME
    assert play.wait_until(NOW + HOUR) == [(NOW + HOUR, IN_PROGRESS)]


def test_a_moved_close_at_closes_at_the_new_time() -> None:
    play = Play(creation(close_at=NOW + HOUR))
    play.do(update(close_at=NOW + 2 * HOUR))
    assert play.wait_until(NOW + HOUR) == []
    assert play.wait_until(NOW + 2 * HOUR) == [(NOW + 2 * HOUR, GameClosed(by=None))]


@pytest.mark.parametrize("far", [365 * 24 * HOUR, 2**53 - 1 - NOW])
def test_times_are_exact_at_any_distance(far: int) -> None:
    play = Play(creation(close_at=NOW + far))
    assert play.wait_until(NOW + far - 1) == []
    assert play.wait_until(NOW + far) == [(NOW + far, GameClosed(by=None))]


def test_a_game_without_times_ahead_never_wakes() -> None:
    assert wake_at(Play().game) is None
    assert wake_at(Play(creation(live_finish_at=NOW + HOUR)).game) is None


def test_a_closed_game_never_wakes() -> None:
    play = Play(creation(open_at=NOW + HOUR, close_at=NOW + 2 * HOUR))
    play.do(CLOSED)
    assert wake_at(play.game) is None
    assert play.wait_until(NOW + 9 * HOUR) == []


def test_asking_for_the_status_at_a_time_changes_nothing() -> None:
    game = Play(creation(open_at=NOW + HOUR)).game
    assert status_at(game, NOW + HOUR) is Status.IN_PROGRESS
    assert game.status is Status.NOT_YET_ACTIVE


# The replay.


def test_none_is_always_there_at_the_top() -> None:
    assert Play().game.targets == {"none": "None"}
    assert Play(creation(targets=("NONE", "Brazil"))).game.targets == {
        "none": "None",
        "brazil": "Brazil",
    }


def test_parents_stand_before_their_children() -> None:
    play = Play(creation(targets=("Brazil:Bench:7", "Brazil:9")))
    assert list(play.game.targets) == [
        "none",
        "brazil",
        "brazil:bench",
        "brazil:bench:7",
        "brazil:9",
    ]


def test_the_first_spelling_stays() -> None:
    play = Play(creation(actions=("Yellow Card",), targets=("argentina",)))
    play.do(
        UpdateGame(game_id=GAME, actions=("YELLOW CARD", "Goal"), targets=("Argentina:1",)),
    )
    assert play.game.actions == {"yellow-card": "Yellow Card", "goal": "Goal"}
    assert play.game.targets == {"none": "None", "argentina": "argentina", "argentina:1": "1"}


def test_positions_count_from_1_and_published_seq_counts_published_facts() -> None:
    play = Play(creation(opened=False))
    assert (play.game.seq, play.game.published_seq) == (1, 0)
    play.do(OPENED)
    assert (play.game.seq, play.game.published_seq) == (2, 2)
    apply(play.game, Entry(3, NOW, AdminAppointed(user_id=ANN, by=HOST)))
    assert (play.game.seq, play.game.published_seq) == (3, 2)


@pytest.mark.parametrize(("seq", "at"), [(1, NOW), (3, NOW), (2, NOW - 1)])
def test_a_fact_out_of_its_place_is_not_applied(seq: int, at: int) -> None:
    play = Play(creation(opened=False))
    with pytest.raises(ValueError, match=f"fact {seq} at {at}"):
        apply(play.game, Entry(seq, at, GameOpened(actions=(), targets=(), by=HOST)))


def test_a_journal_begins_with_the_creation() -> None:
    with pytest.raises(TypeError, match="game_closed"):
        create(Entry(1, NOW, GameClosed()))


def test_a_journal_is_replayed_whole() -> None:
    play = Play(creation(opened=False, targets=("Brazil",), close_at=NOW + HOUR))
    play.do(OPENED)
    play.wait_until(NOW + HOUR)
    assert replay(play.entries) == play.game
