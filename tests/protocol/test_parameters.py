"""From parameters to a command (contract, section 1, "Values"), and comparing commands.

Parameters of pools, bets and leaderboards: `tests/protocol/test_pool_parameters.py`.
"""

from hashlib import sha256
from typing import Any

import pytest

from game.commands import CloseGame, Command, CreateAndOpenGame, CreateGame, UpdateGame
from game.refusals import Code, Refusal
from protocol.codec import Frame, fingerprint, read_command
from protocol.op import Op
from protocol.ops import BY_CODE
from protocol.requests import GetGameDetails, JoinGame, ListGames, Ping
from tests.protocol.parameters import ANY_ID, NOW, command, refusal


def test_parameters_are_read_by_their_shapes() -> None:
    assert command(
        370,
        source_id=" s ",
        game_name=" Argentina - Brazil ",
        actions="Goal, Offside",
        targets=["Argentina", "Brazil : 7"],
        type="football",
        currency="EUR",
        open_at=str(NOW),
        create_at="whatever",
        live_start_at=NOW + 1,
    ) == CreateAndOpenGame(
        source_id="s",
        game_name="Argentina - Brazil",
        actions=("Goal", "Offside"),
        targets=("Argentina", "Brazil:7"),
        type="football",
        currency="EUR",
        open_at=NOW,
        live_start_at=NOW + 1,
    )


def test_a_command_is_of_the_class_of_its_op() -> None:
    assert type(command(370, source_id="s", game_name="n")) is CreateAndOpenGame
    assert type(command(3701, source_id="s", game_name="n")) is CreateGame
    assert command(1) == Ping()


def test_unknown_parameters_are_ignored() -> None:
    assert command(375, game_id="g", more=[1], by=2, seq="x") == CloseGame(game_id="g")


@pytest.mark.parametrize("nothing", [None, "", "  ", "\n\t"])
def test_null_and_blank_strings_mean_not_given(nothing: Any) -> None:
    every = dict.fromkeys(BY_CODE[370].parameters, nothing) | {"source_id": "s", "game_name": "n"}
    assert command(370, **every) == CreateAndOpenGame(source_id="s", game_name="n")
    assert command(363, game_id="g", since=nothing) == JoinGame(game_id="g")
    assert refusal(375, game_id=nothing) == (Code.MISSING_PARAMETER, "game_id")


@pytest.mark.parametrize("value", [0, False, [], {}, [None], 1.5])
def test_anything_else_counts_as_given_and_must_have_the_shape(value: Any) -> None:
    assert refusal(375, game_id=value) == (Code.INVALID_PARAMETER, "game_id")


SOUND = {
    "status": "live",
    "until": str(NOW + 1),
    "listed": "true",
    "currency": "DON",
    "image_url": "http://a",
    "close_at": str(NOW + 1),
    "stop_accepting_bets_at": str(NOW + 1),
    "is_blocked": "true",
    "is_hot": "true",
    "recreate_on_end": "true",
    "cancel": "true",
}
"""Valid values of some parameters; the string "1" is valid for all others."""


@pytest.mark.parametrize("op", list(BY_CODE))
def test_of_several_wrong_parameters_the_first_of_the_table_answers(op: int) -> None:
    names = BY_CODE[op].parameters
    for place, name in enumerate(names):
        sound = {known: SOUND.get(known, "1") for known in names[:place]}
        wrong = {later: {"no": "shape"} for later in reversed(names[place:])}
        assert refusal(op, **wrong, **sound) == (Code.INVALID_PARAMETER, name)


REQUIRED = {
    1010: ["token"],
    9020: ["username", "game_id"],
    9030: ["username", "game_id"],
    9040: ["source_id", "username"],
    9050: ["source_id", "username"],
    9060: ["game_id", "ms"],
    9070: ["game_id", "message_id"],
    3911: ["pool_id"],
    365: ["source_name"],
    366: ["source_id"],
    370: ["source_id", "game_name"],
    3701: ["source_id", "game_name"],
    3702: ["game_id"],
    616: ["game_id"],
    617: ["game_id", "username"],
    618: ["game_id", "username"],
    372: ["game_id"],
    373: ["game_id"],
    363: ["game_id"],
    364: ["game_id"],
    375: ["game_id"],
    380: ["source_id"],
    3811: ["source_id"],
    385: ["game_id", "description", "action"],
    387: ["game_id"],
    388: ["game_id"],
    389: ["game_id"],
    390: ["game_id"],
    3901: ["game_id"],
    392: ["pool_id", "target", "amount"],
    393: ["pool_id"],
    395: ["game_id", "action_id", "target_id"],
    3951: ["game_id", "event_id", "reason"],
    3952: ["pool_id"],
    3992: ["pool_id", "reason", "corrects_seq"],
    396: ["pool_id"],
    3961: ["game_id", "action_id", "target_id"],
    399: ["pool_id"],
    3994: ["pool_id", "target", "reason"],
    397: ["pool_id"],
    398: ["pool_id"],
    3975: ["game_id", "action"],
    3985: ["game_id", "action"],
    900: ["text"],
    451: ["game_id"],
}
AND_ONE_OF = {3992: {"cancel": "true"}}
"""The ops that need one of several parameters beside these."""


