"""The op table against the contract's tables, copied here (sections 1 and 3 to 8)."""

import ast

import pytest
from attrs import has

from game.commands import Command
from game.refusals import Code
from game.vocabulary import Right
from protocol.op import Op, Response, Route
from protocol.ops import BY_CODE, BY_COMMAND, COMMON_REFUSALS, OPS
from tests.protocol.contract_ops import CONTRACT
from tests.support.floors import modules
from tests.support.tree import ROOT

CLOSING = {362, 368, 342, 341, 815}

ANSWERS: dict[int, tuple[set[int], set[int]]] = {
    1: ({1}, set()),
    2: ({2}, set()),
    100: ({100, 112}, set()),
    1010: ({1110}, set()),
    365: ({335}, set()),
    366: ({336, 3361}, CLOSING),
    611: ({621}, set()),
    370: ({340}, set()),
    3701: ({3401}, set()),
    3702: ({3402}, {342}),
    616: ({640, 645}, set()),
    617: ({617, 645}, set()),
    618: ({618}, set()),
    372: ({342}, set()),
    373: ({343}, {342}),
    363: ({333}, {470, 475}),
    364: ({334}, {480, 475}),
    375: ({341, 3411}, CLOSING),
    380: ({345}, set()),
    3811: ({3461}, set()),
    3812: ({3452}, set()),
    610: ({620}, set()),
    385: ({350}, {352}),
    387: ({3535}, set()),
    388: ({353}, set()),
    389: ({354}, set()),
    390: ({355}, set()),
    3901: ({3551}, set()),
    392: ({356}, {361, 815}),
    393: ({360}, set()),
    3911: ({3911}, set()),
    395: ({366}, {366, 362, 368, 3622, 352, 341, 815}),
    3951: ({3661}, {3661, 368, 369, 3622, 3621, 815}),
    3952: ({3952}, {362, 352, 341, 815}),
    3992: ({3621}, {3621, 815}),
    396: ({367}, {367}),
    3961: ({367}, {367}),
    399: ({3991}, {362, 341, 815}),
    3994: ({3681}, {3681, 362, 815}),
    397: ({368}, {368}),
    398: ({369}, {369}),
    3975: ({370}, {370, 368}),
    3985: ({371}, {371, 369}),
    800: ({800}, set()),
    810: ({810}, set()),
    840: ({840}, set()),
    8200: ({8200}, set()),
    8300: ({8300}, set()),
    8310: ({8310}, set()),
    900: ({901}, {901}),
    9020: ({9021}, set()),
    9030: ({9031}, set()),
    9040: ({9041}, set()),
    9050: ({9051}, set()),
    9060: ({9061}, set()),
    9070: ({9011}, {9011}),
    450: ({450}, set()),
    451: ({451}, set()),
}
"""The replies of each op, and what subscribers and owners of balances are sent.

An event or a cancellation may end the last manual pool of a game that is closing (341); an event
ends pools that open again (352).
"""

SHARED = {
    **{375: 341, 395: 366, 396: 367, 3994: 3681, 397: 368, 398: 369, 3975: 370, 3985: 371},
    **{3951: 3661, 3992: 3621, 9070: 9011},
}
"""The replies that are also the publication: a subscribed caller receives them once."""

RESPONSES = {
    "pong": 1,
    "opcodes": 2,
    "logon_success": 100,
    "logon_fail_already_logged_in": 112,
    "game_joined": 333,
    "game_left": 334,
    "game_created_and_opened": 340,
    "game_created": 3401,
    "game_closed": 341,
    "game_details": 342,
    "game_details_updated": 343,
    "games_list_for_source": 345,
    "user_joined_game": 470,
    "game_presence": 475,
    "user_left_game": 480,
    "become_an_admin_for_game_success": 640,
    "become_an_admin_for_game_fail": 645,
    "game_source_closing": 3361,
    "game_closing": 3411,
    "bet_pool_resolved": 362,
    "betting_in_pool_blocked": 368,
}
"""The responses that the document or the contract names."""

