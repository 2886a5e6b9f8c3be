"""The facts that each command causes, and its refusals (contract, section 6)."""

from contextlib import suppress
from typing import Any

import pytest

from game.commands import (
    AppointAdmin,
    BecomeAdmin,
    CloseGame,
    Command,
    DismissAdmin,
    OpenGame,
    UpdateGame,
)
from game.context import DecisionContext
from game.decide import decide
from game.facts import (
    AdminAppointed,
    AdminDismissed,
    DetailsUpdated,
    GameClosed,
    GameCreated,
    GameOpened,
)
from game.limits import RuleLimits
from game.refusals import AdminRefusal, Code, Refusal
from tests.support.play import ANN, BOB, GAME, HOST, MATCH, NOW, SOURCE, Play, creation

HOUR = 3_600_000


def opening(**parameters: Any) -> OpenGame:
    return OpenGame(game_id=GAME, **parameters)


def update(**parameters: Any) -> UpdateGame:
    return UpdateGame(game_id=GAME, **parameters)


def appoint(name: str) -> AppointAdmin:
    return AppointAdmin(game_id=GAME, username=name)


def dismiss(name: str) -> DismissAdmin:
    return DismissAdmin(game_id=GAME, username=name)


CLOSE = CloseGame(game_id=GAME)
BECOME = BecomeAdmin(game_id=GAME)
EVERY = [opening(), update(game_name="x"), CLOSE, BECOME, appoint("ann"), dismiss("ann")]


def created(**parameters: Any) -> GameCreated:
    fact = Play(creation(**parameters)).entries[0].fact
    assert isinstance(fact, GameCreated)
    return fact


# 370 and 3701.


def test_a_game_is_created_with_the_defaults_of_the_contract() -> None:
    assert created() == GameCreated(
        game_id=GAME,
        source_id=SOURCE,
        game_name=MATCH,
        type=None,
        currency="DON",
        hashtag="#ArgBra",
        image_url=None,
        actions=(),
        targets=(),
        open_at=NOW,
        close_at=None,
        live_start_at=NOW,
        live_finish_at=None,
        opened=True,
        by=HOST,
    )


def test_a_created_game_is_not_opened() -> None:
    assert not created(opened=False).opened


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "football"),
        ("currency", "EUR"),
        ("hashtag", "Cup!"),
        ("image_url", "https://example.org/a.png"),
        ("actions", ("Goal",)),
        ("targets", ("Brazil:7",)),
        ("open_at", NOW - HOUR),
        ("open_at", 0),
        ("open_at", NOW + HOUR),
        ("close_at", NOW + 1),
        ("live_start_at", NOW - HOUR),
        ("live_finish_at", NOW + HOUR),
        ("bet_delay", 30_000),
    ],
)
def test_the_details_of_a_new_game_are_stored(name: str, value: Any) -> None:
    assert getattr(created(**{name: value}), name) == value


@pytest.mark.parametrize(
    "times",
    [
        {"close_at": NOW},
        {"close_at": NOW - 1},
        {"close_at": 0},
        {"close_at": NOW + HOUR, "open_at": NOW + HOUR},
        {"close_at": NOW + HOUR, "open_at": NOW + HOUR + 1},
        {"close_at": NOW, "open_at": NOW - HOUR},
    ],
)
def test_a_close_at_not_after_now_and_open_at_is_invalid(times: dict[str, Any]) -> None:
    refusal = creation(**times).wrong_at(NOW)
    assert refusal is not None
    assert (refusal.code, refusal.parameter) == (Code.INVALID_PARAMETER, "close_at")


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"close_at": NOW + 1},
        {"close_at": NOW + 1, "open_at": NOW},
        {"close_at": NOW + 1, "live_start_at": NOW + HOUR, "live_finish_at": NOW},
        {"open_at": NOW + HOUR},
    ],
)
def test_every_other_close_at_is_accepted(times: dict[str, Any]) -> None:
    assert creation(**times).wrong_at(NOW) is None


# 3702.


def test_opening_an_upcoming_game_adds_actions_and_targets() -> None:
    play = Play(creation(opened=False, actions=("Goal",)))
    facts = play.do(opening(actions=("Offside",), targets=("Brazil",)), by=ANN)
    assert facts == [GameOpened(actions=("Offside",), targets=("Brazil",), by=ANN)]
    assert list(play.game.actions) == ["goal", "offside"]
    assert list(play.game.targets) == ["none", "brazil"]


@pytest.mark.parametrize("open_at", [NOW, NOW + HOUR])
def test_a_game_is_opened_once(open_at: int) -> None:
    assert Play(creation(open_at=open_at)).refused(opening()).code is Code.GAME_ALREADY_OPEN
    upcoming = Play(creation(opened=False, open_at=open_at))
    upcoming.do(opening())
    assert upcoming.refused(opening()).code is Code.GAME_ALREADY_OPEN


# 373.


