"""The leader's file and the log hold the same, or the leader is none any more."""

from pathlib import Path

import pytest

from storage.changes import NonceSpent, SourceOpened, UserAdded
from storage.cluster.appender import Appended, Appender, Unknown, WentBack
from storage.cluster.leading import LeadingDatabase
from storage.database import Database
from storage.digest import file_digest
from storage.errors import (
    LeadershipLostError,
    LogWentBackError,
    RowRefusedError,
    StorageError,
)
from storage.opening import open_database
from storage.position import FilePosition, apply_records, join_cluster, position_of
from storage.records import LOG_START, LogRecord
from storage.store import AddUser
from tests.support.cluster_sessions import (
    Appenders,
    batch,
    log_of,
    make_cluster,
    soon,
)

OPENED = SourceOpened("s", "s", None, 1)


@pytest.fixture
def leading(database: Database, appenders: Appenders, url: str) -> LeadingDatabase:
    """A leader's database, whose epoch has begun."""
    join_cluster(database, FilePosition(make_cluster(url), LOG_START))
    appender = appenders.leading(url)
    apply_records(database, log_of(url))
    leader = LeadingDatabase(database, appender, soon)
    leader.at = 5
    return leader


@pytest.fixture
def appender(leading: LeadingDatabase) -> Appender:
    """The appender of the leader."""
    return leading._appender


def place_of(database: Database) -> FilePosition:
    position = position_of(database)
    assert position is not None
    return position


def test_a_commit_is_a_record_whose_place_the_file_takes(
    leading: LeadingDatabase, url: str
) -> None:
    leading.write([OPENED])
    record = log_of(url)[-1]
    assert (record.kind, record.at) == ("rows", 5)
    assert place_of(leading).place == leading.place == record.place


def test_a_named_write_is_a_record_of_its_own(
    leading: LeadingDatabase, url: str, tmp_path: Path
) -> None:
    values = AddUser("ann", True, {"DON": 500}, None).perform(leading, 7)
    assert values["name"] == "ann"
    other = open_database(tmp_path / "other.db")
    join_cluster(other, FilePosition(place_of(leading).cluster, LOG_START))
    apply_records(other, log_of(url))
    assert file_digest(other) == file_digest(leading)
    other.close()


def test_what_changes_nothing_is_no_record(leading: LeadingDatabase, url: str) -> None:
    leading.write([])
    with leading.transaction():
        pass
    assert len(log_of(url)) == 1


def test_a_row_at_fault_is_found_before_anybody_else_has_it(
    leading: LeadingDatabase, url: str
) -> None:
    with pytest.raises(RowRefusedError):
        leading.write([NonceSpent(99, "of nobody")])
    assert len(log_of(url)) == 1
    leading.write([OPENED])
    assert len(log_of(url)) == 2


def test_what_the_engine_refuses_is_not_stored_and_the_leader_goes_on(
    leading: LeadingDatabase, appender: Appender, url: str
) -> None:
    session = appender._connected(soon())
    session.run(soon(), "SET default_transaction_read_only = on")
    with pytest.raises(StorageError) as raised:
        leading.write([OPENED])
    assert not isinstance(raised.value, LeadershipLostError)
    assert leading.row("SELECT 1 FROM sources") is None
    session.run(soon(), "SET default_transaction_read_only = off")
    leading.write([OPENED])
    assert len(log_of(url)) == 2


def test_a_deposed_leader_stores_nothing_more(
    leading: LeadingDatabase, appenders: Appenders, url: str
) -> None:
    appenders.leading(url, 2, leading.place, "b")
    for _ in range(2):
        with pytest.raises(LeadershipLostError):
            leading.write([OPENED])
    assert leading.row("SELECT 1 FROM sources") is None
    assert [record.epoch for record in log_of(url)] == [1, 2]


@pytest.mark.parametrize(
    ("outcome", "error"),
    [(Unknown("silence"), LeadershipLostError), (WentBack(1), LogWentBackError)],
)
def test_without_a_clean_yes_nothing_more_is_written(
    leading: LeadingDatabase,
    appender: Appender,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    outcome: Unknown | WentBack,
    error: type[LeadershipLostError],
) -> None:
    monkeypatch.setattr(appender, "append", lambda *_: outcome)
    with pytest.raises(error):
        leading.write([OPENED])
    monkeypatch.undo()
    with pytest.raises(error):
        leading.write([OPENED])
    assert leading.row("SELECT 1 FROM sources") is None
    assert len(log_of(url)) == 1


def test_the_place_behind_a_mark_is_taken(
    leading: LeadingDatabase, appender: Appender, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = appender.append

    def with_a_mark(record: LogRecord, deadline: object) -> object:
        append(record, soon())
        return append(batch(record.place), soon())

    monkeypatch.setattr(appender, "append", with_a_mark)
    leading.write([OPENED])
    assert place_of(leading).place == appender.confirmed


def test_a_file_that_cannot_take_a_confirmed_record_is_no_leader_s(
    leading: LeadingDatabase, appender: Appender, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = appender.append

    def then_the_disk_is_full(record: LogRecord, deadline: object) -> object:
        outcome = append(record, soon())
        # A reference that is checked at COMMIT, when the record is in the log already.
        leading.execute("PRAGMA defer_foreign_keys = on")
        leading.execute("INSERT INTO nonces VALUES (99, 'of nobody')")
        return outcome

    monkeypatch.setattr(appender, "append", then_the_disk_is_full)
    with pytest.raises(LeadershipLostError, match="lacks a confirmed record"):
        leading.write([OPENED])
    monkeypatch.undo()
    with pytest.raises(LeadershipLostError):
        leading.write([OPENED])
    assert isinstance(appender.append(batch(appender.confirmed), soon()), Appended)
    assert [record.kind for record in log_of(url)] == ["epoch", "rows", "rows"]


def test_a_probe_is_a_mark(leading: LeadingDatabase, url: str) -> None:
    leading.probe()
    leading.write([UserAdded(1, "ann", "ann", True, 5)])
    assert [record.kind for record in log_of(url)] == ["epoch", "mark", "rows"]
