"""Nothing that the server acknowledged is lost after kills. `make kills` runs more of them."""

import subprocess
import sys
from pathlib import Path
from random import Random

import trio

from tests.campaigns.kills.findings import Findings
from tests.campaigns.kills.moments import Moment, moments
from tests.campaigns.kills.season import opened
from tests.support.process import toteboard
from tests.support.tree import ROOT

KILLS = 4
WORKERS = 3
KILLS_WITH_WORKERS = 2
SEED = 1


async def test_two_hundred_users_bet_through_kills_and_nothing_is_lost_or_done_twice(
    tmp_path: Path,
) -> None:
    findings = Findings()
    with trio.fail_after(300):
        async with opened(tmp_path, findings, SEED) as season:
            for moment, _ in moments(Random(SEED), KILLS):
                await season.cycle(moment, is_audited=True)
                assert not findings.told, moment
            await season.settle(goes_on=False)
            season.end()
    assert not findings.told
    assert (await toteboard(tmp_path, "check")).returncode == 0
    assert sum(len(bettor.acknowledged) for bettor in season.bettors) > KILLS * len(season.bettors)
    assert sum(bettor.repeated for bettor in season.bettors) > KILLS


async def test_nothing_is_lost_or_done_twice_when_workers_and_the_deciding_process_are_killed(
    tmp_path: Path,
) -> None:
    findings = Findings()
    with trio.fail_after(300):
        async with opened(tmp_path, findings, SEED, workers=WORKERS) as season:
            while season.tally.kills + season.tally.workers < KILLS_WITH_WORKERS:
                await season.cycle(Moment.WORKERS, is_audited=True)
                assert not findings.told
            await season.settle(goes_on=False)
            season.end()
    assert not findings.told
    assert (await toteboard(tmp_path, "check")).returncode == 0
    assert season.tally.workers >= season.tally.kills
    assert any(bettor.repeated for bettor in season.bettors)


def test_a_server_that_forgets_keys_is_found_out() -> None:
    broken = ("--cycles", "2", "--mutation", "key-forgotten")
    command = [sys.executable, "-m", "tests.campaigns.kills", *broken]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done
    assert "two replies to a key: " in done.stdout
