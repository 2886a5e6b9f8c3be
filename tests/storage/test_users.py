"""Users, keys, nonces and admins of sources, and how a running server learns of changes."""

import pytest

from storage.accounts import Balances, balances
from storage.acts import ActKind
from storage.changes import NonceSpent, SourceOpened
from storage.database import Database
from storage.store import AddSourceAdmin, AddUser, DisableUser, MakeKey, NewUser, SignIn
from storage.users import (
    DisabledUserError,
    NameTakenError,
    UnknownSourceError,
    UnknownUserError,
    User,
    list_users,
    nonce_spent,
    password_hash_of,
    session_key_of,
    user_by_id,
    user_by_name,
)
from tests.support.bookkeeper import acts_of

NOW = 1_700_000_000_000


def added(database: Database, name: str = "Ann", **start: int) -> NewUser:
    return NewUser(**AddUser(name, False, start, 1).perform(database, NOW))


def test_a_new_user_is_found_by_id_and_by_name_in_any_case(database: Database) -> None:
    new = added(database)
    user = User(id=new.id, name="Ann", can_host=False, disabled=False, created_at=NOW)
    found = [user_by_id(database, new.id), *(user_by_name(database, n) for n in ("Ann", "aNN"))]
    assert found == [user] * 3
    assert list_users(database) == [user]


def test_a_new_user_has_a_long_key_of_its_own(database: Database) -> None:
    ann, bob = added(database, "ann"), added(database, "bob")
    assert session_key_of(database, ann.id) == (ann.session_key, NOW + 1)
    assert ann.session_key != bob.session_key
    assert len(ann.session_key) == 43
    assert ann.session_key not in repr(ann)


def test_what_a_new_user_starts_with_is_kept_and_recorded(database: Database) -> None:
    new = added(database, DON=100_000, EUR=0)
    assert balances(database, new.id, "DON") == Balances(available=100_000, exposure=0)
    assert balances(database, new.id, "EUR") == Balances(available=0, exposure=0)
    body = {"user_id": new.id, "name": "Ann", "can_host": False, "balances": {"DON": 100_000}}
    assert acts_of(database) == [(NOW, ActKind.USER_ADDED, body)]


@pytest.mark.parametrize("name", ["ann", "ANN"])
def test_a_taken_name_is_refused_and_nothing_is_kept(database: Database, name: str) -> None:
    added(database)
    with pytest.raises(NameTakenError, match=name):
        added(database, name, DON=100)
    assert len(list_users(database)) == 1
    assert len(acts_of(database)) == 1


@pytest.mark.parametrize("name", ["", "a b", "é", "x" * 51, "a\n", "a/b", "\u212a"])
def test_what_is_no_name_is_refused_and_finds_nobody(database: Database, name: str) -> None:
    added(database, "k")
    with pytest.raises(ValueError, match="user name"):
        added(database, name)
    assert user_by_name(database, name) is None


@pytest.mark.parametrize("user_id", [2, 2**63 - 1, 2**63, 10**19 - 1])
def test_an_unknown_id_is_nobody_s_however_large(database: Database, user_id: int) -> None:
    added(database)
    assert user_by_id(database, user_id) is None
    assert session_key_of(database, user_id) is None
    assert not nonce_spent(database, user_id, "n")


def test_a_nonce_is_spent_for_its_user_until_the_next_key(database: Database) -> None:
    ann, bob = added(database, "ann"), added(database, "bob")
    database.write([NonceSpent(ann.id, "n"), NonceSpent(bob.id, "m")])
    assert nonce_spent(database, ann.id, "n")
    assert not nonce_spent(database, bob.id, "n")
    MakeKey("ann", None).perform(database, NOW)
    assert not nonce_spent(database, ann.id, "n")
    assert nonce_spent(database, bob.id, "m")


