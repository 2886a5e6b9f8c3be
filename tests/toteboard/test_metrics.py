"""Each metric changes when what it counts happens; money changes only by a credit."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
import trio
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from game.vocabulary import Status
from storage.changes import NonceSpent
from storage.errors import StorageError
from storage.opening import open_for_reading
from storage.store import Credit
from tests.support.people import open_pool
from tests.support.process import PATIENCE_S
from tests.support.raw_client import pair_as_over_tls
from tests.support.tree import ROOT
from tests.support.website import Website, website
from toteboard import metrics
from toteboard_client import Client

OUTBOX = 10
Samples = dict[tuple[str, frozenset[str]], float]


@pytest.fixture
async def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Website]:
    monkeypatch.setattr(metrics, "FIGURES_LIVE_S", 0)
    async with website(tmp_path, limits={"outbox_size": OUTBOX}) as opened:
        opened.world.add_user("ann", can_host=True)
        opened.world.add_user("bob")
        yield opened


async def scraped(site: Website) -> Callable[..., float]:
    """Read the metrics. Return a function from a sample's name and labels to its value."""
    answer = await site.operators.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples: Samples = {
        (sample.name.removeprefix("toteboard_"), frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    return lambda name, *labels: samples.get((name, frozenset(labels)), 0)


async def a_game(site: Website) -> tuple[Client, str]:
    """Return the host, and a game that the host has created and joined."""
    ann = await site.world.connect("ann")
    source = await ann.call(365, source_name="FIFA")
    body = {"source_id": source["source_id"], "actions": ["Goal"], "targets": ["Brazil"]}
    game = await ann.call(370, game_name="final", **body)
    await ann.call(616, game_id=game["game_id"])
    await ann.call(363, game_id=game["game_id"])
    return ann, game["game_id"]


OF_NODES_AND_HOOKS = ("toteboard_cluster_", "toteboard_hook_")
"""Metrics of nodes of a cluster and of hooks, which this server does not have."""


async def test_the_reference_has_every_metric_and_no_other(site: Website) -> None:
    page = (ROOT / "docs" / "reference" / "metrics.md").read_text()
    text = (await site.operators.get("/metrics")).text
    ours = set(re.findall(r"^# TYPE (toteboard_\w+)", text, re.M))
    listed = set(re.findall(r"`(toteboard_\w*[a-z])`", page))
    assert {name for name in listed if not name.startswith(OF_NODES_AND_HOOKS)} == ours


async def test_ops_are_counted_by_outcome_and_timed(site: Website) -> None:
    ann = await site.world.connect("ann")
    await ann.call(1)
    await ann.call(1)
    await ann.send(365)
    await ann.send(366, source_id="nowhere")
    await ann.send(4711)
    for _ in range(3):
        await ann.receive()
    value = await scraped(site)
    assert value("ops_total", "ping", "done") == value("op_seconds_count", "ping") == 2
    assert value("op_seconds_bucket", "ping", "+Inf") == 2
    assert value("ops_total", "open_game_source", "missing_parameter") == 1
    assert value("ops_total", "close_game_source", "unknown_source") == 1
    assert value("ops_total", "unknown", "unknown_op") == 1


async def test_connections_are_counted_while_they_last(site: Website) -> None:
    one, *_ = [await site.world.connect(name) for name in ("ann", "ann", "bob")]
    value = await scraped(site)
    assert (value("connections"), value("users_connected")) == (3, 2)
    await one.socket.aclose()
    with trio.fail_after(PATIENCE_S):
        while (value := await scraped(site))("connections") == 3:
            pass
    assert (value("connections"), value("users_connected")) == (2, 2)


async def test_commits_are_timed_and_failures_counted(site: Website) -> None:
    writer = site.world.server.services.writer
    before = await scraped(site)
    await writer.commit([NonceSpent(1, "n")])
    value = await scraped(site)
    assert value("commit_seconds_count") == before("commit_seconds_count") + 1
    assert value("commit_units_sum") == before("commit_units_sum") + 1
    site.world.writing.execute("PRAGMA query_only = ON")
    with pytest.raises(StorageError):
        await writer.commit([NonceSpent(1, "m")])
    assert (await scraped(site))("commits_failed_total") == 1


async def test_deliveries_are_publications_times_readers(site: Website) -> None:
    ann, game_id = await a_game(site)
    bob = await site.world.connect("bob")
    await bob.call(363, game_id=game_id)
    before = (await scraped(site))("deliveries_total")
    await ann.call(373, game_id=game_id, actions=["Offside"])
    assert (await scraped(site))("deliveries_total") == before + 2


async def test_what_waits_for_a_reader_is_shown_and_so_is_its_end(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, game_id = await a_game(site)
    pool_id = await open_pool(ann, game_id)
    ours, theirs = pair_as_over_tls()
    monkeypatch.setattr("tests.support.world.memory_stream_pair", lambda: (ours, theirs))
    deaf = await site.world.connect("bob")
    await deaf.call(363, game_id=game_id)
    for _ in range(8):
        await ann.call(397, pool_id=pool_id)
    value = await scraped(site)
    assert value("outbox_messages") == value("outbox_fullest") > 0
    assert value("lagging_closes_total") == 0
    for _ in range(OUTBOX):
        await ann.call(397, pool_id=pool_id)
    await trio.aclose_forcefully(ours)
    with trio.fail_after(PATIENCE_S):
        while (value := await scraped(site))("lagging_closes_total") != 1:
            pass
        while (value := await scraped(site))("outbox_fullest"):  # the others receive its 480
            pass
    assert value("outbox_messages") == 0


async def test_games_of_which_there_are_none_are_told_as_zero(site: Website) -> None:
    text = (await site.operators.get("/metrics")).text
    told = re.findall(r'^toteboard_games{status="(\w+)"} 0.0$', text, re.M)
    assert set(told) == set(Status) - {Status.CLOSED}


async def test_games_are_counted_by_status_until_they_close(site: Website) -> None:
    ann, game_id = await a_game(site)
    active = "game_in_progress_betting_active"
    assert (await scraped(site))("games", active) == 1
    await ann.call(375, game_id=game_id)
    assert (await scraped(site))("games", active) == 0


async def test_what_happens_by_itself_is_measured_against_its_time(site: Website) -> None:
    ann, game_id = await a_game(site)
    await ann.call(373, game_id=game_id, close_at=site.world.now() + 20)
    while (await ann.receive())["res"] != 341:
        pass
    value = await scraped(site)
    assert value("timer_late_seconds_count") == 1
    assert value("timer_late_seconds_bucket", "+Inf") == 1
    assert value("timer_late_seconds_sum") >= 0


async def test_money_is_flat_whatever_is_bet_and_rises_by_credit_alone(site: Website) -> None:
    ann, game_id = await a_game(site)
    at_first = await scraped(site)
    assert at_first("money_held", "DON") == at_first("money_issued", "DON") == 2_000
    pool_id = await open_pool(ann, game_id)
    bob = await site.world.connect("bob")
    await bob.call(392, pool_id=pool_id, target="brazil", amount=2.5)
    staked = await scraped(site)
    assert staked("money_held", "DON") == staked("money_issued", "DON") == 2_000
    await site.world.operate(Credit("ann", "DON", 101))
    await site.world.operate(Credit("ann", "EUR", 1))
    credited = await scraped(site)
    assert credited("money_held", "DON") == credited("money_issued", "DON") == 2_001.01
    assert credited("money_held", "EUR") == credited("money_issued", "EUR") == 0.01


async def test_figures_are_read_seldom(site: Website, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "FIGURES_LIVE_S", 1_000)
    assert (await scraped(site))("money_held", "DON") == 2_000
    await site.world.operate(Credit("ann", "DON", 100))
    assert (await scraped(site))("money_held", "DON") == 2_000


async def test_what_cannot_be_read_is_left_out(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_game(site)

    def broken(_: object) -> None:
        raise StorageError("the disk is gone")

    monkeypatch.setattr(metrics, "figures", broken)
    with capture_logs() as lines:
        value = await scraped(site)
    assert value("money_held", "DON") == 0
    assert value("connections") == 1
    assert "storage_failed" in [line["event"] for line in lines]


async def test_the_process_itself_is_told_of(site: Website) -> None:
    value = await scraped(site)
    assert value("process_resident_memory_bytes") > 0
    assert value("process_open_fds") > 0


async def test_many_that_ask_at_once_are_told_one_text(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = 0

    def counted(registry: CollectorRegistry) -> bytes:
        nonlocal made
        made += 1
        return generate_latest(registry)

    monkeypatch.setattr(metrics, "generate_latest", counted)
    with closing(open_for_reading(site.world.path)) as counting:
        told = metrics.Metrics(site.world.server.services, counting, site.world.server.outboxes)
        async with trio.open_nursery() as nursery:
            for _ in range(20):
                nursery.start_soon(told.text)
        at_once = made
        await told.text()
    assert at_once <= 2, "one text for those who came while another was made"
    assert made == at_once + 1, "who asks later is told what is true then"
