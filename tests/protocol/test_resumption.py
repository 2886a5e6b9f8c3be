"""What a client that reconnects with `since` is sent (contract, section 1, "Positions", and 6)."""

from collections.abc import Sequence
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from game.facts import (
    AdminAppointed,
    AdminDismissed,
    BetPlaced,
    BettingBlocked,
    DetailsUpdated,
    Entry,
    Fact,
    GameClosed,
    GameOpened,
    PoolHeated,
    PoolOpened,
    PoolResolved,
    StatusReached,
)
from game.pools import PoolSnapshot
from game.state import apply
from game.vocabulary import Status
from protocol.messages import game_details
from protocol.publications import DETAILS
from protocol.resumption import resume
from tests.support.play import ANN, GAME, HOST, NOW, UNTIMED, Play

GAME_NOW = Play().game

KINDS: dict[str, Fact] = {
    "open": GameOpened(actions=(), targets=(), by=HOST),
    "update": DetailsUpdated(game_name="Final", by=HOST),
    "status": StatusReached(status=Status.IN_PROGRESS),
    "appoint": AdminAppointed(user_id=ANN, by=HOST),
    "dismiss": AdminDismissed(user_id=ANN, by=HOST),
    "close": GameClosed(by=HOST),
}
"""Steps of a story. `close` stands for any fact with its own message; others may follow it."""

QUIET = {"appoint", "dismiss"}

AHEAD = 1_000
"""The watermark of a game without pending bets: greater than every position here."""

journals = st.lists(st.sampled_from(list(KINDS)), max_size=12)


def snapshot_of(pool_id: str) -> PoolSnapshot:
    """Not called: there are no bets in these stories."""
    raise LookupError(pool_id)


def beyond(since: int, kinds: list[str]) -> list[Entry]:
    """Return the facts of these kinds after the position `since`."""
    return [Entry(since + place, NOW, KINDS[kind]) for place, kind in enumerate(kinds, start=1)]


def sent(since: int, kinds: list[str]) -> list[tuple[int, int, int]]:
    """Return `res`, `seq` and `prev_seq` of each message that is replayed."""
    again = [*resume(GAME_NOW, beyond(since, kinds), since, snapshot_of, AHEAD)]
    return [(body["res"], body["seq"], body["prev_seq"]) for body in again]


@pytest.mark.parametrize(
    ("since", "kinds", "wanted"),
    [
        (5, [], []),
        (5, ["appoint"], []),
        (5, ["appoint", "dismiss"], []),
        (5, ["close"], [(341, 6, 5)]),
        (0, ["close"], [(341, 1, 0)]),
        (5, ["update"], [(342, 6, 5)]),
        (5, ["open"], [(342, 6, 5)]),
        (5, ["status"], [(342, 6, 5)]),
        (5, ["open", "update", "status"], [(342, 8, 5)]),
        (5, ["appoint", "update"], [(342, 7, 5)]),
        (5, ["update", "appoint"], [(342, 7, 5)]),
        (5, ["update", "appoint", "close"], [(342, 7, 5), (341, 8, 7)]),
        (5, ["update", "close"], [(342, 6, 5), (341, 7, 6)]),
        (5, ["update", "status", "close"], [(342, 7, 5), (341, 8, 7)]),
        (5, ["close", "appoint", "close"], [(341, 7, 5), (341, 8, 7)]),
        # A later 342 reports an earlier fact, so a client that stops before it must be sent it.
        (5, ["update", "close", "status"], [(341, 5, 5), (342, 8, 5)]),
        (5, ["close", "update", "close", "status"], [(341, 6, 5), (341, 6, 6), (342, 9, 6)]),
    ],
)
def test_what_was_missed_is_sent_in_order_with_one_342(
    since: int, kinds: list[str], wanted: list[tuple[int, int, int]]
) -> None:
    assert sent(since, kinds) == wanted


