"""Checks of rights: which users may send an op (contract, section 3).

The op table (`protocol/ops.py`) names the right that each op needs. The rights are in
`game/vocabulary.py` (`Right`). `actors/games/decider.py` and `actors/games/sources_actor.py` call
the check before anything is decided.
"""

from game.refusals import AdminRefusal, Code, Refusal
from game.vocabulary import Right


def is_guest(user_id: int) -> bool:
    """Return whether this is the number of a guest: a connection without a user (section 1)."""
    return user_id < 0


def refuse_guest(right: Right, user_id: int) -> None:
    """Raise `Refusal` if a guest sends an op that needs a user.

    The other rights need an admin or a host, which a guest never is: `refuse_without` refuses it.
    """
    if is_guest(user_id) and right in (Right.ANYONE, Right.ASKING_TO_BE_ADMIN):
        raise Refusal(Code.NOT_AUTHORIZED, "Only signed-in users may send this request.")


def refuse_without(
    right: Right,
    *,
    is_host: bool = False,
    is_source_admin: bool = False,
    is_game_admin: bool = False,
    is_subject: bool = False,
) -> None:
    """Raise `Refusal` unless the caller has the right. `is_subject`: it names its own user."""
    match right:
        case Right.EVERY_CLIENT | Right.ANYONE:
            allowed = True
        case Right.HOST:
            allowed = is_host
        case Right.SOURCE_ADMIN:
            allowed = is_source_admin
        case Right.GAME_ADMIN:
            allowed = is_game_admin
        case Right.EITHER_ADMIN | Right.MODERATOR:
            allowed = is_source_admin or is_game_admin
        case Right.SOURCE_ADMIN_OR_SUBJECT:
            allowed = is_source_admin or (is_subject and is_game_admin)
        case Right.ASKING_TO_BE_ADMIN:
            if not is_source_admin and not is_game_admin:
                raise AdminRefusal("Only an admin of the source may become an admin of its games.")
            allowed = True
    if not allowed:
        raise Refusal(Code.NOT_AUTHORIZED, "Only {right} may send this request.", right=right)
