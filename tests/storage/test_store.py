"""The named writes: each is done completely or refused, and refuses invalid values."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

import storage
from storage.accounts import balances
from storage.changes import SourceOpened
from storage.database import Database
from storage.errors import StorageError
from storage.store import (
    OPERATOR_WRITES,
    AddSourceAdmin,
    AddUser,
    Credit,
    DisableUser,
    ListUsers,
    MakeKey,
)
from storage.users import OperatorError, session_key_of
from storage.write import Write
from tests.support.bookkeeper import acts_of

NOW = 1_800_000_000_000

GOOD: dict[str, dict[str, Any]] = {
    "add_user": {"name": "ann", "can_host": False, "balances": {"DON": 5}, "key_lives_ms": None},
    "make_key": {"name": "ann", "key_lives_ms": 60_000},
    "credit": {"name": "ann", "currency": "DON", "amount": 1},
    "debit": {"name": "ann", "currency": "DON", "amount": 1},
    "disable_user": {"name": "ann"},
    "enable_user": {"name": "ann"},
    "set_host": {"name": "ann", "can_host": True},
    "set_password": {"name": "ann", "password_hash": "$argon2id$"},
    "add_source_admin": {"source_id": "s", "name": "ann"},
    "add_key": {"name": "till", "role": "cashier", "source_id": "s"},
    "end_key": {"name": "till"},
    "replay_hook": {"name": "ledger", "from_ms": 1},
}
"""Valid values for each write. A new write needs an entry here."""
ABOUT_NO_USER = {"add_key", "end_key", "replay_hook"}
"""The writes that are about a key of the API or a hook, and answer with no user."""

ASKED_OTHERWISE = {
    *("sign_in", "token_user", "token_sign_in", "api_call", "requested_write", "pay"),
    *("resolve_hold", "set_access", "erase_user", "add_api_user", "add_hook"),
    *("set_sanction", "set_slow_mode", "set_own_limits", "take_break", "lift_break"),
}
"""The writes that no command asks for."""

BAD: list[tuple[str, str, Any]] = [
    ("add_user", "name", "a b"),
    ("add_user", "name", ["ann"]),
    ("add_user", "can_host", 1),
    ("add_user", "balances", {"don": 5}),
    ("add_user", "balances", {"DON": -1}),
    ("add_user", "balances", {"DON": True}),
    ("add_user", "balances", {"DON": 0.5}),
    ("add_user", "balances", {"DON": 10**14 + 1}),
    ("add_user", "balances", [["DON", 5]]),
    ("add_user", "key_lives_ms", -1),
    ("add_user", "key_lives_ms", 10**30),
    ("add_user", "password_hash", 7),
    ("make_key", "key_lives_ms", "24h"),
    ("credit", "amount", 0),
    ("credit", "amount", 10**14 + 1),
    ("credit", "amount", "5"),
    ("credit", "amount", True),
    ("credit", "currency", None),
    ("disable_user", "name", None),
    ("add_source_admin", "source_id", 5),
    ("add_source_admin", "source_id", "\udcff"),
]


@pytest.fixture
def ann(database: Database) -> Database:
    """Return a database with ann and a source."""
    AddUser("ann", False, {"DON": 100}, None).perform(database, NOW)
    database.write([SourceOpened("s", "league", None, 1)])
    return database


def test_every_write_of_an_operator_is_in_the_list_under_its_word() -> None:
    assert OPERATOR_WRITES.keys() == GOOD.keys()
    for module in iter_modules(storage.__path__, "storage."):
        import_module(module.name)
    assert set(_words(Write)) == OPERATOR_WRITES.keys() | ASKED_OTHERWISE


def _words(kind: Any) -> Iterator[str]:
    for each in kind.__subclasses__():
        yield each.word
        yield from _words(each)


@pytest.mark.parametrize("word", sorted(OPERATOR_WRITES.keys() - ABOUT_NO_USER))
def test_a_write_answers_with_the_user_it_is_about(ann: Database, word: str) -> None:
    values = OPERATOR_WRITES[word](**GOOD[word] | ({"name": "bob"} if word == "add_user" else {}))
    assert values.perform(ann, NOW)["id"] == (2 if word == "add_user" else 1)


@pytest.mark.parametrize(("word", "name", "value"), BAD)
def test_values_that_cannot_be_are_refused(word: str, name: str, value: Any) -> None:
    OPERATOR_WRITES[word](**GOOD[word])
    with pytest.raises((ValueError, TypeError)):
        OPERATOR_WRITES[word](**GOOD[word] | {name: value})


def test_no_secret_is_shown_with_a_write() -> None:
    assert "argon" not in repr(AddUser("ann", False, {}, None, "$argon2id$..."))


def test_a_credit_answers_with_what_is_available_and_is_an_act(ann: Database) -> None:
    paid = Credit("ANN", "DON", 150).perform(ann, NOW)
    assert paid == {"id": 1, "name": "ann", "currency": "DON", "available_balance": 2.5}
    act = {"user_id": 1, "currency": "DON", "amount": 150}
    assert acts_of(ann)[1:] == [(NOW, "credited", act)]


def test_a_credit_that_cannot_be_kept_changes_nothing(ann: Database) -> None:
    ann.execute("UPDATE accounts SET balance = ? WHERE account <> 'issue'", (2**63 - 1,))
    with pytest.raises(StorageError):
        Credit("ann", "DON", 1).perform(ann, NOW)
    assert len(acts_of(ann)) == 1
    assert balances(ann, 1, "DON").available == 2**63 - 1


@pytest.mark.parametrize(
    "write",
    [
        AddUser("ANN", False, {"DON": 5}, None),
        MakeKey("eve", None),
        Credit("eve", "DON", 1),
        DisableUser("eve"),
        AddSourceAdmin("s", "eve"),
        AddSourceAdmin("t", "ann"),
    ],
)
def test_a_write_that_is_refused_changes_nothing(ann: Database, write: Write) -> None:
    tables = ("users", "accounts", "transfers", "source_admins", "operator_acts", "session_keys")
    before = [ann.rows(f"SELECT * FROM {table}") for table in tables]
    with pytest.raises(OperatorError):
        write.perform(ann, NOW)
    assert [ann.rows(f"SELECT * FROM {table}") for table in tables] == before


def test_a_key_lives_for_as_long_as_the_write_says(ann: Database) -> None:
    key = MakeKey("ann", 60_000).perform(ann, NOW)["session_key"]
    assert session_key_of(ann, 1) == (key, NOW + 60_000)


def test_users_are_listed_without_anything_secret(ann: Database) -> None:
    (listed,) = ListUsers().answer(ann)
    shown = {"id", "name", "external_id", "can_host", "disabled", "created_at"}
    assert listed.keys() == shown
    assert listed["created_at"] == "2027-01-15T08:00:00.000Z"