def test_the_342_shows_the_current_details() -> None:
    (again,) = resume(GAME_NOW, beyond(5, ["update", "status"]), 5, snapshot_of, AHEAD)
    assert again == game_details(GAME_NOW) | {"seq": 7, "prev_seq": 5}


def test_the_341_is_sent_as_it_was() -> None:
    (again,) = resume(GAME_NOW, beyond(5, ["close"]), 5, snapshot_of, AHEAD)
    assert again == {"res": 341, "game_id": GAME, "seq": 6, "prev_seq": 5}


def test_no_position_passes_that_of_the_game_which_is_held_back_by_bets_that_wait() -> None:
    entries = beyond(5, ["close", "appoint", "close"])
    again = [*resume(GAME_NOW, entries, 5, snapshot_of, 6)]
    assert [(body["seq"], body["prev_seq"]) for body in again] == [(6, 5), (6, 6)]


@given(st.integers(0, 5), journals)
def test_positions_never_fall_and_form_a_chain(since: int, kinds: list[str]) -> None:
    told = since
    for _, seq, prev_seq in sent(since, kinds):
        assert prev_seq == told
        assert seq >= told
        told = seq


@given(st.integers(0, 5), journals)
def test_the_last_message_covers_everything(since: int, kinds: list[str]) -> None:
    messages = sent(since, kinds)
    assert not messages or messages[-1][1] == since + len(kinds)
    assert bool(messages) == any(kind not in QUIET for kind in kinds)


# With pools and bets.

TARGETS = {"brazil": "Brazil", "none": "None"}
STEPS = [f"{what} {pool}" for what in ("bet", "block", "heat", "end") for pool in "ab"]
stories = st.lists(
    st.sampled_from([*STEPS, "bet a", "bet b", "update", "status", "appoint"]), max_size=16
)
CODES: dict[type[Fact], int] = {
    PoolOpened: 352,
    BettingBlocked: 368,
    PoolHeated: 367,
    PoolResolved: 362,
}
"""The facts with their own message here, and its code."""

Body = dict[str, Any]


class Story:
    """A game with the pools a and b, opened by the facts 2 and 3, and what happened after that.

    Nothing more happens to a pool that has ended: such steps count for nothing.
    """

    def __init__(self, steps: Sequence[str]) -> None:
        self.game = Play().game
        self.entries: list[Entry] = []
        self.ended: dict[str, PoolSnapshot] = {}
        for step in ("open a", "open b", *steps):
            self._happened(step)

    def _happened(self, step: str) -> None:
        what, _, pool_id = step.partition(" ")
        if pool_id in self.ended:
            return
        seq = self.game.seq + 1
        if what == "end":
            self.ended[pool_id] = self.game.pools[pool_id].snapshot()
        fact = _fact(what, pool_id, seq) if pool_id else KINDS[what]
        self.entries.append(Entry(seq, NOW + seq, fact))
        apply(self.game, self.entries[-1])

    def beyond(self, since: int) -> list[Entry]:
        return [entry for entry in self.entries if entry.seq > since]

    def again(self, since: int) -> list[Body]:
        """Return what is replayed to a client that reconnects now."""
        return [*resume(self.game, self.beyond(since), since, self.snapshot_of, AHEAD)]

    def snapshot_of(self, pool_id: str) -> PoolSnapshot:
        if pool_id in self.ended:
            return self.ended[pool_id]
        return self.game.pools[pool_id].snapshot()

    def bets(self, pool_id: str, since: int = 0) -> list[BetPlaced]:
        facts = [entry.fact for entry in self.beyond(since)]
        return [fact for fact in facts if isinstance(fact, BetPlaced) and fact.pool_id == pool_id]