def test_an_update_is_stored_as_requested() -> None:
    command = update(actions=("Goal",), game_name="Final", close_at=NOW + HOUR)
    assert Play().do(command, by=ANN) == [
        DetailsUpdated(actions=("Goal",), game_name="Final", close_at=NOW + HOUR, by=ANN)
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("game_name", "Final"),
        ("hashtag", "#Final"),
        ("image_url", "https://example.org/"),
        ("live_start_at", NOW + HOUR),
        ("live_finish_at", NOW + HOUR),
        ("close_at", NOW + HOUR),
        ("bet_delay", 5_000),
    ],
)
def test_a_detail_can_be_changed_and_the_others_stay(name: str, value: Any) -> None:
    play, untouched = Play(), Play().game
    play.do(update(**{name: value}))
    assert getattr(play.game, name) == value
    for other in {"game_name", "hashtag", "image_url", "open_at", "close_at"} - {name}:
        assert getattr(play.game, other) == getattr(untouched, other)


def test_a_new_name_leaves_the_hashtag() -> None:
    play = Play()
    play.do(update(game_name="Final"))
    assert play.game.hashtag == "#ArgBra"


@pytest.mark.parametrize("values", [{}, {"actions": ()}, {"actions": (), "targets": ()}])
def test_an_update_that_brings_nothing_is_known_as_such(values: dict[str, Any]) -> None:
    assert update(**values).changes_nothing


@pytest.mark.parametrize(
    "values", [{"close_at": 0}, {"actions": ("a",)}, {"live_start_at": 0}, {"bet_delay": 0}]
)
def test_an_update_that_brings_something_is_known_as_such(values: dict[str, Any]) -> None:
    assert not update(**values).changes_nothing


def test_close_at_0_removes_the_close_at() -> None:
    play = Play(creation(close_at=NOW + HOUR))
    play.do(update(close_at=0))
    assert play.game.close_at is None
    assert play.wait_until(NOW + 2 * HOUR) == []


@pytest.mark.parametrize("close_at", [NOW, NOW - 1, 1, -1])
def test_a_new_close_at_has_to_be_later_than_now(close_at: int) -> None:
    refusal = Play().refused(update(close_at=close_at))
    assert (refusal.code, refusal.parameter) == (Code.INVALID_PARAMETER, "close_at")


def test_a_new_close_at_has_to_be_later_than_open_at() -> None:
    play = Play(creation(open_at=NOW + HOUR))
    refusal = play.refused(update(close_at=NOW + HOUR))
    assert (refusal.code, refusal.parameter) == (Code.INVALID_PARAMETER, "close_at")
    play.do(update(close_at=NOW + HOUR + 1))
    assert play.game.close_at == NOW + HOUR + 1


def test_a_match_is_postponed_with_its_close() -> None:
    play = Play(creation(open_at=NOW + HOUR, close_at=NOW + 2 * HOUR))
    alone = play.refused(update(open_at=NOW + 2 * HOUR))
    assert (alone.code, alone.parameter) == (Code.INVALID_PARAMETER, "open_at")
    play.do(update(open_at=NOW + 2 * HOUR, close_at=NOW + 3 * HOUR))
    assert (play.game.open_at, play.game.close_at) == (NOW + 2 * HOUR, NOW + 3 * HOUR)


def test_a_match_is_postponed_without_an_end() -> None:
    play = Play(creation(open_at=NOW + HOUR, close_at=NOW + 2 * HOUR))
    play.do(update(open_at=NOW + 2 * HOUR, close_at=0))
    assert (play.game.open_at, play.game.close_at) == (NOW + 2 * HOUR, None)


def test_open_at_can_be_changed_up_to_the_moment_it_comes() -> None:
    play = Play(creation(open_at=NOW + HOUR))
    play.wait_until(NOW + HOUR - 1)
    play.do(update(open_at=NOW + 2 * HOUR))
    play.wait_until(NOW + 2 * HOUR)
    assert play.refused(update(open_at=NOW + 3 * HOUR)).code is Code.GAME_ALREADY_OPEN


def test_open_at_of_an_upcoming_game_can_be_changed() -> None:
    play = Play(creation(opened=False))
    play.do(update(open_at=NOW + HOUR))
    assert play.game.open_at == NOW + HOUR


# 375.


@pytest.mark.parametrize("opened", [True, False])
def test_a_game_is_closed_whether_opened_or_not(opened: bool) -> None:
    assert Play(creation(opened=opened)).do(CLOSE, by=ANN) == [GameClosed(by=ANN)]


@pytest.mark.parametrize("command", EVERY)
def test_a_closed_game_refuses_every_change(command: Command) -> None:
    play = Play()
    play.do(CLOSE)
    assert play.refused(command, subject=ANN).code is Code.GAME_CLOSED


@pytest.mark.parametrize("command", EVERY)
@pytest.mark.parametrize("opened", [True, False])
def test_deciding_changes_nothing(command: Command, opened: bool) -> None:
    play = Play(creation(opened=opened))
    context = DecisionContext(now=NOW, user_id=ANN, limits=play.limits, subject_id=ANN)
    with suppress(Refusal):
        decide(play.game, command, context)
    assert play.game == Play(creation(opened=opened)).game


