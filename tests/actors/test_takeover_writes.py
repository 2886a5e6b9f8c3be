"""A write that is in the log, but whose leader is lost by it: nobody is told that it was refused.

So it is if the leader's file cannot take a record that the engine has confirmed.
"""

from contextlib import suppress
from pathlib import Path

import pytest
import trio

from storage.payments import CREDIT, Pay
from tests.support.cluster_match import Match, play_match
from toteboard_client import ConnectionClosedError


@pytest.mark.parametrize("who", ["dan", "cid"])
async def test_no_player_is_told_that_a_break_was_refused_which_is_in_the_log(
    tmp_path: Path, autojump_clock: object, who: str
) -> None:
    async def play(match: Match) -> None:
        match.nodes.loses_leader = True
        client = match.clients[who]
        await client.send(8310)
        told = []
        with trio.move_on_after(1), suppress(ConnectionClosedError):
            while True:
                told.append((await client.receive())["res"])
        assert match.nodes.operator.rows("SELECT count(*) n FROM breaks") == [{"n": 1}]
        assert 666 not in told

    await play_match(tmp_path, play)


async def test_no_operator_is_told_that_a_payment_was_refused_which_is_in_the_log(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        match.nodes.loses_leader = True
        user_id, _ = match.nodes.keys["bob"]
        with trio.move_on_after(1) as scope:
            await match.nodes.server.store.perform(Pay(CREDIT, user_id, "DON", 500))
        assert scope.cancelled_caught
        assert match.nodes.operator.rows("SELECT count(*) n FROM payments") == [{"n": 1}]

    await play_match(tmp_path, play)