CHANGING = {
    *{365, 366, 370, 3701, 3702, 373, 375, 616, 617, 618},
    *{385, 392, 395, 396, 397, 398, 399, 3961, 3975, 3985, 3994},
    *{9020, 9030, 9040, 9050, 9060, 8300, 8310},
    *{3951, 3952, 3992},
}
LOOKING = {1, 2, 100, 363, 364, 372, 380, 387, 393, 450, 451, 3811, 3812, 3901, 3911}
"""The ops of guests: those that change nothing, but for balances and lists of the caller's own."""
RIGHTS = dict.fromkeys(LOOKING, Right.EVERY_CLIENT) | {
    365: Right.HOST,
    366: Right.SOURCE_ADMIN,
    370: Right.SOURCE_ADMIN,
    3701: Right.SOURCE_ADMIN,
    3702: Right.SOURCE_ADMIN,
    616: Right.ASKING_TO_BE_ADMIN,
    617: Right.SOURCE_ADMIN,
    618: Right.SOURCE_ADMIN_OR_SUBJECT,
    373: Right.EITHER_ADMIN,
    375: Right.EITHER_ADMIN,
    385: Right.GAME_ADMIN,
    395: Right.GAME_ADMIN,
    396: Right.GAME_ADMIN,
    3961: Right.GAME_ADMIN,
    399: Right.GAME_ADMIN,
    3994: Right.GAME_ADMIN,
    3951: Right.GAME_ADMIN,
    3952: Right.GAME_ADMIN,
    3992: Right.SOURCE_ADMIN,
    397: Right.GAME_ADMIN,
    398: Right.GAME_ADMIN,
    3975: Right.GAME_ADMIN,
    3985: Right.GAME_ADMIN,
    9020: Right.MODERATOR,
    9030: Right.MODERATOR,
    9040: Right.SOURCE_ADMIN,
    9050: Right.SOURCE_ADMIN,
    9060: Right.GAME_ADMIN,
    9070: Right.GAME_ADMIN,
}
UNKNOWN = {
    "source_id": Code.UNKNOWN_SOURCE,
    "game_id": Code.UNKNOWN_GAME,
    "pool_id": Code.UNKNOWN_POOL,
    "username": Code.UNKNOWN_USER,
    "action": Code.UNKNOWN_ACTION,
    "action_id": Code.UNKNOWN_ACTION,
    "target": Code.UNKNOWN_TARGET,
    "target_id": Code.UNKNOWN_TARGET,
    "winning_target": Code.UNKNOWN_TARGET,
}
ALSO_UNKNOWN = {385: {Code.UNKNOWN_TARGET}, 900: {Code.UNKNOWN_GAME}}
"""The ops whose `targets` exist: targets of the game, or games to chat in. Other ops add them."""

STATES = {
    Code.SOURCE_CLOSED: {366, 370, 3701, 9020, 9030, 9040, 9050},
    Code.GAME_NOT_OPEN: {385, 392, 395},
    Code.GAME_ALREADY_OPEN: {3702, 373},
    Code.GAME_CLOSED: (CHANGING | {363, 9070})
    - {365, 366, 370, 3701, 3992, 9040, 9050, 8300, 8310},
    Code.POOL_BLOCKED: {392},
    Code.POOL_RESOLVED: {392, 395, 396, 397, 398, 399, 3952, 3992, 3994},
    Code.POOL_NOT_DECIDED: {3952},
    Code.POOL_NOT_RESOLVED: {3911, 3992},
    Code.ALREADY_EXISTS: {365, 3951, 3992, 3994},
    Code.NOT_JOINED: {364, 900},
    Code.INSUFFICIENT_FUNDS: {392},
    Code.LIMIT_REACHED: {370, 3701, 3702, 373, 363, 385, 392, 900, 3951, 3992},
}
"""Which ops a state, a lack of funds or a limit can refuse."""

ROUTES = {"source_id": Route.SOURCES, "game_id": Route.GAME, "pool_id": Route.POOL}
UNROUTED = {
    3812: Route.SOURCES,
    365: Route.SOURCES,
    611: Route.SOURCES,
    610: Route.SOURCES,
    1: Route.EDGE,
    2: Route.EDGE,
    100: Route.EDGE,
    **dict.fromkeys((9020, 9030, 9040, 9050, 9060, 8300, 8310), Route.STORE),
}
"""Ops about sources and games, or about none, that name no source, game or pool."""

every_op = pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)


CODES = {op.code for op in OPS} | {int(response) for response in Response}
SMALLEST = 300
"""Smaller codes are also ordinary numbers."""
TABLE = ("protocol/op.py", "protocol/ops.py")


def test_no_other_module_of_the_rules_or_the_protocol_contains_a_code() -> None:
    found = {
        (module.path, node.value)
        for module in modules(ROOT)
        if module.path.startswith(("game/", "protocol/")) and module.path not in TABLE
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.Constant) and type(node.value) is int
        if node.value >= SMALLEST and node.value in CODES
    }
    assert found == set()


