"""Prepared parts of replies have the same bytes as new ones, in every possible game."""

from typing import Any

import orjson
import pytest
from attrs import evolve
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from actors.games import prepared, queries
from actors.games.prepared import Prepared
from actors.games.queries import answer
from game.facts import BetPlaced, Entry, Fact
from game.pools import Pool
from game.state import Game, apply
from protocol import messages, pool_messages
from protocol.codec import to_json
from protocol.op import Response
from protocol.requests import (
    GetGameDetails,
    ListMyOpenPools,
    ListMyRunningPools,
    ListPools,
    PoolsPage,
    Query,
)
from tests.support.depth import depth
from tests.support.money_machine import USERS, MoneyMachine
from tests.support.play import ANN, GAME, NOW, OPENED, Play, creation

EXAMPLES = depth(gate=40, deep=2_000)
NO_DATABASE: Any = None


def plain(game: Game, question: Query, user_id: int) -> dict[str, Any]:
    """Return the reply without anything prepared, and in one page."""
    match question:
        case GetGameDetails():
            return messages.game_details(game)
        case ListPools():
            return listed(game, Response.ALL_POOLS_FOR_GAME, list(game.pools.values()))
        case ListMyOpenPools():
            others = [pool for pool in game.pools.values() if user_id not in pool.players]
            return listed(game, Response.MY_OPEN_POOLS_FOR_GAME, others)
        case _:
            mine = [pool for pool in game.pools.values() if user_id in pool.players]
            staked = [pool_messages.user_backed(pool.players[user_id]) for pool in mine]
            return listed(game, Response.MY_RUNNING_POOLS_FOR_GAME, mine, staked)


