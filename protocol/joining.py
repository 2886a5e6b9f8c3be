"""Merges the updates of distributions that wait for a slow client: one for each pool.

Pure. Contract, section 9: before a client counts as lagging, the waiting updates of a pool are
merged into its newest one. The positions stay correct: no waiting message claims a fact that only
a later message carries. So the bets of a merged update hold back the `seq` of the messages before
it. For a returning client, see `protocol/resumption.py`.
"""

from collections.abc import Iterator, Sequence

from game.vocabulary import NEW_BETS
from protocol.op import Body, Response

_NO_CEILING = 2**63
"""Greater than every position."""


def merge_updates(bodies: Sequence[Body]) -> list[Body | None]:
    """Return the waiting messages of one game with at most one update for each pool.

    None takes the place of an update that was merged into a later one. Changed bodies are new
    dicts.
    """
    begins = next((body["prev_seq"] for body in bodies if "prev_seq" in body), 0)
    return list(_merge(bodies, prev_seq=begins))


def _merge(bodies: Sequence[Body], prev_seq: int) -> Iterator[Body | None]:
    """Yield the merged messages. `prev_seq` is the `seq` of the publication before them."""
    newest = {body["pool_id"]: place for place, body in enumerate(bodies) if _is_update(body)}
    waiting: dict[str, list[Body]] = {}
    known = 0
    for place, body in enumerate(bodies):
        merged = body
        if _is_update(body):
            waiting.setdefault(body["pool_id"], []).append(body)
            if newest[body["pool_id"]] != place:
                yield None
                continue
            merged = _as_one(waiting.pop(body["pool_id"]))
        if "seq" in merged:
            merged = _positioned(merged, _ceiling(waiting, known), prev_seq)
            known = merged["seq"]
            prev_seq = known if "prev_seq" in merged else prev_seq
        yield merged


def _ceiling(waiting: dict[str, list[Body]], known: int) -> int:
    """Return the greatest `seq` that the next message may have.

    It is the position before the oldest waiting update, or `known`, because positions never fall.
    The first pool in the dict has waited longest.
    """
    held = next((group[0]["prev_seq"] for group in waiting.values()), _NO_CEILING)
    return max(known, held)


def _positioned(body: Body, ceiling: int, prev_seq: int) -> Body:
    """Return the body with a `seq` of at most the ceiling, and with this `prev_seq`."""
    position = {"seq": min(body["seq"], ceiling)}
    if "prev_seq" in body:
        position["prev_seq"] = prev_seq
    is_unchanged = all(body[key] == value for key, value in position.items())
    return body if is_unchanged else body | position


def _as_one(group: Sequence[Body]) -> Body:
    if len(group) == 1:
        return group[0]
    bets = [bet for body in group for bet in body["new_bets"]]
    omitted = sum(body.get("new_bets_omitted", 0) for body in group) + max(0, len(bets) - NEW_BETS)
    body = group[-1] | {"new_bets": bets[:NEW_BETS]}
    return body | ({"new_bets_omitted": omitted} if omitted else {})


def _is_update(body: Body) -> bool:
    return bool(body["res"] == Response.BETS_DISTRIBUTION_CHANGED)