@pytest.mark.parametrize("op", list(BY_CODE))
def test_a_parameter_that_the_op_needs_is_missing_in_the_order_of_the_table(op: int) -> None:
    required = REQUIRED.get(op, [])
    for place, name in enumerate(required):
        assert refusal(op, **dict.fromkeys(required[:place], "1")) == (
            Code.MISSING_PARAMETER,
            name,
        )
    given = dict.fromkeys(required, "1") | AND_ONE_OF.get(op, {})
    assert isinstance(command(op, **given), Command)


def test_missing_and_invalid_take_turns_in_the_order_of_the_table() -> None:
    assert refusal(370, game_name=1) == (Code.MISSING_PARAMETER, "source_id")
    assert refusal(370, source_id=1) == (Code.INVALID_PARAMETER, "source_id")
    assert refusal(370, source_id="s", currency="don") == (Code.MISSING_PARAMETER, "game_name")


def test_a_close_at_that_is_too_early_is_refused_in_its_place_of_the_order() -> None:
    sound = {"source_id": "s", "game_name": "n"}
    early = sound | {"close_at": NOW}
    assert refusal(370, **early) == (Code.INVALID_PARAMETER, "close_at")
    assert refusal(370, **early, hashtag=1) == (Code.INVALID_PARAMETER, "close_at")
    assert refusal(370, **early, currency="don") == (Code.INVALID_PARAMETER, "currency")
    assert refusal(370, close_at=NOW, hashtag=1) == (Code.MISSING_PARAMETER, "source_id")
    late = sound | {"close_at": NOW + 1}
    assert refusal(370, **late, hashtag=1) == (Code.INVALID_PARAMETER, "hashtag")


# Parameters that are invalid only at this time.

UNTIMELY: list[tuple[int, dict[str, Any], str]] = [
    (370, {"source_id": "s", "game_name": "n", "close_at": NOW}, "close_at"),
    (373, {"game_id": "g", "close_at": NOW}, "close_at"),
    (385, {"game_id": "g", "description": "d", "action": "a", "stop_accepting_bets_at": NOW},
     "stop_accepting_bets_at"),
    (385, {"game_id": "g", "description": "d", "action": "a", "pool_type": 4, "finish_at": NOW + 9},
     "finish_at"),
    (395, {"game_id": "g", "action_id": "a", "target_id": "t", "happened_at": NOW + 2_001},
     "happened_at"),
]  # fmt: skip


@pytest.mark.parametrize(("op", "parameters", "name"), UNTIMELY)
def test_what_comes_too_late_is_read_for_it_may_repeat_what_was_in_time(
    op: int, parameters: dict[str, Any], name: str
) -> None:
    _, read = read_command(BY_CODE[op], Frame(parameters), NOW)
    untimely = read.wrong_at(NOW)
    assert untimely is not None
    assert (untimely.code, untimely.parameter) == (Code.INVALID_PARAMETER, name)
    assert command(op, **parameters | {name: NOW + 1_500})
    in_time = read_command(BY_CODE[op], Frame(parameters), NOW - 10_000)[1]
    assert fingerprint(read) == fingerprint(in_time)


@pytest.mark.parametrize(("op", "parameters", "name"), UNTIMELY)
def test_with_another_fault_what_comes_too_late_is_refused_in_its_place(
    op: int, parameters: dict[str, Any], name: str
) -> None:
    names = BY_CODE[op].parameters
    for other in names[: names.index(name)]:
        assert refusal(op, **parameters | {other: {}}) == (Code.INVALID_PARAMETER, other)
    for other in names[names.index(name) + 1 :]:
        assert refusal(op, **parameters | {other: {}}) == (Code.INVALID_PARAMETER, name)


def test_the_text_of_a_refusal_describes_the_shape() -> None:
    with pytest.raises(Refusal, match="'currency' must be a currency of 1 to 16 capital letters"):
        command(370, source_id="s", game_name="n", currency="don")


@pytest.mark.parametrize(
    ("op", "parameters", "at_most"),
    [
        (365, {"source_name": "{}"}, 200),
        (365, {"source_name": "s", "description": "{}"}, 512),
        (370, {"source_id": "s", "game_name": "{}"}, 200),
        (370, {"source_id": "s", "game_name": "n", "type": "{}"}, 64),
        (370, {"source_id": "s", "game_name": "n", "hashtag": "{}"}, 64),
        (373, {"game_id": "g", "game_name": "{}"}, 200),
        (373, {"game_id": "g", "hashtag": "{}"}, 64),
        (370, {"source_id": "s", "game_name": "n", "image_url": "http://{}"}, 2_048 - 7),
        (373, {"game_id": "g", "image_url": "http://{}"}, 2_048 - 7),
        (385, {"game_id": "g", "action": "a", "description": "{}"}, 500),
        (399, {"pool_id": "p", "reason": "{}"}, 500),
        (900, {"text": "{}"}, 500),
    ],
)
def test_a_text_may_be_as_long_as_in_the_table(
    op: int, parameters: dict[str, str], at_most: int
) -> None:
    name = next(name for name, value in parameters.items() if "{}" in value)
    for length in (1, at_most):
        command(op, **parameters | {name: parameters[name].format("\u00e9" * length)})
    too_long = parameters[name].format("\u00e9" * (at_most + 1))
    assert refusal(op, **parameters | {name: too_long}) == (Code.INVALID_PARAMETER, name)