def test_the_table_has_the_ops_of_the_contract() -> None:
    assert {op.code: op.name for op in OPS} == {code: name for code, (name, _) in CONTRACT.items()}


def test_no_code_name_or_command_belongs_to_two_ops() -> None:
    assert len(BY_CODE) == len(OPS) == len(BY_COMMAND) == len({op.name for op in OPS})


@every_op
def test_an_op_has_a_command_with_the_parameters_of_the_contract(op: Op) -> None:
    assert has(op.command)
    assert issubclass(op.command, Command)
    assert set(op.parameters) == set(CONTRACT[op.code][1].split())


@every_op
def test_parameters_are_checked_in_the_order_of_the_contract(op: Op) -> None:
    assert op.parameters == tuple(CONTRACT[op.code][1].split())


@every_op
def test_an_op_has_the_replies_and_publications_of_the_contract(op: Op) -> None:
    replies, published = ANSWERS[op.code]
    assert set(op.replies) == replies
    assert set(op.published) == published


@every_op
def test_the_publication_that_is_the_reply_too_is_the_one_of_the_contract(op: Op) -> None:
    assert op.shared == SHARED.get(op.code)
    assert op.shared is None or {op.shared} <= {*op.replies} & {*op.published}


@every_op
def test_the_route_of_an_op_follows_from_its_parameters(op: Op) -> None:
    named = next((ROUTES[name] for name in op.parameters if name in ROUTES), Route.CONNECTION)
    assert op.route is UNROUTED.get(op.code, named)


@every_op
def test_an_edge_needs_no_parameters_no_right_and_no_game_to_answer(op: Op) -> None:
    if op.route is Route.EDGE:
        assert not op.parameters
        assert op.right is Right.EVERY_CLIENT
        assert not op.changes
        assert (op.published, op.refusals) == ((), ())


@every_op
def test_a_constant_reply_is_the_only_one(op: Op) -> None:
    if op.has_constant_reply:
        assert op.route is Route.EDGE
        assert len(op.replies) == 1


@every_op
def test_every_answer_of_the_table_is_a_response(op: Op) -> None:
    assert all(Response(answer) is answer for answer in (*op.replies, *op.published))


def test_every_response_is_an_answer_of_some_op_but_the_error_and_what_time_alone_brings() -> None:
    answers = {answer for op in OPS for answer in (*op.replies, *op.published)}
    assert set(Response) - answers == {Response.ERROR, Response.BET_POOL_EXPIRED}


def test_responses_have_the_names_of_the_document() -> None:
    names = {response.name.lower(): response.value for response in Response}
    assert names.items() >= RESPONSES.items()


@every_op
def test_the_ops_that_write_facts_are_the_changing_ones(op: Op) -> None:
    assert op.changes == (op.code in CHANGING)


@every_op
def test_an_op_has_the_right_of_the_contract(op: Op) -> None:
    assert op.right is RIGHTS.get(op.code, Right.ANYONE)


@every_op
def test_an_op_has_a_refusal_for_each_unknown_thing_that_its_parameters_name(op: Op) -> None:
    unknown = {code for name, code in UNKNOWN.items() if name in op.parameters}
    unknown |= ALSO_UNKNOWN.get(op.code, set())
    assert unknown == {code for code in op.refusals if code.startswith("unknown_")}


@pytest.mark.parametrize("code", STATES)
def test_the_ops_that_a_state_or_a_limit_may_refuse_are_those_of_the_contract(code: Code) -> None:
    assert {op.code for op in OPS if code in op.refusals} == STATES[code]


@every_op
def test_an_op_that_needs_a_right_is_refused_to_others(op: Op) -> None:
    answered_645 = op.right is Right.ASKING_TO_BE_ADMIN
    needs_right = op.right not in (Right.EVERY_CLIENT, Right.ANYONE) and not answered_645
    # Admins may not bet, a token must be accepted, and who is banned or muted may not take part.
    refused_to_some = op.code in (392, 1010, 363, 900)
    assert (Code.NOT_AUTHORIZED in op.refusals) == (needs_right or refused_to_some)


@every_op
def test_a_refusal_is_listed_once(op: Op) -> None:
    assert len(set(op.refusals)) == len(op.refusals)
    assert not set(op.refusals) & set(COMMON_REFUSALS)


def test_every_refusal_can_be_earned() -> None:
    earned = {code for op in OPS for code in op.refusals} | set(COMMON_REFUSALS)
    assert set(Code) - earned == {Code.UNKNOWN_OP, Code.IDEMPOTENCY_CONFLICT}
