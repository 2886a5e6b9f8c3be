"""The cost of a user's queries is limited in bytes (contract, section 9, `cost_limit`)."""

from pathlib import Path

import pytest
import trio

from actors.costs import Costs
from actors.games import joins
from actors.token_bucket import FEW
from tests.support.people import heard, open_game, open_pool, players
from tests.support.world import World

ANN, BOB = 1, 2
A_MINUTE_MS = 60_000


def wait_ms(costs: Costs, user_id: int) -> int:
    refusal = costs.refusal(user_id)
    return 0 if refusal is None else int(refusal.details["retry_after_ms"])


async def test_who_has_had_too_much_is_refused_until_time_has_made_up_for_it(
    autojump_clock: object,
) -> None:
    costs = Costs(1_000)
    costs.charge(ANN, 999)
    assert costs.refusal(ANN) is None, "a second's worth at once"
    costs.charge(ANN, 500)
    assert wait_ms(costs, ANN) == 500
    assert costs.refusal(BOB) is None
    await trio.sleep(0.25)
    assert wait_ms(costs, ANN) == 250
    await trio.sleep(0.25)
    assert costs.refusal(ANN) is None


async def test_one_answer_may_be_more_than_the_limit_and_is_made_up_for(
    autojump_clock: object,
) -> None:
    costs = Costs(1_000)
    costs.charge(ANN, 9_999)
    assert wait_ms(costs, ANN) == 9_000
    await trio.sleep(9)
    assert costs.refusal(ANN) is None


async def test_a_steady_reader_at_the_limit_is_never_refused(autojump_clock: object) -> None:
    costs = Costs(1_000)
    for _ in range(100):
        assert costs.refusal(ANN) is None
        costs.charge(ANN, 100)
        await trio.sleep(0.1)


async def test_those_who_owe_nothing_are_forgotten(autojump_clock: object) -> None:
    costs = Costs(1_000)
    for user_id in range(10 * FEW):
        costs.charge(user_id, 1_000)
        await trio.sleep(0.01)
    assert len(costs._buckets) <= FEW + 1
    assert wait_ms(costs, 10 * FEW - 1) == 0
    costs.charge(10 * FEW - 1, 1_000)
    assert wait_ms(costs, 10 * FEW - 1) > 0


async def test_no_limit_is_no_limit(autojump_clock: object) -> None:
    costs = Costs(0)
    costs.charge(ANN, 10**12)
    assert costs.refusal(ANN) is None
    assert not costs._buckets


QUESTIONS = (
    *(2, 363, 372, 380, 387, 388, 389, 390, 393, 450, 451, 610, 611, 800, 810, 840),
    *(3811, 3812, 3901),
)
"""The ops whose replies count."""


@pytest.mark.parametrize("op", QUESTIONS)
async def test_every_question_counts_on_whichever_connection_and_changes_are_never_refused(
    tmp_path: Path, autojump_clock: object, op: int
) -> None:
    async with World(tmp_path, cost_limit=100, distribution_interval=1) as world:
        host, game_id = await open_game(world)
        await trio.sleep(A_MINUTE_MS / 1_000)
        pool_id = await open_pool(host, game_id)
        source = (await host.call(372, game_id=game_id))["source_id"]
        (bea,) = await players(world, "bea")
        again = await world.connect("bea")
        named = {"game_id": game_id, "pool_id": pool_id, "source_id": source, "since": 0}
        for _ in range(10):
            reply = await bea.call(op, **named)
        assert (reply["code"], reply["retryable"]) == ("rate_limited", True)
        for question in QUESTIONS:
            refused = await again.call(question, **named)
            assert refused["code"] == "rate_limited"
        assert (await again.call(373, game_id=game_id))["code"] == "rate_limited", "it is a 372"
        for op_done, done in ((1, 1), (100, 100)):
            assert (await again.call(op_done))["res"] == done
        placed = await again.call(392, pool_id=pool_id, target="brazil", amount=1)
        assert placed["res"] == 356
        await trio.sleep(refused["retry_after_ms"] / 1_000)
        assert (await again.call(800))["res"] == 800


async def test_a_host_who_has_had_too_much_opens_sources_all_the_same(
    tmp_path: Path, autojump_clock: object
) -> None:
    async with World(tmp_path, cost_limit=1) as world:
        world.add_user("ann", can_host=True)
        ann = await world.connect("ann")
        for number in range(3):
            assert (await ann.call(365, source_name=f"source {number}"))["res"] == 335
        assert (await ann.call(2))["res"] == 2, "no change has counted"
        assert (await ann.call(2))["code"] == "rate_limited"
        assert (await ann.call(365, source_name="one more"))["res"] == 335


async def test_what_was_made_in_vain_counts_too(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Computing that a replay is too large is work as well."""
    monkeypatch.setattr(joins, "MOST_REPLAY_BYTES", 20_000)
    async with World(tmp_path, cost_limit=10_000) as world:
        host, game_id = await open_game(world)
        for _ in range(50):
            await open_pool(host, game_id)
        (bea,) = await players(world, "bea")
        joined = await bea.call(363, game_id=game_id, since=0)
        assert joined["resync"]
        assert (await bea.call(387, game_id=game_id))["code"] == "rate_limited"


async def test_what_is_sent_again_counts_too(tmp_path: Path, autojump_clock: object) -> None:
    async with World(tmp_path, cost_limit=10_000) as world:
        host, game_id = await open_game(world)
        for number in range(50):
            await host.call(373, game_id=game_id, actions=[f"action {number}"])
            await open_pool(host, game_id)
        (bea,) = await players(world, "bea")
        await bea.send(363, game_id=game_id, since=0)
        again = await heard(bea)
        assert len(again) > 50
        refused = await bea.call(387, game_id=game_id)
        assert refused["code"] == "rate_limited"
        assert refused["retry_after_ms"] > 1_000
