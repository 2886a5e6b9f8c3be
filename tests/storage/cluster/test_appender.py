"""What the leader is told of a record is true, whatever happens to the engine and on the way."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs
import pytest

from storage.cluster import appender as appending
from storage.cluster.appender import (
    Appended,
    Appender,
    AppendOutcome,
    AppendRefused,
    Deposed,
    Unknown,
    WentBack,
)
from storage.cluster.connection import Deadline, EngineConnection
from storage.cluster.log import places_from
from storage.records import LOG_START, LogPlace, LogRecord, epoch_record
from tests.support.cluster_sessions import (
    LEVEL,
    Appenders,
    batch,
    extend,
    log_of,
    make_cluster,
    soon,
)
from tests.support.engine import Engine, EngineServer, received, until
from tests.support.process import PATIENCE_S
from tests.support.proxy import LossyProxy

WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND usename = 'toteboard'"


def assert_chained(log: list[LogRecord]) -> None:
    place = LOG_START
    for record in log:
        assert record.follows(place)
        place = record.place


class Appending(threading.Thread):
    """An append under way."""

    def __init__(self, appender: Appender, record: LogRecord) -> None:
        super().__init__()
        self._work = appender, record
        self.outcome: AppendOutcome | None = None
        self.start()

    def run(self) -> None:
        appender, record = self._work
        self.outcome = appender.append(record, soon())

    def end(self) -> AppendOutcome:
        self.join(2 * PATIENCE_S)
        assert self.outcome is not None
        return self.outcome


def waiting(engine: Engine) -> list[int]:
    """The backends that wait for a standby, once there is one."""
    until(lambda: engine.primary.ask(WAITING), "an append to wait for a standby")
    return [pid for (pid,) in engine.primary.ask(WAITING)]


@contextmanager
def no_standby(engine: Engine) -> Iterator[None]:
    """No standby acknowledges anything."""
    for standby in engine.standbys:
        engine.detach(standby)
    yield
    for standby in engine.standbys:
        engine.attach(standby)


def test_a_leader_appends_record_after_record(appenders: Appenders, url: str) -> None:
    make_cluster(url)
    appender = appenders.leading(url)
    extend(appender, 3)
    assert [record.kind for record in log_of(url)] == ["epoch", "rows", "rows", "rows"]
    assert_chained(log_of(url))


def test_a_leader_is_deposed_by_a_newer_epoch(appenders: Appenders, url: str) -> None:
    make_cluster(url)
    old = appenders.leading(url)
    extend(old)
    new = appenders.leading(url, 2, old.confirmed, "b")
    assert old.append(batch(old.confirmed), soon()) == Deposed()
    extend(new, 2)
    assert old.append(batch(old.confirmed), soon()) == Deposed()
    assert [record.epoch for record in log_of(url)] == [1, 1, 2, 2, 2]


def test_a_leader_whose_record_is_behind_the_newer_epoch_s_is_deposed(
    appenders: Appenders, url: str
) -> None:
    make_cluster(url)
    old = appenders.leading(url)
    mine = batch(old.confirmed)
    other = appenders.after(url, old.confirmed)
    assert other.append(mine, soon()) == Appended(mine.place)  # as an insert that was not answered
    appenders.leading(url, 2, mine.place, "b")
    assert old.append(mine, soon()) == Deposed()


def test_of_two_candidates_for_the_same_idx_one_begins(appenders: Appenders, url: str) -> None:
    make_cluster(url)
    start = appenders.leading(url).confirmed
    one, other = (epoch_record(start, 2, LEVEL, 5, node) for node in "bc")
    assert appenders.after(url, start).append(one, soon()) == Appended(one.place)
    assert appenders.after(url, start).append(other, soon()) == Deposed()


def test_a_candidate_that_is_behind_is_told_to_read_on(appenders: Appenders, url: str) -> None:
    make_cluster(url)
    old = appenders.leading(url)
    behind = old.confirmed
    extend(old)
    late = epoch_record(behind, 2, LEVEL, 5, "b")
    assert appenders.after(url, behind).append(late, soon()) == Deposed()
    appenders.leading(url, 2, old.confirmed, "b")


def test_two_leaders_that_fight_leave_one_chain_with_all_that_was_acknowledged(
    appenders: Appenders, url: str
) -> None:
    make_cluster(url)
    appenders.leading(url)
    told: list[LogPlace] = []

    def fight(node: str) -> None:
        for _ in range(15):
            last = log_of(url)[-1].place
            appender = appenders.after(url, last)
            record = epoch_record(last, last.epoch + 1, LEVEL, 5, node)
            for _ in range(4):
                outcome = appender.append(record, soon())
                if not isinstance(outcome, Appended):
                    assert outcome == Deposed()
                    break
                told.append(outcome.place)
                record = batch(outcome.place, f'"{node}"')

    fighters = [threading.Thread(target=fight, args=(node,)) for node in "bc"]
    for fighter in fighters:
        fighter.start()
    for fighter in fighters:
        fighter.join()
    log = log_of(url)
    assert_chained(log)
    assert len(told) == len(set(told)) > 15
    assert {*told} <= {record.place for record in log}


@pytest.mark.parametrize("loss", [LossyProxy.silence, LossyProxy.cut])
def test_an_answer_that_is_lost_on_the_way_is_found_out(
    appenders: Appenders, engine: Engine, url: str, loss: Callable[[LossyProxy], None]
) -> None:
    make_cluster(url)
    with LossyProxy.before(engine.primary.port) as proxy:
        appender = appenders.leading(url.replace(f":{engine.primary.port}/", f":{proxy.port}/"))
        record = batch(appender.confirmed)
        loss(proxy)
        outcome = appender.append(record, soon(4.0))
        assert isinstance(outcome, Appended), outcome
        extend(appender)
    log = log_of(url)
    assert_chained(log)
    assert [each for each in log if each.place == record.place] == [record]


def test_a_swallowed_answer_is_made_certain_by_a_mark(
    appenders: Appenders, engine: Engine, url: str
) -> None:
    make_cluster(url)
    with LossyProxy.before(engine.primary.port) as proxy:
        appender = appenders.leading(url.replace(f":{engine.primary.port}/", f":{proxy.port}/"))
        record = batch(appender.confirmed)
        proxy.silence()
        outcome = appender.append(record, soon(4.0))
        mark = log_of(url)[-1]
        assert (mark.kind, mark.idx) == ("mark", record.idx + 1)
        assert outcome == Appended(mark.place)
        extend(appender)


def test_an_insert_that_lands_between_the_look_and_the_next_try_is_found(
    appenders: Appenders, url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_cluster(url)
    with LossyProxy.before(engine.primary.port) as proxy:
        appender = appenders.leading(url.replace(f":{engine.primary.port}/", f":{proxy.port}/"))
        before = appender.confirmed
        record = batch(before)
        looked: list[LogPlace] = []

        def look(connection: EngineConnection, deadline: Deadline, idx: int) -> list[LogPlace]:
            seen = places_from(connection, deadline, idx)
            if not looked:
                landed = appenders.after(url, before).append(record, soon())
                assert landed == Appended(record.place)
            looked[:] = seen
            return seen

        monkeypatch.setattr(appending, "places_from", look)
        proxy.cut()
        outcome = appender.append(record, soon())
        assert looked == [before, record.place]
        assert outcome == Appended(log_of(url)[-1].place)
        appender.close()


def test_an_engine_that_stays_away_leaves_the_outcome_unknown(
    appenders: Appenders, url: str, engine: Engine
) -> None:
    make_cluster(url)
    with LossyProxy.before(engine.primary.port) as proxy:
        appender = appenders.leading(url.replace(f":{engine.primary.port}/", f":{proxy.port}/"))
    outcome = appender.append(batch(appender.confirmed), soon(0.3))
    assert isinstance(outcome, Unknown)
    assert outcome.reason


def test_a_full_engine_refuses_and_the_leader_goes_on(appenders: Appenders, url: str) -> None:
    make_cluster(url)
    appender = appenders.leading(url)
    record = batch(appender.confirmed)
    connected = appender._connected(soon())
    connected.run(soon(), "SET default_transaction_read_only = on")
    assert isinstance(appender.append(record, soon()), AppendRefused)
    connected.run(soon(), "SET default_transaction_read_only = off")
    assert appender.append(record, soon()) == Appended(record.place)


@pytest.mark.parametrize("how", ["pg_cancel_backend", "pg_terminate_backend"])
def test_a_wait_for_a_standby_that_was_cut_is_never_a_yes(
    appenders: Appenders, replicated_engine: Engine, how: str
) -> None:
    url = replicated_engine.new_database()
    make_cluster(url)
    appender = appenders.leading(url)
    record = batch(appender.confirmed)
    with no_standby(replicated_engine):
        under_way = Appending(appender, record)
        (first,) = waiting(replicated_engine)
        replicated_engine.primary.ask(f"SELECT {how}({first})")
        until(lambda: log_of(url)[-1].place == record.place, "the record to be seen")
        assert waiting(replicated_engine) != [first], "a mark waits for a standby now"
        assert under_way.outcome is None
    assert under_way.end() == Appended(log_of(url)[-1].place)
    assert_chained(log_of(url))


def test_retries_without_a_standby_do_not_pile_up_in_the_engine(
    appenders: Appenders, replicated_engine: Engine
) -> None:
    url = replicated_engine.new_database()
    make_cluster(url)
    appender = appenders.leading(url)
    record = batch(appender.confirmed)
    with no_standby(replicated_engine):
        for _ in range(2):
            assert isinstance(appender.append(record, soon(1.5)), Unknown)
        of_role = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'toteboard'"
        until(lambda: replicated_engine.primary.ask(of_role) == [(1,)], "one session to be left")
        assert len(waiting(replicated_engine)) == 1
    assert isinstance(appender.append(record, soon()), Appended)


def test_a_restart_of_the_engine_loses_nothing(
    appenders: Appenders, engine: Engine, url: str
) -> None:
    make_cluster(url)
    appender = appenders.leading(url)
    extend(appender)
    engine.primary.restart()
    extend(appender, 2)
    engine.primary.kill()
    engine.primary.start()
    extend(appender)
    assert_chained(log_of(url))


def equal(engine: Engine) -> None:
    one, other = engine.standbys
    until(lambda: received(one) == received(other), "both standbys to have received the same")


def lag(engine: Engine) -> EngineServer:
    """A standby that receives nothing from now on."""
    equal(engine)
    lagging = engine.standbys[0]
    engine.detach(lagging)
    return lagging


def test_the_best_standby_has_all_that_was_appended(
    appenders: Appenders, mortal_engine: Engine
) -> None:
    url = mortal_engine.new_database()
    make_cluster(url)
    appender = appenders.leading(url)
    lagging = lag(mortal_engine)
    extend(appender, 3)
    mortal_engine.primary.kill()
    under_way = Appending(appender, batch(appender.confirmed))
    best = mortal_engine.best_standby()
    assert best is not lagging
    mortal_engine.promote(best)
    assert isinstance(under_way.end(), Appended)
    extend(appender)
    log = log_of(url)
    assert_chained(log)
    assert [record.idx for record in log] == [1, 2, 3, 4, 5, 6]


def test_a_standby_that_lagged_and_was_promoted_is_noticed(
    appenders: Appenders, mortal_engine: Engine
) -> None:
    url = mortal_engine.new_database()
    make_cluster(url)
    appender = appenders.leading(url)
    lagging = lag(mortal_engine)
    extend(appender, 3)
    gone = appender.confirmed
    mortal_engine.rest(lagging).stop()
    mortal_engine.primary.kill()
    mortal_engine.promote(lagging)
    assert appender.append(batch(gone), soon()) == WentBack(gone.idx)
    # Another leader on what is left has other records at the same places.
    appenders.leading(url, 2, log_of(url)[-1].place, "b")
    other = appenders.after(url, log_of(url)[-1].place)
    extend(other, 4)
    assert appender.append(batch(gone), soon()) == WentBack(gone.idx)
    assert attrs.evolve(gone, chain=b"") not in [record.place for record in log_of(url)]


def test_what_only_a_dead_primary_has_is_not_acknowledged(
    appenders: Appenders, mortal_engine: Engine
) -> None:
    url = mortal_engine.new_database()
    make_cluster(url)
    appender = appenders.leading(url)
    extend(appender)
    equal(mortal_engine)
    record = batch(appender.confirmed)
    for standby in mortal_engine.standbys:
        mortal_engine.detach(standby)
    under_way = Appending(appender, record)
    (first,) = waiting(mortal_engine)
    mortal_engine.primary.ask(f"SELECT pg_cancel_backend({first})")
    until(lambda: log_of(url)[-1].place == record.place, "the record to be seen")
    assert under_way.outcome is None
    mortal_engine.primary.kill()
    mortal_engine.promote(mortal_engine.best_standby())
    assert under_way.end() == Appended(record.place), "it was inserted again"
    assert log_of(url)[-1] == record
