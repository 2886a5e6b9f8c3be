"""Every message's keys, nesting and values (the document's printed examples and the contract).

Messages about pools, bets and balances: `pool_bodies.py`.
"""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson
import pytest

from game.commands import (
    AppointAdmin,
    BecomeAdmin,
    CloseGame,
    Command,
    CreateAndOpenGame,
    CreateGame,
    DismissAdmin,
    OpenGame,
    UpdateGame,
)
from game.refusals import (
    AdminRefusal,
)
from protocol import games_list, messages
from protocol.codec import to_json
from protocol.errors import error_reply
from protocol.limits import Limits
from protocol.op import Response
from protocol.ops import OPS
from protocol.publications import publication
from protocol.replies import done
from protocol.requests import Ping
from tests.protocol import account_bodies, pool_bodies
from tests.protocol.revision_bodies import REVISIONS
from tests.support.play import ANN, GAME, MATCH, NOW, SOURCE, Play, creation

FOOTBALL = str(uuid5(NAMESPACE_URL, "toteboard:game-type:football"))
TIMES = {
    "open_at": NOW - 5,
    "live_start_at": NOW + 1_000,
    "live_finish_at": NOW + 2_000,
    "close_at": None,
}
ACTIONS = {"goal": {"name": "Goal"}, "offside": {"name": "Offside"}}


def leaf(name: str, **targets: Any) -> dict[str, Any]:
    return {"symbol": name[:3].lower(), "display_name": name, "targets": targets}


TARGETS = {
    "brazil": leaf("Brazil", **{"7": leaf("7")}),
    "none": leaf("None"),
    "argentina": leaf("argentina", **{"1": leaf("1"), "2": leaf("2")}),
}


def match(*, opened: bool = True) -> Play:
    """Return the game of the document's examples."""
    return Play(
        creation(
            opened=opened,
            type="football",
            actions=("Goal", "Offside"),
            targets=("argentina", "Brazil", "Argentina:1", "Argentina:2", "Brazil:7"),
            open_at=TIMES["open_at"],
            live_start_at=TIMES["live_start_at"],
            live_finish_at=TIMES["live_finish_at"],
        )
    )


WHOLE = {
    "source_id": SOURCE,
    "game_id": GAME,
    "actions": ACTIONS,
    "game_name": MATCH,
    "type": "football",
    **TIMES,
    "hashtag": "#ArgBra",
    "targets": TARGETS,
}
CREATED = {key: value for key, value in WHOLE.items() if key not in ("actions", "targets")}
DETAILS = {
    "res": 342,
    "status": "pre_game_betting_active",
    "source_id": SOURCE,
    "game_id": GAME,
    "name": MATCH,
    "game_name": MATCH,
    "hashtag": "#ArgBra",
    "image_url": None,
    "past_events": {},
    "past_events_total": 0,
    "game_state": {},
    "actions": ACTIONS,
    "currency": "DON",
    "type": FOOTBALL,
    "type_name": "football",
    "targets": TARGETS,
    **TIMES,
    "bet_delay": 0,
}
ROW: dict[str, Any] = {
    "id": GAME,
    "status": "pre_game_betting_active",
    "name": MATCH,
    "type": "football",
    "currency": "EUR",
    "open_at": NOW,
    "close_at": None,
    "live_start_at": NOW + 5,
    "hashtag": "#ArgBra",
    "a column more": 1,
}
LISTED = {
    "status": "pre_game_betting_active",
    "name": MATCH,
    "type": FOOTBALL,
    "type_name": "football",
    "open_at": NOW,
    "close_at": None,
}
UPCOMING = {
    "id": GAME,
    "source_id": SOURCE,
    "game_name": MATCH,
    "currency": "EUR",
    "game_type_id": FOOTBALL,
    "live_start_at": NOW + 5,
    "hashtag": "#ArgBra",
}
IN_SHORT = games_list.pools_in_short(match().game)
SOURCE_ROW = {"id": SOURCE, "name": "Cup", "description": None, "phase": "open"}