# 616, 617, 618.


def test_a_caller_becomes_an_admin_once() -> None:
    play = Play()
    assert play.do(BECOME, by=ANN) == [AdminAppointed(user_id=ANN, by=ANN)]
    assert play.do(BECOME, by=ANN) == ()
    assert play.game.admins == {ANN}


def test_a_user_is_appointed_once() -> None:
    play = Play()
    assert play.do(appoint("ann"), subject=ANN) == [AdminAppointed(user_id=ANN, by=HOST)]
    assert play.do(appoint("ann"), subject=ANN) == ()
    assert play.game.admins == {ANN}


def test_being_source_admin_does_not_imply_being_game_admin() -> None:
    assert Play().game.admins == set()


def full() -> Play:
    play = Play(limits=RuleLimits(max_game_admins=2))
    play.do(BECOME)
    play.do(appoint("ann"), subject=ANN)
    return play


@pytest.mark.parametrize(("command", "subject"), [(BECOME, None), (appoint("bob"), BOB)])
def test_a_game_with_enough_admins_accepts_no_more(command: Command, subject: int | None) -> None:
    refusal = full().refused(command, by=BOB, subject=subject)
    assert isinstance(refusal, AdminRefusal)
    assert refusal.text == "This game already has enough admins."


def test_an_admin_succeeds_again_even_when_the_game_has_enough() -> None:
    assert full().do(BECOME) == ()
    assert full().do(appoint("ann"), subject=ANN) == ()


def test_a_game_accepts_five_admins_by_default() -> None:
    play = Play()
    for user in range(5):
        play.do(BECOME, by=user)
    assert isinstance(play.refused(BECOME, by=5), AdminRefusal)


def test_a_dismissed_admin_makes_room_for_another() -> None:
    play = full()
    assert play.do(dismiss("ann"), by=ANN, subject=ANN) == [AdminDismissed(user_id=ANN, by=ANN)]
    play.do(BECOME, by=BOB)
    assert play.game.admins == {HOST, BOB}


def test_dismissing_a_user_who_is_not_an_admin_changes_nothing() -> None:
    assert Play().do(dismiss("ann"), subject=ANN) == ()


# RuleLimits.

ACTIONS = tuple(f"a{number}" for number in range(1_000))
TARGETS = tuple(f"t{number}" for number in range(10_000))
DEEP = ":".join("t" * 100)
AT_THE_LIMIT = [{"actions": ACTIONS}, {"targets": TARGETS}, {"targets": (DEEP,)}]
BEYOND = [
    ({"actions": (*ACTIONS, "one more"), "targets": ("Brazil",)}, 1_000),
    ({"actions": ("Goal",), "targets": (*TARGETS, "one more")}, 10_000),
    ({"actions": ("Goal",), "targets": ("Brazil", f"{DEEP}:t")}, 100),
    ({"targets": (f"{DEEP}:t", *TARGETS), "actions": (*ACTIONS, "one more")}, 100),
    ({"targets": (*TARGETS[:-1], "made:below")}, 10_000),
]


@pytest.mark.parametrize("names", AT_THE_LIMIT)
def test_a_game_accepts_as_many_names_as_the_limits_allow(names: dict[str, Any]) -> None:
    at_once, later, opened = Play(creation(**names)), Play(), Play(creation(opened=False))
    later.do(update(**names))
    opened.do(opening(**names))
    for play in (at_once, later, opened):
        assert len(play.game.actions) + len(play.game.targets) - 1 in (1_000, 10_000, 100)


@pytest.mark.parametrize(("names", "limit"), BEYOND)
def test_a_game_is_not_made_with_more_names(names: dict[str, Any], limit: int) -> None:
    with pytest.raises(Refusal) as caught:
        Play(creation(**names))
    assert caught.value.code is Code.LIMIT_REACHED
    assert caught.value.details == {"limit": limit}


@pytest.mark.parametrize(("names", "limit"), BEYOND)
def test_beyond_a_limit_nothing_is_added(names: dict[str, Any], limit: int) -> None:
    for play, command in (
        (Play(), update(**names)),
        (Play(creation(opened=False)), opening(**names)),
    ):
        refusal = play.refused(command)
        assert (refusal.code, refusal.details) == (Code.LIMIT_REACHED, {"limit": limit})
        assert (play.game.actions, play.game.targets) == ({}, {"none": "None"})
        assert play.game.seq == 1


def test_what_a_game_has_already_counts_once() -> None:
    play = Play(creation(actions=ACTIONS, targets=TARGETS))
    play.do(update(actions=(ACTIONS[0].upper(),), targets=("T1", "none", "None")))
    assert play.refused(update(actions=("one more",))).code is Code.LIMIT_REACHED
    assert play.refused(update(targets=("t1:one more",))).code is Code.LIMIT_REACHED