def _fact(what: str, pool_id: str, seq: int) -> Fact:
    match what:
        case "open":
            return _opened(pool_id)
        case "bet":
            target = "brazil" if seq % 2 else "none"
            return BetPlaced(
                pool_id=pool_id, bet_id=f"{seq}", user_id=seq % 3, target_id=target, amount=seq
            )
        case "block":
            return BettingBlocked(pool_id=pool_id, blocked_at=NOW)
        case "heat":
            return PoolHeated(pool_id=pool_id, hot_since=NOW, likely_to_happen_at=None)
        case _:
            return PoolResolved(
                pool_id=pool_id,
                description="d",
                winning_target="brazil",
                settlements=(),
                is_money_return=False,
            )


def _opened(pool_id: str) -> PoolOpened:
    return evolve(UNTIMED, pool_id=pool_id, targets=TARGETS, by=HOST)


def told_by(entries: Sequence[Entry], messages: Sequence[Body]) -> set[int]:
    """Return the positions of the facts after `since` that these first messages report."""
    own = [entry.seq for entry in entries if type(entry.fact) in CODES]
    told = set(own[: sum(body["res"] not in (342, 361) for body in messages)])
    if any(body["res"] == 342 for body in messages):
        told |= {entry.seq for entry in entries if isinstance(entry.fact, DETAILS)}
    return told | {int(bet["bet_id"]) for body in messages for bet in body.get("new_bets", [])}


def published(entries: Sequence[Entry]) -> set[int]:
    return {entry.seq for entry in entries if entry.fact.published}


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        (["bet a"], [(361, "a", 4, 3)]),
        (["bet a", "bet a"], [(361, "a", 5, 3)]),
        (["bet a", "appoint"], [(361, "a", 5, 3)]),
        (["bet a", "bet b"], [(361, "a", 4, 3), (361, "b", 5, 4)]),
        (["bet a", "end a"], [(361, "a", 4, 3), (362, "a", 5, 4)]),
        (["bet a", "bet a", "heat b"], [(361, "a", 5, 3), (367, "b", 6, 5)]),
        (["update", "bet a", "bet a"], [(342, None, 4, 3), (361, "a", 6, 4)]),
        # The 361 has the place of its last bet, so earlier messages stop before its first bet.
        (["bet a", "bet b", "bet a"], [(361, "b", 3, 3), (361, "a", 6, 3)]),
        (["bet a", "block a", "bet a"], [(368, "a", 3, 3), (361, "a", 6, 3)]),
        (["bet a", "update", "bet a"], [(342, None, 3, 3), (361, "a", 6, 3)]),
        (["heat b", "bet a", "heat b", "bet a", "end b"],
         [(367, "b", 4, 3), (367, "b", 4, 4), (361, "a", 7, 4), (362, "b", 8, 7)]),
        (["update", "bet a", "update", "bet a"], [(342, None, 4, 3), (361, "a", 7, 4)]),
    ],
)  # fmt: skip
def test_bets_are_joined_into_one_361_a_pool(steps: list[str], wanted: list[Any]) -> None:
    again = Story(steps).again(3)
    assert [(b["res"], b.get("pool_id"), b["seq"], b["prev_seq"]) for b in again] == wanted


def test_published_bets_are_not_named_again_but_count_in_the_figures() -> None:
    [again] = Story(["bet a", "bet a", "bet a", "bet b"]).again(5)[:1]
    assert again.pop("distribution")["brazil"]["backing_money"] == 0.05
    assert again == {
        "res": 361,
        "pool_id": "a",
        "game_id": GAME,
        "target_level": 1,
        "participants": 3,
        "amount_total": 0.15,
        "new_bets": [
            {"bet_id": "6", "user_id": 0, "target_id": "none", "amount": 0.06, "placed_at": NOW + 6}
        ],
        "seq": 6,
        "prev_seq": 5,
    }


def test_an_ended_pool_is_published_with_its_final_figures() -> None:
    again = Story(["bet a", "bet a", "bet b", "end a", "bet b"]).again(4)
    assert [(b["res"], b.get("pool_id"), b.get("amount_total")) for b in again] == [
        (361, "a", 0.09),
        (362, "a", None),
        (361, "b", 0.14),
    ]


