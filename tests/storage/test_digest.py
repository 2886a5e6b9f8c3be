"""Two files that applied the same changes are equal, to the byte of a digest."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from storage.api_keys import AddKey
from storage.api_replies import ApiCall
from storage.changes import Change, NonceSpent, OperatorActed
from storage.database import Database
from storage.digest import file_digest, table_digests
from storage.opening import open_database, open_for_reading
from storage.payments import Pay, ResolveHold
from storage.session_keys import adopt
from storage.store import AddApiUser, DisableUser, MakeKey
from storage.user_writes import EraseUser
from tests.support.bookkeeper import ANN, NOW, season

Batch = list[Change]


@pytest.fixture
def batches(path: Path, monkeypatch: pytest.MonkeyPatch) -> Sequence[Batch]:
    """A season on a file, with operators and another secret: its batches, as they were put."""
    put, noted = Database.put, list[Batch]()

    def spy(self: Database, changes: Iterable[Change]) -> None:
        noted.append([*changes])
        put(self, noted[-1])

    with monkeypatch.context() as patch, closing(open_database(path)) as database:
        patch.setattr(Database, "put", spy)
        season(database)
        _operate(database)
        database.key_file.path.unlink()
        DisableUser("bob").perform(database, NOW)
    with monkeypatch.context() as patch, closing(open_database(path)) as database:
        patch.setattr(Database, "put", spy)
        assert adopt(database) > 0
    return noted


def _operate(database: Database) -> None:
    """Let operators do what makes values: keys, payments, kept replies, an erased user."""
    MakeKey("ann", None).perform(database, NOW)
    AddKey("till", "cashier").perform(database, NOW)
    for number, kind in enumerate(("credit", "debit", "hold")):
        pay = Pay(kind, ANN, "DON", 10, reference=f"r-{number}", key_id=1, by="till")
        ApiCall(pay, 1, f"k-{number}", "POST /v1/", b"{}").perform(database, NOW)
    [hold] = database.rows("SELECT id FROM payments WHERE kind = 'hold'")
    ResolveHold(hold["id"], 4, by="till").perform(database, NOW)
    dora = AddApiUser("dora", False, {"DON": 3}, None, external_id="x")
    ApiCall(dora, 1, "k-3", "POST /v1/users", b"{}").perform(database, NOW)
    EraseUser(5).perform(database, NOW)


def test_files_that_applied_the_same_batches_are_equal(
    path: Path, batches: Sequence[Batch], tmp_path: Path
) -> None:
    with closing(open_database(tmp_path / "other.db")) as other:
        for batch in batches[: len(batches) // 2]:
            other.write(batch)
        other.execute("VACUUM")  # which moves rows and numbers those without a key anew
        for batch in batches[len(batches) // 2 :]:
            other.write(batch)
        with closing(open_for_reading(path)) as first:
            assert table_digests(other) == table_digests(first)
            assert file_digest(other) == file_digest(first)


def test_a_copy_is_equal_to_its_original(
    path: Path, batches: Sequence[Batch], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    copy.touch()
    with closing(open_for_reading(path)) as first:
        first.copy_into(copy)
        with closing(open_for_reading(copy)) as second:
            assert file_digest(second) == file_digest(first)


def test_any_row_makes_a_difference(database: Database) -> None:
    empty = file_digest(database)
    database.write([OperatorActed(1, "credited", "{}", b"")])
    one = table_digests(database)
    assert file_digest(database) != empty
    database.execute("DELETE FROM operator_acts")
    none = table_digests(database)
    assert none["sqlite_sequence"] == one["sqlite_sequence"], "the next id depends on it"
    assert none["operator_acts"] != one["operator_acts"]
    assert file_digest(database) != empty


def test_what_is_about_one_file_makes_none(database: Database) -> None:
    before = file_digest(database)
    database.execute("INSERT INTO local_scrubbing VALUES (1, 1)")
    assert file_digest(database) == before
    assert not any(name.startswith("local_") for name in table_digests(database))


def test_a_digest_is_of_one_moment(
    path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    season(database)
    before = file_digest(database)
    each = Database.each

    def delayed(self: Database, sql: str) -> Iterator[tuple[Any, ...]]:
        if "FROM facts" in sql:
            database.write([NonceSpent(1, "n"), OperatorActed(1, "credited", "{}", b"")])
        return each(self, sql)

    with closing(open_for_reading(path)) as reader:
        monkeypatch.setattr(Database, "each", delayed)
        assert file_digest(reader) == before
    monkeypatch.undo()
    assert file_digest(database) != before
