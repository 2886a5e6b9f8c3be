"""What waits for a slow reader, said in fewer words: the 361s of a pool as one, the newest.

Pure. Contract, section 9: before a reader counts as lagging, waiting 361s of one pool are joined
into the newest. Positions stay true: nothing that waits claims what only a later message tells.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from game.vocabulary import NEW_BETS
from protocol.op import Response

Body = dict[str, Any]

_NOT_HELD = 2**63
"""Beyond every position."""


def joined(bodies: Sequence[Body]) -> list[Body | None]:
    """The same messages of one game, with at most one 361 a pool.

    None stands where one was joined into a later one; those that change are new dicts.
    """
    begins = next((body["prev_seq"] for body in bodies if "prev_seq" in body), 0)
    return list(_joined(bodies, told=begins))


def _joined(bodies: Sequence[Body], told: int) -> Iterator[Body | None]:
    """`told`: the `seq` of the publication before. The bets of `waiting` 361s hold it back."""
    newest = {body["pool_id"]: place for place, body in enumerate(bodies) if _is_361(body)}
    waiting: dict[str, list[Body]] = {}
    known = 0
    for place, body in enumerate(bodies):
        said = body
        if _is_361(body):
            waiting.setdefault(body["pool_id"], []).append(body)
            if newest[body["pool_id"]] != place:
                yield None
                continue
            said = _as_one(waiting.pop(body["pool_id"]))
        if "seq" in said:
            said = _positioned(said, _ceiling(waiting, known), told)
            known = said["seq"]
            told = known if "prev_seq" in said else told
        yield said


def _ceiling(waiting: dict[str, list[Body]], known: int) -> int:
    """The watermark before the oldest 361 that is still to be told, if it was not passed before.

    The pool that has waited longest is the first in the dict, and positions never fall.
    """
    held = next((group[0]["prev_seq"] for group in waiting.values()), _NOT_HELD)
    return max(known, held)


def _positioned(body: Body, ceiling: int, told: int) -> Body:
    """With a `seq` that is not beyond the ceiling, and a `prev_seq` that follows on."""
    position = {"seq": min(body["seq"], ceiling)}
    if "prev_seq" in body:
        position["prev_seq"] = told
    is_as_it_was = all(body[key] == value for key, value in position.items())
    return body if is_as_it_was else body | position


def _as_one(group: Sequence[Body]) -> Body:
    if len(group) == 1:
        return group[0]
    bets = [bet for body in group for bet in body["new_bets"]]
    omitted = sum(body.get("new_bets_omitted", 0) for body in group) + max(0, len(bets) - NEW_BETS)
    body = group[-1] | {"new_bets": bets[:NEW_BETS]}
    return body | ({"new_bets_omitted": omitted} if omitted else {})


def _is_361(body: Body) -> bool:
    return bool(body["res"] == Response.BETS_DISTRIBUTION_CHANGED)
