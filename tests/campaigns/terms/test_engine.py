"""The simulated engine keeps and loses what PostgreSQL does."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest
import trio
from psycopg import errors

from storage.cluster import log
from storage.records import LOG_START, LogPlace, LogRecord, epoch_record, mark_record
from tests.campaigns.terms.cluster import CLUSTER
from tests.campaigns.terms.engine import Answer, Engine


@contextmanager
def an_engine() -> Iterator[Engine]:
    """Make an engine in memory."""
    with closing(Engine(0.0, CLUSTER)) as engine:
        yield engine


FIRST = epoch_record(LOG_START, 1, 1, 0, "a")
SECOND = mark_record(FIRST.place, 1, 0)


async def append(engine: Engine, record: LogRecord, after: LogPlace = LOG_START) -> Answer:
    """Append a record as the product does."""
    values = record.idx, record.epoch, record.level, record.at, record.kind, record.chain
    if after == LOG_START:
        return await engine.run(engine.term, log._APPEND_FIRST, (*values, record.body))
    known = after.idx, after.epoch, after.chain
    return await engine.run(engine.term, log._APPEND, (*values, record.body, *known))


async def test_a_clean_yes_survives_the_promotion_of_the_standby(autojump_clock: object) -> None:
    with an_engine() as engine:
        answer = await append(engine, FIRST)
        assert answer.error is None
        assert not answer.has_warning
        engine.stop()
        engine.promote()
        assert engine.records() == [FIRST]


async def test_a_yes_with_a_warning_is_seen_and_lost_by_a_promotion(
    autojump_clock: object, nursery: trio.Nursery
) -> None:
    with an_engine() as engine:
        engine.standby_stalls = True
        answers: list[Answer] = []

        async def ask() -> None:
            answers.append(await append(engine, FIRST))

        nursery.start_soon(ask)
        await trio.sleep(1)
        assert engine.records() == []
        engine.cancel_waits()
        await trio.sleep(1)
        assert answers[0].has_warning
        assert engine.records() == [FIRST]
        engine.stop()
        engine.promote()
        assert engine.records() == []


async def test_a_standby_that_lags_loses_a_clean_yes(autojump_clock: object) -> None:
    with an_engine() as engine:
        await append(engine, FIRST)
        engine.laggard_stalls = True
        await append(engine, SECOND, FIRST.place)
        engine.stop()
        engine.promote(laggard=True)
        assert engine.records() == [FIRST]


async def test_an_append_behind_another_record_or_in_its_place_is_refused(
    autojump_clock: object,
) -> None:
    with an_engine() as engine:
        await append(engine, FIRST)
        other = epoch_record(LOG_START, 2, 1, 0, "b")
        behind = await append(engine, mark_record(other.place, 1, 0), other.place)
        assert behind.result is not None
        assert behind.result.count == 0
        await append(engine, SECOND, FIRST.place)
        taken = await append(engine, SECOND, FIRST.place)
        assert isinstance(taken.error, errors.UniqueViolation)
        assert engine.records() == [FIRST, SECOND]


async def test_what_waits_for_the_standby_holds_its_row_and_is_there_after_a_restart(
    autojump_clock: object, nursery: trio.Nursery
) -> None:
    with an_engine() as engine:
        engine.standby_stalls = True
        nursery.start_soon(append, engine, FIRST)
        await trio.sleep(1)
        assert isinstance((await append(engine, FIRST)).error, errors.LockNotAvailable)
        engine.stop()
        assert isinstance((await append(engine, FIRST)).error, psycopg.OperationalError)
        engine.restart()
        assert engine.records() == [FIRST]


@pytest.mark.parametrize("text", ["SELECT 1", "SELECT set_config('a', %s, false)"])
async def test_a_query_is_answered(text: str) -> None:
    with an_engine() as engine:
        answer = await engine.run(engine.term, text, ("x",) * text.count("%s"))
        assert answer.result is not None
        assert answer.result.count == 1
