"""Blocking and allowing betting in a pool or an action, now and later (contract, section 7)."""

from typing import Any

import pytest

from game.commands import AllowAction, AllowPool, BlockAction, BlockPool, PlaceBet
from game.facts import (
    ActionAllowed,
    ActionBlocked,
    BettingAllowed,
    BettingBlocked,
    SwitchPlanned,
)
from game.refusals import Code
from tests.support.match import ANN, BEN, BINARY, CLOSE, GAME, NOW, Match, cancelling

SECOND = 1_000


def placing(pool_id: str, target: str = "brazil", amount: int = 100) -> PlaceBet:
    return PlaceBet(pool_id=pool_id, target=target, amount=amount)


def block(pool_id: str, at: int | None = None) -> BlockPool:
    return BlockPool(pool_id=pool_id, block_at=at)


def allow(pool_id: str, at: int | None = None) -> AllowPool:
    return AllowPool(pool_id=pool_id, allow_at=at)


def block_action(action: str = "goal", at: int | None = None) -> BlockAction:
    return BlockAction(game_id=GAME, action=action, block_at=at)


def allow_action(action: str = "goal", at: int | None = None) -> AllowAction:
    return AllowAction(game_id=GAME, action=action, allow_at=at)


# Now.


def test_a_blocked_pool_refuses_bets_until_it_is_allowed() -> None:
    match = Match()
    pool_id = match.pool(is_blocked=True)
    assert match.refused(placing(pool_id)).code is Code.POOL_BLOCKED
    assert match.do(AllowPool(pool_id=pool_id)) == [BettingAllowed(pool_id=pool_id, allowed_at=NOW)]
    match.bet(ANN, 100, "brazil", pool_id)
    assert match.do(BlockPool(pool_id=pool_id)) == [BettingBlocked(pool_id=pool_id, blocked_at=NOW)]
    refusal = match.refused(placing(pool_id, target="chile"))
    assert refusal.code is Code.POOL_BLOCKED, "looked at before the target"


def test_an_action_is_blocked_and_allowed_in_all_its_pools_there_are() -> None:
    match = Match()
    first, second, other = match.pool(), match.pool(), match.pool(action="yellow-card")
    blocked = match.do(BlockAction(game_id=GAME, action="goal"))
    assert blocked == [
        ActionBlocked(action_id="goal", blocked_at=NOW),
        BettingBlocked(pool_id=first, blocked_at=NOW, own=False),
        BettingBlocked(pool_id=second, blocked_at=NOW, own=False),
    ]
    assert match.refused(placing(second)).code is Code.POOL_BLOCKED
    match.bet(ANN, 100, "brazil", other)
    match.bet(ANN, 100, "brazil", match.pool())
    allowed = match.do(AllowAction(game_id=GAME, action="goal"))
    assert allowed[0] == ActionAllowed(action_id="goal", allowed_at=NOW)
    match.bet(ANN, 100, "brazil", second)


def test_a_manual_pools_own_action_may_be_blocked() -> None:
    match = Match()
    pool_id = match.pool(BINARY)
    match.do(BlockAction(game_id=GAME, action=f"pool-{pool_id}"))
    assert match.refused(placing(pool_id, "yes")).code is Code.POOL_BLOCKED


@pytest.mark.parametrize("command", [block_action("dance"), allow_action("dance", NOW + 1)])
def test_an_action_that_is_not_there_is_not_switched(command: Any) -> None:
    assert Match().refused(command).code is Code.UNKNOWN_ACTION


# Later.


def test_a_planned_block_comes_at_its_time_and_not_before() -> None:
    match = Match()
    pool_id = match.pool()
    planned = match.do(block(pool_id, NOW + SECOND))
    assert planned == [SwitchPlanned(pool_id=pool_id, blocks=True, switch_at=NOW + SECOND)]
    match.until(NOW + SECOND - 1)
    match.bet(ANN, 100, "brazil", pool_id)
    match.now = NOW + SECOND  # the bet arrives before the timer
    assert match.refused(placing(pool_id)).code is Code.POOL_BLOCKED