BODIES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (messages.pong(), {"res": 1}),
    (messages.logon("c", first=True), {"res": 100, "session_key": "c", "connection_id": "c"}),
    (messages.logon("c", first=False), {"res": 112}),
    (messages.game_joined(Play().game), {
        "res": 333, "game_id": GAME, "status": "game_in_progress_betting_active",
    }),
    (messages.game_joined(match().game, resync=True), {
        "res": 333, "game_id": GAME, "status": "pre_game_betting_active", "resync": True,
    }),
    (messages.game_left(GAME), {"res": 334, "game_id": GAME}),
    (messages.source_opened(SOURCE), {"res": 335, "source_id": SOURCE}),
    (messages.source_closed(SOURCE), {"res": 336, "source_id": SOURCE}),
    (messages.source_closing(SOURCE, [GAME]), {
        "res": 3361, "source_id": SOURCE, "games": [GAME],
    }),
    (messages.game_created_and_opened(match().game), {"res": 340} | WHOLE),
    (messages.game_created(match(opened=False).game), {"res": 3401} | CREATED),
    (messages.game_opened(match().game), {"res": 3402} | WHOLE),
    (messages.game_closed(GAME), {"res": 341, "game_id": GAME}),
    (messages.game_details(match().game), DETAILS),
    (messages.details_updated(GAME), {"res": 343, "game_id": GAME}),
    (messages.games_of_source(SOURCE, [ROW], 7), {
        "res": 345, "source_id": SOURCE, "games": {GAME: LISTED}, "total": 7,
    }),
    (messages.upcoming_games(SOURCE, [ROW], 7), {
        "res": 3461, "source_id": SOURCE, "games": [UPCOMING], "total": 7,
    }),
    (messages.user_joined(GAME, 17, "the_foozle"), {
        "res": 470, "game_id": GAME, "user_id": 17, "user_name": "the_foozle",
    }),
    (messages.user_left(GAME, 17, "the_foozle"), {
        "res": 480, "game_id": GAME, "user_id": 17, "user_name": "the_foozle",
    }),
    (messages.game_presence(GAME, 250, 201), {
        "res": 475, "game_id": GAME, "subscribers": 250, "users": 201,
    }),
    (games_list.games_list([(ROW | {"source_id": SOURCE, "source_name": "Cup"}, 5, IN_SHORT)], 9), {
        "res": 3452, "total": 9, "games": [{
            "game_id": GAME, "source_id": SOURCE, "source_name": "Cup", "name": MATCH,
            "hashtag": "#ArgBra", "status": "pre_game_betting_active", "type_name": "football",
            "currency": "EUR", "open_at": NOW, "close_at": None, "live_start_at": NOW + 5,
            "subscribers": 5, **IN_SHORT,
        }],
    }),
    (messages.admin_appointed(GAME, "ann"), {"res": 617, "game_id": GAME, "username": "ann"}),
    (messages.admin_dismissed(GAME, "ann"), {"res": 618, "game_id": GAME, "username": "ann"}),
    (messages.my_games([ROW], 7), {
        "res": 620, "games": [{"id": GAME, "name": MATCH}], "total": 7,
    }),
    (messages.my_sources([SOURCE_ROW], may_open=True), {
        "res": 621, "sources": [{"id": SOURCE, "name": "Cup", "description": None}],
        "may_open_sources": True,
    }),
    (messages.became_admin(GAME), {"res": 640, "game_id": GAME}),
    (error_reply(AdminRefusal("Enough."), op=616, game_id=GAME), {
        "res": 645, "game_id": GAME, "reason": "Enough.",
    }),
]  # fmt: skip


EVERY_BODY = [*BODIES, *pool_bodies.BODIES, *account_bodies.BODIES, *REVISIONS]


