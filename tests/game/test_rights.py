"""Rights (contract, section 3): every right with every kind of caller."""

from contextlib import suppress
from typing import TypedDict

import pytest

from game.refusals import AdminRefusal, Code, Refusal
from game.rights import refuse_guest, refuse_without
from game.vocabulary import Right


class Caller(TypedDict, total=False):
    is_host: bool
    is_source_admin: bool
    is_game_admin: bool
    is_subject: bool


CALLERS: dict[str, Caller] = {
    "anyone": {},
    "a host": {"is_host": True},
    "a source admin": {"is_source_admin": True},
    "a game admin": {"is_game_admin": True},
    "both": {"is_source_admin": True, "is_game_admin": True},
    "anyone, naming itself": {"is_subject": True},
    "a source admin, naming itself": {"is_source_admin": True, "is_subject": True},
    "a game admin, naming itself": {"is_game_admin": True, "is_subject": True},
}
SOURCE_ADMINS = {"a source admin", "a source admin, naming itself", "both"}
GAME_ADMINS = {"a game admin", "a game admin, naming itself", "both"}
EVERYONE = {Right.EVERY_CLIENT, Right.ANYONE}
MAY = {
    Right.EVERY_CLIENT: set(CALLERS),
    Right.ANYONE: set(CALLERS),
    Right.HOST: {"a host"},
    Right.SOURCE_ADMIN: SOURCE_ADMINS,
    Right.GAME_ADMIN: GAME_ADMINS,
    Right.EITHER_ADMIN: SOURCE_ADMINS | GAME_ADMINS,
    Right.MODERATOR: SOURCE_ADMINS | GAME_ADMINS,
    Right.SOURCE_ADMIN_OR_SUBJECT: SOURCE_ADMINS | {"a game admin, naming itself"},
    Right.ASKING_TO_BE_ADMIN: SOURCE_ADMINS | GAME_ADMINS,  # an admin already: gets 640 again
}
CELLS = [(right, caller) for right in Right for caller in CALLERS]


@pytest.mark.parametrize(("right", "caller"), [c for c in CELLS if c[1] in MAY[c[0]]])
def test_a_caller_with_the_right_is_allowed(right: Right, caller: str) -> None:
    refuse_without(right, **CALLERS[caller])


@pytest.mark.parametrize(("right", "caller"), [c for c in CELLS if c[1] not in MAY[c[0]]])
def test_a_caller_without_the_right_is_not_authorized(right: Right, caller: str) -> None:
    with pytest.raises(Refusal) as caught:
        refuse_without(right, **CALLERS[caller])
    assert caught.value.code is Code.NOT_AUTHORIZED
    assert isinstance(caught.value, AdminRefusal) == (right is Right.ASKING_TO_BE_ADMIN)


@pytest.mark.parametrize("right", [r for r in Right if r not in EVERYONE])
def test_the_refusal_names_the_missing_right(right: Right) -> None:
    with pytest.raises(Refusal) as caught:
        refuse_without(right)
    if right is Right.ASKING_TO_BE_ADMIN:
        assert isinstance(caught.value, AdminRefusal)
    else:
        assert str(right) in caught.value.text


def may_a_guest(right: Right) -> bool:
    with suppress(Refusal):
        refuse_guest(right, -1)
        refuse_without(right)
        return True
    return False


def test_a_guest_may_do_what_every_client_may_and_nothing_else() -> None:
    assert {right for right in Right if may_a_guest(right)} == {Right.EVERY_CLIENT}


@pytest.mark.parametrize("right", [Right.ANYONE, Right.ASKING_TO_BE_ADMIN])
def test_a_guest_is_told_who_may(right: Right) -> None:
    with pytest.raises(Refusal) as caught:
        refuse_guest(right, -1)
    assert caught.value.text == "Only signed-in users may send this request."


@pytest.mark.parametrize("right", list(Right))
def test_a_user_is_no_guest(right: Right) -> None:
    refuse_guest(right, 1)
