"""Which message answers a command about pools, and which publishes a fact (contract, section 7)."""

from collections.abc import Sequence
from typing import Any

import orjson
import pytest

from game.commands import (
    AllowAction,
    AllowPool,
    BlockAction,
    BlockPool,
    CancelPool,
    CloseGame,
    Command,
    HeatPools,
    OpenPool,
    PlaceBet,
    RegisterEvent,
)
from game.facts import ClosingStarted, Entry, Fact, PoolHeated, PoolOpened, SwitchPlanned
from game.pools import Bet
from protocol.codec import to_json
from protocol.errors import error_reply
from protocol.publications import publication
from protocol.replies import done
from tests.protocol.pool_bodies import CANCELLED, PLACED, RESOLVED, TOLD_RESOLVED, Body
from tests.support.play import ANN, GAME, NOW, OPENED, POOL, Play, creation

OPEN = OpenPool(game_id=GAME, description="d", action="goal")
HEAT = HeatPools(game_id=GAME, action_id="goal", target_id="none")
LATER = NOW + 5


def heated(pool_id: str) -> PoolHeated:
    return PoolHeated(pool_id=pool_id, hot_since=NOW, likely_to_happen_at=None)


def planned(**what: Any) -> list[Fact]:
    return [SwitchPlanned(blocks=True, switch_at=LATER, **what)]


REPLIES: list[tuple[Command, Sequence[Fact], Body]] = [
    (OPEN, [OPENED], {
        "res": 350, "game_id": GAME, "pool_id": POOL, "description": "Who is next?", "type": 1,
    }),
    (PlaceBet(pool_id=POOL, target="argentina:7", amount=1_050), [PLACED], {
        "res": 356, "pool_id": POOL, "bet_id": "b", "target": "argentina:7", "amount": 10.5,
    }),
    (HEAT, [heated("p"), heated("q")], {
        "res": 367, "game_id": GAME, "hot_since": NOW, "pools": ["p", "q"],
    }),
    (HEAT, [], {"res": 367, "game_id": GAME, "hot_since": NOW, "pools": []}),
    (CancelPool(pool_id=POOL), [CANCELLED], {"res": 3991, "pool_id": POOL}),
    (BlockPool(pool_id=POOL, block_at=LATER), planned(pool_id=POOL), {
        "res": 368, "game_id": GAME, "pool_id": POOL, "blocked_at": LATER,
    }),
    (AllowPool(pool_id=POOL, allow_at=LATER), planned(pool_id=POOL), {
        "res": 369, "game_id": GAME, "pool_id": POOL, "allowed_at": LATER,
    }),
    (BlockAction(game_id=GAME, action="goal", block_at=LATER), planned(action_id="goal"), {
        "res": 370, "game_id": GAME, "action": "goal", "action_id": "goal", "blocked_at": LATER,
    }),
    (AllowAction(game_id=GAME, action="goal", allow_at=LATER), planned(action_id="goal"), {
        "res": 371, "game_id": GAME, "action": "goal", "action_id": "goal", "allowed_at": LATER,
    }),
]  # fmt: skip


@pytest.mark.parametrize(
    ("command", "facts", "wanted"), REPLIES, ids=[type(c).__name__ for c, _, _ in REPLIES]
)
def test_a_command_that_was_done_has_the_reply_of_its_op(
    command: Command, facts: Sequence[Fact], wanted: Body
) -> None:
    assert done(Play().game, command, facts, now=NOW) == wanted


def play_with_pools() -> tuple[Play, list[str]]:
    """Return an open game with one parimutuel pool and two binary pools."""
    play = Play(creation(actions=("Goal",), targets=("Argentina", "Brazil")))
    manual = OpenPool(game_id=GAME, description="d", pool_type=3)
    opened = [play.do(command)[0] for command in (OPEN, manual, manual)]
    return play, [fact.pool_id for fact in opened if isinstance(fact, PoolOpened)]


def test_a_close_that_waits_names_the_manual_pools() -> None:
    play, (_, *manual) = play_with_pools()
    facts = play.do(CloseGame(game_id=GAME))
    assert done(play.game, CloseGame(game_id=GAME), facts, now=NOW) == {
        "res": 3411,
        "game_id": GAME,
        "pools": manual,
    }


def test_a_bet_beyond_the_funds_is_refused_with_what_is_available() -> None:
    play, (pool_id, *_) = play_with_pools()
    refusal = play.refused(PlaceBet(pool_id=pool_id, target="brazil", amount=1_050))
    body = orjson.loads(to_json(error_reply(refusal, op=392)))
    assert "10.5" in body.pop("text")
    assert body == {
        "res": 666,
        "code": "insufficient_funds",
        "op": 392,
        "retryable": False,
        "available_balance": 0,
    }


# Publications.


def test_a_fact_of_a_pool_has_its_own_publication_if_it_counts_as_published() -> None:
    play, (pool_id, manual, _) = play_with_pools()
    before = len(play.entries)
    play.do(BlockPool(pool_id=pool_id))
    play.do(AllowPool(pool_id=pool_id))
    play.do(BlockPool(pool_id=pool_id, block_at=NOW + 5))
    play.do(HEAT)
    play.do(BlockAction(game_id=GAME, action="goal"))
    play.do(AllowAction(game_id=GAME, action="goal"))
    play.do(CancelPool(pool_id=manual))
    play.do(RegisterEvent(game_id=GAME, action_id="goal", target_id="brazil"))
    play.do(CloseGame(game_id=GAME))
    entries = play.entries[before:]
    told = [publication(play.game, entry) for entry in entries]
    assert [None if body is None else body["res"] for body in told] == [
        368, 369, None, 367, 370, 368, 371, 369, 362, 366, 362, 368, 342,
    ]  # fmt: skip
    assert [entry.fact.published for entry in entries] == [body is not None for body in told]
    assert isinstance(entries[-1].fact, ClosingStarted)
    assert told[-1] is not None
    assert told[-1]["status"] == "game_in_progress_betting_closed"


def test_a_bet_is_published_only_by_the_361_of_its_pool() -> None:
    assert PLACED.published
    assert publication(Play().game, Entry(7, NOW, PLACED)) is None


def test_a_pool_is_published_as_it_was_when_it_opened() -> None:
    play, (pool_id, *_) = play_with_pools()
    [entry] = [e for e in play.entries if getattr(e.fact, "pool_id", None) == pool_id]
    then = publication(play.game, entry)
    play.do(BlockPool(pool_id=pool_id))
    play.game.pools[pool_id].add(Bet("b", ANN, "brazil", 100, NOW))
    assert publication(play.game, entry) == then
    assert then is not None
    assert (then["is_blocked"], then["participants"], then["start_at"]) == (False, 0, NOW)


def test_a_resolution_is_dated_by_its_fact() -> None:
    told = publication(Play().game, Entry(9, NOW + 7, RESOLVED))
    assert told is not None
    assert orjson.loads(to_json(told)) == TOLD_RESOLVED