def kinds(value: Any) -> Any:
    """Return a message with each value replaced by its JSON type, because 0 equals False."""
    if isinstance(value, dict):
        return {key: kinds(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [kinds(inner) for inner in value]
    return "number" if type(value) in (int, float) else type(value).__name__


@pytest.mark.parametrize(("body", "wanted"), EVERY_BODY, ids=[str(w["res"]) for _, w in EVERY_BODY])
def test_a_message_has_exactly_these_keys_and_values(
    body: dict[str, Any], wanted: dict[str, Any]
) -> None:
    sent = orjson.loads(to_json(body))
    assert sent == wanted
    assert kinds(sent) == kinds(wanted)


def test_every_response_has_its_message() -> None:
    here = {wanted["res"] for _, wanted in EVERY_BODY}
    assert set(Response) - here == {Response.OPCODES, Response.ERROR}


def test_opcodes_names_every_op_and_response_and_the_limits_in_force() -> None:
    body = orjson.loads(to_json(messages.opcodes("1.2", Limits())))
    assert set(body) == {"res", "opcodes", "response_codes", "version", "limits", "policies"}
    assert (body["res"], body["version"]) == (2, "1.2")
    assert body["opcodes"] == {op.name: op.code for op in OPS}
    assert body["response_codes"] == {each.name.lower(): each.value for each in Response}
    assert body["limits"] == {
        "max_message_size": 65_536,
        "rate_limit": 200,
        "cost_limit": 4_194_304,
        "rate_burst": 400,
        "chat_limit": 2,
        "connections_per_user": 20,
        "joins_per_connection": 1_000,
        "mailbox_size": 1_000,
        "outbox_size": 1_000,
        "outbox_bytes": 8_388_608,
        "games_per_source": 10_000,
        "pools_per_game": 1_000,
        "handshake_timeout": 10_000,
        "ping_interval": 20_000,
        "resume_limit": 1_000,
        "presence_limit": 200,
        "distribution_interval": 100,
        "max_bet_delay": 30_000,
        "correction_window": 86_400_000,
        "pool_policy": "plain",
        "max_game_admins": 5,
        "http_connections_per_address": 50,
        "guests": True,
        "guest_connections": 1_000,
        "session_ttl": 86_400_000,
        "initial_balance": 1_000,
        "admins_may_bet": False,
        "allowed_origins": None,
    }
    assert body["policies"] == {
        "plain": shown(0, 0, None, "single", "refund"),
        "social": shown(5, 0.01, 1, "single", "refund"),
        "tote": shown(19.25, 0.1, 1.02, "pool", "carry"),
        "us": shown(18, 0.1, 1.05, "profit", "refund"),
    }


def shown(
    takeout: float, break_to: float, minimum: float | None, dead_heat: str, unbacked: str
) -> dict[str, Any]:
    names = "takeout", "break_to", "minimum", "dead_heat", "unbacked"
    values = takeout, break_to, minimum, dead_heat, unbacked
    return dict(zip(names, values, strict=True))


def test_limits_are_shown_as_they_are_in_force() -> None:
    limits = Limits(
        rate_limit=0,
        cost_limit=0,
        initial_balance=1_050,
        allowed_origins=("https://a.org",),
        resume_limit=0,
    )
    shown = messages.limits_in_force(limits)
    assert shown["rate_limit"] is None
    assert shown["cost_limit"] is None
    assert shown["initial_balance"] == 10.5
    assert shown["allowed_origins"] == ["https://a.org"]
    assert shown["resume_limit"] == 0


# Games.


def test_targets_nest_to_any_depth_each_level_keyed_by_its_own_segment() -> None:
    play = Play(creation(targets=("A:B:C", "a:b:D d", "B")))
    assert messages.game_details(play.game)["targets"] == {
        "none": leaf("None"),
        "a": leaf("A", b=leaf("B", c=leaf("C"), **{"d-d": leaf("D d") | {"symbol": "d-d"}})),
        "b": leaf("B"),
    }


def test_a_game_without_type_has_none_anywhere() -> None:
    game = Play().game
    assert messages.game_created_and_opened(game)["type"] is None
    details = messages.game_details(game)
    assert (details["type"], details["type_name"]) == (None, None)
    listed = messages.games_of_source(SOURCE, [ROW | {"type": None}], 1)["games"][GAME]
    assert (listed["type"], listed["type_name"]) == (None, None)
    upcoming = messages.upcoming_games(SOURCE, [ROW | {"type": None}], 1)["games"][0]
    assert upcoming["game_type_id"] is None


@pytest.mark.parametrize(
    ("opened", "closed", "status"),
    [
        (False, False, "betting_not_yet_active"),
        (True, False, "game_in_progress_betting_active"),
        (True, True, "game_closed"),
    ],
)
def test_details_and_333_contain_the_status(opened: bool, closed: bool, status: str) -> None:
    play = Play(creation(opened=opened))
    if closed:
        play.do(CloseGame(game_id=GAME))
    assert messages.game_details(play.game)["status"] == status
    assert messages.game_joined(play.game)["status"] == status


# Replies and publications.


@pytest.mark.parametrize(
    ("command", "res"),
    [
        (CreateAndOpenGame(source_id=SOURCE, game_name=MATCH), 340),
        (CreateGame(source_id=SOURCE, game_name=MATCH), 3401),
        (OpenGame(game_id=GAME), 3402),
        (UpdateGame(game_id=GAME), 343),
        (CloseGame(game_id=GAME), 3411),
        (BecomeAdmin(game_id=GAME), 640),
        (AppointAdmin(game_id=GAME, username="ANN"), 617),
        (DismissAdmin(game_id=GAME, username="ANN"), 618),
    ],
)
def test_a_command_that_was_done_has_the_reply_of_its_op(command: Command, res: int) -> None:
    assert done(Play().game, command, [], now=NOW)["res"] == res


def test_a_reply_spells_a_user_as_the_accounts_do() -> None:
    for command in (
        AppointAdmin(game_id=GAME, username="ANN"),
        DismissAdmin(game_id=GAME, username="ANN"),
    ):
        reply = done(Play().game, command, [], now=NOW, subject_name="Ann")
        assert reply["username"] == "Ann"


def test_a_query_has_no_reply_of_success() -> None:
    with pytest.raises(TypeError):
        done(Play().game, Ping(), [], now=NOW)


def test_a_fact_has_a_publication_exactly_if_it_counts_as_published() -> None:
    play = Play(creation(opened=False, live_start_at=NOW + 5))
    play.do(OpenGame(game_id=GAME))
    play.do(UpdateGame(game_id=GAME, game_name="Final"))
    play.do(BecomeAdmin(game_id=GAME), by=ANN)
    play.do(DismissAdmin(game_id=GAME, username="ann"), subject=ANN)
    play.wait_until(NOW + 5)
    play.do(CloseGame(game_id=GAME))
    told = [publication(play.game, entry) for entry in play.entries]
    assert [None if body is None else body["res"] for body in told] == [
        None, 342, 342, None, None, 342, 341,
    ]  # fmt: skip
    assert [entry.fact.published for entry in play.entries] == [body is not None for body in told]