def test_a_planned_switch_is_published_when_it_happens_dated_as_planned() -> None:
    match = Match()
    pool_id = match.pool()
    match.do(block(pool_id, NOW + SECOND))
    match.do(allow(pool_id, NOW + 2 * SECOND))
    assert match.until(NOW + 9 * SECOND) == [
        (NOW + SECOND, BettingBlocked(pool_id=pool_id, blocked_at=NOW + SECOND)),
        (NOW + 2 * SECOND, BettingAllowed(pool_id=pool_id, allowed_at=NOW + 2 * SECOND)),
    ]
    match.bet(ANN, 100, "brazil", pool_id)


def test_a_time_that_is_not_ahead_is_now() -> None:
    match = Match()
    pool_id = match.pool()
    assert match.do(block(pool_id, NOW)) == [BettingBlocked(pool_id=pool_id, blocked_at=NOW)]
    assert match.do(allow(pool_id, 1)) == [BettingAllowed(pool_id=pool_id, allowed_at=NOW)]
    assert match.do(block_action("goal", NOW - 1))[0] == ActionBlocked(
        action_id="goal", blocked_at=NOW
    )
    assert match.do(allow_action("goal", NOW))[0] == ActionAllowed(action_id="goal", allowed_at=NOW)


@pytest.mark.parametrize("later", [SECOND, 3 * SECOND])
def test_a_later_call_of_the_same_kind_replaces_the_timer(later: int) -> None:
    match = Match()
    pool_id = match.pool()
    match.do(block(pool_id, NOW + 2 * SECOND))
    match.do(block(pool_id, NOW + later))
    happened = match.until(NOW + 9 * SECOND)
    assert happened == [(NOW + later, BettingBlocked(pool_id=pool_id, blocked_at=NOW + later))]


def test_a_call_without_a_time_disarms_the_timer_of_its_own_kind_alone() -> None:
    match = Match()
    blocked, allowed = match.pool(), match.pool()
    for pool_id in (blocked, allowed):
        match.do(block(pool_id, NOW + SECOND))
        match.do(allow(pool_id, NOW + 2 * SECOND))
    match.do(block(blocked))
    match.do(allow(allowed))
    assert match.until(NOW + 9 * SECOND) == [
        (NOW + SECOND, BettingBlocked(pool_id=allowed, blocked_at=NOW + SECOND)),
        (NOW + 2 * SECOND, BettingAllowed(pool_id=blocked, allowed_at=NOW + 2 * SECOND)),
    ]


def test_an_action_has_timers_of_its_own_by_the_same_rules() -> None:
    match = Match()
    match.do(block_action(at=NOW + SECOND))
    match.do(block_action(at=NOW + 3 * SECOND))
    match.do(allow_action(at=NOW + 2 * SECOND))
    match.do(allow_action("yellow-card", NOW + 4 * SECOND))
    match.do(allow_action())
    assert match.until(NOW + 9 * SECOND) == [
        (NOW + 3 * SECOND, ActionBlocked(action_id="goal", blocked_at=NOW + 3 * SECOND)),
        (NOW + 4 * SECOND, ActionAllowed(action_id="yellow-card", allowed_at=NOW + 4 * SECOND)),
    ]


def test_an_actions_timer_is_for_the_pools_there_are_when_it_comes() -> None:
    match = Match()
    gone = match.pool()
    match.do(block_action(at=NOW + SECOND))
    match.do(cancelling(gone))
    there = match.pool()
    facts = [fact for _, fact in match.until(NOW + SECOND)]
    assert facts[1:] == [BettingBlocked(pool_id=there, blocked_at=NOW + SECOND, own=False)]
    match.bet(ANN, 100, "brazil", match.pool())


def test_an_actions_switch_leaves_the_pools_own_timers_alone() -> None:
    match = Match()
    pool_id = match.pool()
    match.do(block(pool_id, NOW + SECOND))
    match.do(block_action())
    match.do(allow_action())
    match.bet(BEN, 100, "brazil", pool_id)
    assert match.until(NOW + SECOND) == [
        (NOW + SECOND, BettingBlocked(pool_id=pool_id, blocked_at=NOW + SECOND))
    ]


def test_timers_of_a_pool_end_with_it() -> None:
    match = Match()
    pool_id = match.pool()
    match.do(block(pool_id, NOW + SECOND))
    match.do(allow(pool_id, NOW + 2 * SECOND))
    match.event("brazil:7")
    assert match.wait(9 * SECOND) == []


def test_timers_of_a_game_end_with_it() -> None:
    match = Match()
    match.do(block_action(at=NOW + SECOND))
    match.do(CLOSE)
    assert match.wait(9 * SECOND) == []