def test_an_opened_pool_is_published_as_it_was_before_its_bets() -> None:
    opened, bets = Story(["bet a", "heat a"]).again(1)[::2]
    assert (opened["res"], opened["amount_total"], opened["is_hot"]) == (352, 0, False)
    assert (bets["res"], bets["amount_total"]) == (361, 0.04)


def test_of_more_than_a_hundred_bets_the_others_are_counted() -> None:
    [again] = Story(["bet a"] * 130).again(13)
    assert [int(bet["bet_id"]) for bet in again["new_bets"]] == list(range(14, 114))
    assert again["new_bets_omitted"] == 20
    assert (again["seq"], again["prev_seq"]) == (133, 13)


@given(st.integers(1, 8), stories)
def test_every_message_is_sent_once_and_in_order(since: int, steps: list[str]) -> None:
    story = Story(steps)
    again = story.again(since)
    own = [CODES[type(e.fact)] for e in story.beyond(since) if type(e.fact) in CODES]
    assert [body["res"] for body in again if body["res"] not in (342, 361)] == own
    changed = [body["pool_id"] for body in again if body["res"] == 361]
    assert sorted(changed) == [pool_id for pool_id in "ab" if story.bets(pool_id, since)]
    details = [entry for entry in story.beyond(since) if isinstance(entry.fact, DETAILS)]
    assert sum(body["res"] == 342 for body in again) == bool(details)


@given(st.integers(1, 8), stories)
def test_a_361_names_what_was_missed_and_counts_everything(since: int, steps: list[str]) -> None:
    story = Story(steps)
    for body in story.again(since):
        if body["res"] == 361:
            missed, all_bets = (story.bets(body["pool_id"], after) for after in (since, 0))
            assert [bet["bet_id"] for bet in body["new_bets"]] == [bet.bet_id for bet in missed]
            assert body["participants"] == len({bet.user_id for bet in all_bets})
            for target, figures in body["distribution"].items():
                backing = [bet for bet in all_bets if bet.target_id == target]
                assert figures["backing_people"] == len({bet.user_id for bet in backing})
                assert round(figures["backing_money"] * 100) == sum(b.amount for b in backing)


@given(st.integers(1, 8), stories)
def test_a_pools_bets_come_before_its_end(since: int, steps: list[str]) -> None:
    again = Story(steps).again(since)
    for pool_id in "ab":
        codes = [body["res"] for body in again if body.get("pool_id") == pool_id]
        assert 362 not in codes or codes.index(362) == len(codes) - 1


@given(st.integers(1, 8), stories)
def test_a_position_is_the_last_up_to_which_everything_has_been_sent(
    since: int, steps: list[str]
) -> None:
    story = Story(steps)
    again, missed = story.again(since), story.beyond(since)
    told = since
    for read, body in enumerate(again, start=1):
        untold = published(missed) - told_by(missed, again[:read])
        assert body["seq"] == min(untold, default=story.game.seq + 1) - 1
        assert body["seq"] >= body["prev_seq"] == told
        told = body["seq"]


@given(stories, st.lists(st.tuples(st.integers(0, 16), st.integers(0, 5)), max_size=4))
def test_a_reader_that_stops_anywhere_and_comes_back_omits_nothing(
    steps: list[str], visits: list[tuple[int, int]]
) -> None:
    """A client reconnects during the story, and each time reads some messages before it leaves."""
    heard, greatest = {1}, 1
    rest = (len(steps), 1_000)
    for length, stop in [*sorted(visits), rest]:
        story = Story(steps[:length])
        missed, again = story.beyond(greatest), story.again(greatest)[:stop]
        heard |= told_by(missed, again)
        greatest = max([greatest, *(body["seq"] for body in again)])
        owed = {seq for seq in published(story.entries) if seq <= greatest}
        assert owed <= heard, "a position was given for a fact that was not told"
    assert heard - {1} == published(story.entries)