def test_a_new_key_ends_the_old_and_is_an_act(database: Database) -> None:
    old = added(database)
    new = NewUser(**MakeKey("ANN", None).perform(database, NOW))
    assert (new.id, new.name) == (old.id, old.name)
    assert session_key_of(database, old.id) == (new.session_key, None)
    assert new.session_key != old.session_key
    assert acts_of(database)[1:] == [(NOW, ActKind.KEY_MADE, {"user_id": old.id})]


def test_disabling_is_kept_and_is_an_act(database: Database) -> None:
    new = added(database)
    assert DisableUser("ann").perform(database, NOW)["disabled"]
    user = user_by_id(database, new.id)
    assert user is not None
    assert user.disabled
    assert acts_of(database)[1:] == [(NOW, ActKind.DISABLED, {"user_id": new.id})]


def test_a_source_gets_one_more_admin_and_is_an_act(database: Database) -> None:
    new = added(database)
    database.write([SourceOpened("s", "league", None, NOW)])
    for _ in range(2):
        AddSourceAdmin("s", "ann").perform(database, NOW)
    assert database.rows("SELECT * FROM source_admins") == [{"source_id": "s", "user_id": new.id}]
    body = {"source_id": "s", "user_id": new.id}
    assert acts_of(database)[1] == (NOW, ActKind.SOURCE_ADMIN_ADDED, body)


def test_what_nobody_has_is_refused(database: Database) -> None:
    added(database)
    database.write([SourceOpened("s", "league", None, NOW)])
    with pytest.raises(UnknownUserError, match="eve"):
        MakeKey("eve", None).perform(database, NOW)
    with pytest.raises(UnknownUserError, match="eve"):
        DisableUser("eve").perform(database, NOW)
    with pytest.raises(UnknownUserError, match="eve"):
        AddSourceAdmin("s", "eve").perform(database, NOW)
    with pytest.raises(UnknownSourceError, match="'t'"):
        AddSourceAdmin("t", "ann").perform(database, NOW)
    assert len(acts_of(database)) == 1


def test_a_disabled_user_gets_no_new_key(database: Database) -> None:
    added(database)
    DisableUser("ann").perform(database, NOW)
    with pytest.raises(DisabledUserError):
        MakeKey("ann", None).perform(database, NOW)


def signed_in(database: Database, user_id: int, now: int, least_left: int = 10) -> tuple[str, bool]:
    values = SignIn(user_id, 1_000, least_left).perform(database, now)
    return values["session_key"], values["is_new"]


def test_a_password_is_kept_as_the_hash_that_was_given(database: Database) -> None:
    with_one = NewUser(**AddUser("ann", False, {}, None, "$argon2id$").perform(database, NOW))
    assert password_hash_of(database, with_one.id) == "$argon2id$"
    for nobody in (added(database, "bob").id, 0, 10**18 * 9, 10**19):
        assert password_hash_of(database, nobody) is None


def test_signing_in_gives_the_key_there_is_while_it_lives_long_enough(database: Database) -> None:
    ann = added(database)
    ends_at = NOW + 1
    assert signed_in(database, ann.id, ends_at - 10) == (ann.session_key, False)
    database.put([NonceSpent(ann.id, "n")])
    key, is_new = signed_in(database, ann.id, ends_at - 9)
    assert (key != ann.session_key, is_new) == (True, True)
    assert session_key_of(database, ann.id) == (key, ends_at - 9 + 1_000)
    assert not nonce_spent(database, ann.id, "n")
    assert signed_in(database, ann.id, ends_at) == (key, False)


def test_a_key_without_end_is_given_for_ever(database: Database) -> None:
    ann = added(database)
    key = NewUser(**MakeKey("ann", None).perform(database, NOW)).session_key
    assert signed_in(database, ann.id, NOW + 10**15) == (key, False)


def test_who_is_disabled_or_not_there_is_given_none(database: Database) -> None:
    ann = added(database)
    DisableUser("ann").perform(database, NOW)
    for user_id in (ann.id, 4711):
        with pytest.raises(DisabledUserError):
            signed_in(database, user_id, NOW)
