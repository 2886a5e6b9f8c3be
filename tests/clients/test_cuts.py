"""Connections that are cut at any byte cost a client nothing, on real sockets."""

from pathlib import Path

import pytest
from attrs import evolve

from tests.clients.cuts import CLIENTS, run
from tests.support.depth import depth


@pytest.mark.parametrize("client", CLIENTS)
async def test_nothing_is_lost_or_repeated_when_connections_are_cut(
    tmp_path: Path, client: str
) -> None:
    ends = await run(tmp_path, client, cuts=depth(gate=8, deep=100), seed=1)
    assert ends.findings() == []
    bets = [line for line in ends.lines if "bet" in line]
    assert len(bets) > 1
    assert evolve(ends, lines=[*ends.lines, bets[0]]).findings(), "a repeated bet would be found"
    told = [line for line in ends.lines if "told" in line]
    assert evolve(ends, lines=[*bets, *told[:-1]]).findings(), "a lost fact would be found"
