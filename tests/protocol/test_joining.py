"""Waiting 361s are merged, and positions stay correct (contract, sections 1, 7 and 9)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from attrs import Factory, define, frozen
from hypothesis import given
from hypothesis import strategies as st

from game.vocabulary import NEW_BETS
from protocol.joining import merge_updates
from protocol.op import Response

Body = dict[str, Any]

CHANGED = int(Response.BETS_DISTRIBUTION_CHANGED)
BLOCKED = int(Response.BETTING_IN_POOL_BLOCKED)
DETAILS = int(Response.GAME_DETAILS)
CHAT = int(Response.TEXT_MESSAGE)


def bets(pool: str, prev: int, seq: int, *ids: int, omitted: int = 0) -> Body:
    body = {"res": CHANGED, "pool_id": pool, "new_bets": [{"bet_id": i} for i in ids]}
    more = {"new_bets_omitted": omitted} if omitted else {}
    return body | {"amount_total": ids[-1] if ids else 0} | more | {"seq": seq, "prev_seq": prev}


def fact(prev: int, seq: int) -> Body:
    return {"res": BLOCKED, "seq": seq, "prev_seq": prev}


def reply(seq: int) -> Body:
    return {"res": DETAILS, "seq": seq}


CHATTED = {"res": CHAT, "text": "hello"}

CASES: dict[str, tuple[list[Body], list[Body | None]]] = {
    "nothing": ([], []),
    "one is as it was": ([bets("a", 4, 5, 5)], [bets("a", 4, 5, 5)]),
    "two of one pool are the newest": (
        [bets("a", 4, 5, 5), bets("a", 5, 7, 6, 7)],
        [None, bets("a", 4, 7, 5, 6, 7)],
    ),
    "pools are joined each by itself": (
        [bets("a", 4, 5, 5), bets("b", 5, 6, 6), bets("b", 6, 7, 7), bets("a", 7, 8, 8)],
        [None, None, bets("b", 4, 4, 6, 7), bets("a", 4, 8, 5, 8)],
    ),
    "what comes between does not claim what comes later": (
        [bets("a", 4, 5, 5), fact(5, 6), reply(6), CHATTED, bets("a", 6, 7, 7), fact(7, 8)],
        [None, fact(4, 4), reply(4), CHATTED, bets("a", 4, 7, 5, 7), fact(7, 8)],
    ),
    "what comes before is as it was, a watermark ahead of the last publication too": (
        [fact(3, 4), reply(5), bets("a", 4, 6, 6), reply(6), bets("a", 6, 7, 7)],
        [fact(3, 4), reply(5), None, reply(5), bets("a", 4, 7, 6, 7)],
    ),
    "a pool that waits longer holds back the other's": (
        [bets("b", 3, 4, 4), bets("a", 4, 5, 5), bets("a", 5, 6, 6), bets("b", 6, 7, 7)],
        [None, None, bets("a", 3, 3, 5, 6), bets("b", 3, 7, 4, 7)],
    ),
    "omitted bets are counted on": (
        [bets("a", 4, 5, 5, omitted=3), bets("a", 5, 6, 6, omitted=4)],
        [None, bets("a", 4, 6, 5, 6, omitted=7)],
    ),
}


@pytest.mark.parametrize(("waiting", "expected"), CASES.values(), ids=CASES)
def test_merging(waiting: list[Body], expected: list[Body | None]) -> None:
    assert merge_updates(waiting) == expected


def test_a_hundred_bets_are_named_and_the_rest_are_counted() -> None:
    first, second = range(0, 70), range(70, 140)
    waiting = [bets("a", 0, 70, *first, omitted=5), bets("a", 70, 140, *second)]
    _, body = merge_updates(waiting)
    assert body is not None
    assert [bet["bet_id"] for bet in body["new_bets"]] == list(range(NEW_BETS))
    assert body["new_bets_omitted"] == 45


def test_merged_bodies_are_new_dicts() -> None:
    waiting = [bets("a", 4, 5, 5), fact(5, 6), bets("a", 6, 7, 7)]
    as_they_were = [body | {} for body in waiting]
    merge_updates(waiting)
    assert waiting == as_they_were, "others are told the same messages"


# Arbitrary games.


@frozen
class Told:
    """A message, and the facts that it reports."""

    body: Body
    facts: frozenset[int] = frozenset()


@define
class Publisher:
    """Publications of a game, by the rules of positions: pending bets hold the watermark back."""

    seq: int
    told: int
    untold: dict[str, list[int]] = Factory(dict)

    @property
    def watermark(self) -> int:
        held = [seqs[0] for seqs in self.untold.values()]
        return min([self.seq, *(seq - 1 for seq in held)])

    def bet(self, pool: str) -> None:
        self.seq += 1
        self.untold.setdefault(pool, []).append(self.seq)

    def quiet_fact(self) -> None:
        self.seq += 1

    def fact(self) -> Told:
        self.seq += 1
        return self._published({"res": BLOCKED}, [self.seq])

    def distribution(self, pool: str) -> Told | None:
        seqs = self.untold.pop(pool, [])
        if not seqs:
            return None
        named = bets(pool, 0, 0, *seqs[:3], omitted=len(seqs[3:]))
        return self._published(named, seqs)

    def reply(self) -> Told:
        return Told(reply(self.watermark))

    def _published(self, body: Body, seqs: Sequence[int]) -> Told:
        body = body | {"seq": self.watermark, "prev_seq": self.told}
        self.told = max(self.told, self.watermark)
        return Told(body, frozenset(seqs))


POOLS = st.sampled_from("abc")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("bet"), POOLS),
        st.tuples(st.just("tell"), POOLS),
        st.sampled_from([("fact", ""), ("reply", ""), ("quiet", ""), ("chat", "")]),
    ),
    max_size=60,
)


def play(steps: Sequence[tuple[str, str]], begins: int) -> Iterator[Told]:
    """Yield what a client that does not read would have been sent."""
    game = Publisher(begins, begins)
    for what, pool in steps:
        match what:
            case "bet":
                game.bet(pool)
            case "quiet":
                game.quiet_fact()
            case "fact":
                yield game.fact()
            case "reply":
                yield game.reply()
            case "chat":
                yield Told(CHATTED)
            case _:
                if (message := game.distribution(pool)) is not None:
                    yield message


def facts_after_joining(before: Sequence[Told], after: Sequence[Body | None]) -> list[set[int]]:
    """Return the facts that each message reports; of a merged 361, those of all its parts."""
    waiting: dict[str, set[int]] = {}
    told: list[set[int]] = []
    for message, body in zip(before, after, strict=True):
        if message.body["res"] != CHANGED:
            told.append(set(message.facts))
            continue
        group = waiting.setdefault(message.body["pool_id"], set())
        group |= message.facts
        told.append(set() if body is None else group)
        if body is not None:
            del waiting[message.body["pool_id"]]
    assert not waiting, "the newest of each pool is said"
    return told


games = given(STEPS, st.integers(0, 9))


@games
def test_every_bet_is_named_or_counted_in_at_most_one_361_a_pool(
    steps: list[tuple[str, str]], begins: int
) -> None:
    before = list(play(steps, begins))
    after = [
        body for body in merge_updates([m.body for m in before]) if body and body["res"] == CHANGED
    ]
    assert max(Counter(body["pool_id"] for body in after).values(), default=1) == 1
    bodies = [m.body for m in before if m.body["res"] == CHANGED]
    for pool in {body["pool_id"] for body in bodies}:
        mine = [body for body in bodies if body["pool_id"] == pool]
        (body,) = [body for body in after if body["pool_id"] == pool]
        wanted = [bet for each in mine for bet in each["new_bets"]]
        assert body["new_bets"] == wanted[:NEW_BETS]
        omitted = sum(each.get("new_bets_omitted", 0) for each in mine)
        assert body.get("new_bets_omitted", 0) == omitted
        assert body["amount_total"] == mine[-1]["amount_total"], "the newest distribution"


@games
def test_no_watermark_claims_what_only_a_later_message_carries(
    steps: list[tuple[str, str]], begins: int
) -> None:
    before = list(play(steps, begins))
    after = merge_updates([m.body for m in before])
    facts = facts_after_joining(before, after)
    for place, body in enumerate(after):
        later = set().union(*facts[place + 1 :])
        if body is not None and "seq" in body and later:
            assert body["seq"] < min(later), (body, later)


@games
def test_positions_never_fall_and_follow_on_from_where_they_began(
    steps: list[tuple[str, str]], begins: int
) -> None:
    before = [m.body for m in play(steps, begins)]
    after = [body for body in merge_updates(before) if body is not None]
    seqs = [body["seq"] for body in after if "seq" in body]
    assert seqs == sorted(seqs)
    published = [body for body in after if "prev_seq" in body]
    began = next((body["prev_seq"] for body in before if "prev_seq" in body), None)
    chain = [began, *(body["seq"] for body in published)]
    assert [body["prev_seq"] for body in published] == chain[:-1]
    if published:
        last = [body["seq"] for body in before if "prev_seq" in body][-1]
        assert published[-1]["seq"] == last, "in the end all is told"


@games
def test_other_messages_keep_their_order_and_content(
    steps: list[tuple[str, str]], begins: int
) -> None:
    before = [m.body for m in play(steps, begins)]
    after = merge_updates(before)
    untouched = after.index(None) if None in after else len(after)
    assert after[:untouched] == before[:untouched], "nothing is joined yet"
    positions = {"seq", "prev_seq"}
    for was, is_now in zip(before, after, strict=True):
        if is_now is None:
            assert was["res"] == CHANGED
        elif was["res"] != CHANGED:
            assert {k: v for k, v in is_now.items() if k not in positions} == {
                k: v for k, v in was.items() if k not in positions
            }
            assert is_now.keys() == was.keys()
            assert is_now.get("seq", 0) <= was.get("seq", 0)


@games
def test_merging_again_changes_nothing(steps: list[tuple[str, str]], begins: int) -> None:
    once = [
        body for body in merge_updates([m.body for m in play(steps, begins)]) if body is not None
    ]
    assert all(a is b for a, b in zip(merge_updates(once), once, strict=True))