@pytest.mark.parametrize("value", [2**53, -(2**53), 1e30, 10**30, "9" * 30, NOW + 0.5, True])
@pytest.mark.parametrize(
    ("op", "name"),
    [
        *((373, f"{name}_at") for name in ("open", "close", "live_start", "live_finish")),
        (385, "finish_at"),
        (385, "stop_accepting_bets_at"),
        (395, "happened_at"),
        (396, "likely_to_happen_at"),
        (3961, "likely_to_happen_at"),
        (397, "block_at"),
        (398, "allow_at"),
        (3975, "block_at"),
        (3985, "allow_at"),
    ],
)
def test_a_time_is_an_integer_that_json_keeps_exact(op: int, name: str, value: Any) -> None:
    others = {each: SOUND.get(each, "1") for each in BY_CODE[op].parameters}
    assert refusal(op, **others | {name: value}) == (Code.INVALID_PARAMETER, name)


@pytest.mark.parametrize("since", [-1, "-1", 0.5, "x", [], 2**53])
def test_since_is_a_position(since: Any) -> None:
    assert refusal(363, game_id="g", since=since) == (Code.INVALID_PARAMETER, "since")
    assert command(363, game_id="g", since=0) == JoinGame(game_id="g", since=0)


@pytest.mark.parametrize("op", [380, 3811, 3812, 610, 390, 3901, 393])
def test_a_page_has_1000_rows_by_default_and_at_most(op: int) -> None:
    sizes: dict[int | None, int] = {
        None: 1_000,
        1: 1,
        999: 999,
        1_000: 1_000,
        1_001: 1_000,
        2**53 - 1: 1_000,
    }
    for limit, page in sizes.items():
        assert command(op, **ANY_ID, limit=limit).page == page  # type: ignore[attr-defined]
    for wrong in (0, -1, "x"):
        assert refusal(op, **ANY_ID, limit=wrong) == (Code.INVALID_PARAMETER, "limit")
    assert refusal(op, **ANY_ID, offset=-1) == (Code.INVALID_PARAMETER, "offset")
    assert command(380, source_id="s", offset="5") == ListGames(source_id="s", offset=5)


@pytest.mark.parametrize("nothing", [{}, {"actions": []}, {"actions": "", "targets": [None, " "]}])
def test_an_update_without_changes_is_a_query_for_details(nothing: dict[str, Any]) -> None:
    read: tuple[Op, Command] = read_command(BY_CODE[373], Frame({"game_id": "g", **nothing}), NOW)
    assert read == (BY_CODE[372], GetGameDetails(game_id="g"))


@pytest.mark.parametrize("something", [{"actions": "Goal"}, {"close_at": 0}, {"hashtag": "x"}])
def test_an_update_that_brings_something_is_an_update(something: dict[str, Any]) -> None:
    op, read = read_command(BY_CODE[373], Frame({"game_id": "g", **something}), NOW)
    assert op is BY_CODE[373]
    assert isinstance(read, UpdateGame)


# What an idempotency key compares.

GIVEN = {"source_id": "s", "game_name": "n", "actions": ["Goal", "Offside"], "close_at": NOW + 5}


@pytest.mark.parametrize(
    "same",
    [
        {"unknown": 1},
        {"actions": "Goal , Offside"},
        {"close_at": str(NOW + 5)},
        {"game_name": " n "},
        {"hashtag": None, "type": " "},
        {"currency": "DON"},
    ],
)
def test_parameters_are_compared_as_read_and_unknown_ones_left_out(same: dict[str, Any]) -> None:
    assert fingerprint(command(370, **GIVEN | same)) == fingerprint(command(370, **GIVEN))


@pytest.mark.parametrize(
    "other",
    [
        {"source_id": "t"},
        {"game_name": "N"},
        {"actions": ["Offside", "Goal"]},
        {"close_at": NOW + 6},
        {"close_at": None},
        {"currency": "EUR"},
        {"type": "n"},
        {"open_at": NOW},
    ],
)
def test_other_parameters_have_another_fingerprint(other: dict[str, Any]) -> None:
    assert fingerprint(command(370, **GIVEN | other)) != fingerprint(command(370, **GIVEN))


def test_a_fingerprint_has_only_what_was_given_so_new_parameters_do_not_change_it() -> None:
    read = command(370, source_id="s", game_name="n", actions="Goal")
    given = b'{"actions":["Goal"],"game_name":"n","source_id":"s"}'
    assert fingerprint(read) == sha256(given).hexdigest()


def test_the_time_at_which_a_request_is_read_is_not_compared() -> None:
    frame = Frame({"source_id": "s", "game_name": "n"})
    now, later = (read_command(BY_CODE[370], frame, at)[1] for at in (NOW, NOW + 60_000))
    assert fingerprint(now) == fingerprint(later)