def listed(
    game: Game, response: Response, pools: list[Pool], more: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    more = more or [{}] * len(pools)
    page = {
        pool.opened.pool_id: pool_messages.pool(game.game_id, pool.snapshot()) | each
        for pool, each in zip(pools, more, strict=True)
    }
    return pool_messages.pools(response, game.game_id, page, len(pools))


class PreparedMachine(MoneyMachine):
    """Send queries after every step, and compare the bytes of the replies."""

    def __init__(self) -> None:
        super().__init__()
        self.prepared: dict[str, Prepared] = {}

    @invariant()
    def what_is_prepared_is_what_is(self) -> None:
        for match in self.games:
            game = match.game
            mine = self.prepared.setdefault(game.game_id, Prepared())
            for kind in (GetGameDetails, ListPools, ListMyOpenPools, ListMyRunningPools):
                question = kind(game_id=game.game_id)
                told = answer(question, game, USERS[0], NO_DATABASE, mine)
                assert to_json(told) == to_json(plain(game, question, USERS[0]))
            details = messages.game_details(game) | {"seq": 1}  # bets may hold it back for long
            assert mine.encoded_details(game, 1).text == to_json(details)


@pytest.mark.deep
def test_what_is_told_is_the_same_byte_for_byte_whatever_happens() -> None:
    rules = settings(
        max_examples=EXAMPLES,
        stateful_step_count=60,
        derandomize=False,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    run_state_machine_as_test(PreparedMachine, settings=rules)


Encoded = list[dict[str, Any]]


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> Encoded:
    """List what was encoded to be kept."""
    done: Encoded = []

    def noted(value: dict[str, Any]) -> bytes:
        done.append(value)
        return to_json(value)

    monkeypatch.setattr(prepared, "to_json", noted)
    return done


class Listed:
    """A game with pools, for queries of its pages."""

    def __init__(self, *sizes: int) -> None:
        self.game, self.prepared = Play(creation()).game, Prepared()
        for number, size in enumerate(sizes):
            self.happens(evolve(OPENED, pool_id=f"pool {number}", description="x" * size))

    def happens(self, fact: Fact) -> None:
        apply(self.game, Entry(self.game.seq + 1, NOW, fact))

    def bet(self, pool_id: str) -> None:
        bet_id = f"bet {self.game.seq}"
        self.happens(
            BetPlaced(bet_id=bet_id, pool_id=pool_id, user_id=ANN, target_id="none", amount=1)
        )

    def page(self, kind: type[PoolsPage] = ListPools, **page: int) -> list[str]:
        question = kind(game_id=GAME, **page)  # type: ignore[call-arg]
        body = answer(question, self.game, ANN, NO_DATABASE, self.prepared)
        return list(orjson.loads(to_json(body))["pools_list"])


def test_what_has_not_changed_is_encoded_once_however_many_ask(encoded: Encoded) -> None:
    listed = Listed(1, 1, 1)
    for kind in (ListPools, ListMyOpenPools) * 50:
        assert listed.page(kind) == ["pool 0", "pool 1", "pool 2"]
    assert len(encoded) == 3


def test_a_bet_has_one_pool_encoded_again_and_nothing_else(encoded: Encoded) -> None:
    listed = Listed(1, 1, 1)
    details = GetGameDetails(game_id=GAME)
    listed.page()
    before = answer(details, listed.game, ANN, NO_DATABASE, listed.prepared)
    encoded.clear()
    listed.bet("pool 1")
    assert listed.page() == ["pool 0", "pool 1", "pool 2"]
    assert listed.page(ListMyRunningPools) == ["pool 1"]
    assert answer(details, listed.game, ANN, NO_DATABASE, listed.prepared) is before
    assert [body["pool_id"] for body in encoded] == ["pool 1"]


def test_details_are_encoded_again_only_if_they_or_the_watermark_have_changed() -> None:
    listed = Listed(1)
    game, prepared = listed.game, listed.prepared
    first = prepared.encoded_details(game, game.seq)
    assert prepared.encoded_details(game, game.seq) is first
    watermark = game.seq
    listed.bet("pool 0")
    assert prepared.encoded_details(game, watermark) is first, "the bet holds it back"
    moved = prepared.encoded_details(game, game.seq)
    assert orjson.loads(moved.text)["seq"] == game.seq
    held = prepared.encoded_details(game, watermark)
    listed.happens(evolve(OPENED, pool_id="pool 1"))
    assert prepared.encoded_details(game, watermark) is not held


def test_what_is_kept_of_a_game_is_bounded(
    encoded: Encoded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "MOST_PREPARED", 4_000)
    listed = Listed(*[1_000] * 9)
    for _ in range(3):
        for offset in range(9):
            assert listed.page(offset=offset, limit=1) == [f"pool {offset}"]
            kept = [text for _, text in listed.prepared._pools.values()]
            assert sum(map(len, kept)) == listed.prepared._size <= 4_000
    assert len(encoded) == 27
    listed.bet("pool 8")
    listed.page(offset=8)
    assert sum(map(len, kept)) == pytest.approx(listed.prepared._size, abs=10)


def test_a_page_is_as_many_pools_as_fit_and_at_least_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = Listed(10, 10, 9_000, 10)
    small = len(listed.prepared.pool(listed.game, listed.game.pools["pool 0"]))
    room = len("pool 0") + small + len('"":,')
    monkeypatch.setattr(queries, "MOST_IN_PAGE", 2 * room)
    assert listed.page() == ["pool 0", "pool 1"]
    assert listed.page(offset=2) == ["pool 2"], "however large it is"
    assert listed.page(offset=3) == ["pool 3"]
    assert listed.page(offset=4) == []
    assert listed.page(offset=2**53) == []
    monkeypatch.setattr(queries, "MOST_IN_PAGE", 2 * room - 1)
    assert listed.page() == ["pool 0"]


def test_a_limit_is_kept_too() -> None:
    listed = Listed(1, 1, 1)
    assert listed.page(limit=2) == ["pool 0", "pool 1"]
    assert listed.page(limit=2, offset=1) == ["pool 1", "pool 2"]
    assert listed.page(limit=2**53) == ["pool 0", "pool 1", "pool 2"]
