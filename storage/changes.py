"""The rows that can be written: one class for each kind, with the statement that writes it.

An actor passes a list of changes to the writer, which commits them in one transaction. Named writes
(`storage/store.py`) are decided as changes too. The modules named after what they keep read the
rows. The classes are not frozen, because every bet makes four rows, and freezing triples the time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import groupby
from operator import attrgetter
from typing import Any, ClassVar, Final

from attrs import define, field, fields

_LAST: Final = """(
    SELECT {} FROM player_entries WHERE user_id = ?1 AND currency = ?2 ORDER BY id DESC LIMIT 1)"""
"""A column of a player's last entry."""


class Change:
    """One row to write. The fields are the statement's parameters, in order.

    `after` names the kind that may write the same row earlier in the same commit. Such kinds are a
    family and keep their order. Other kinds may be written in any order.
    """

    statement: ClassVar[str]
    after: ClassVar["type[Change] | None"] = None


@define
class UserAdded(Change):
    """A user was added. `name_key` is the name in lower case; `created_at` in epoch ms."""

    statement = """
        INSERT INTO users (id, name, name_key, can_host, created_at) VALUES (?, ?, ?, ?, ?)"""
    user_id: int
    name: str
    name_key: str
    can_host: bool
    created_at: int


@define
class UserDisabled(Change):
    """The user can no longer sign in."""

    after = UserAdded
    statement = "UPDATE users SET disabled = 1 WHERE id = ?"
    user_id: int


@define
class PasswordSet(Change):
    """The user has a password; `hash` is argon2's text, `set_at` in epoch ms."""

    statement = "INSERT OR REPLACE INTO passwords VALUES (?, ?, ?)"
    user_id: int
    hash: str = field(repr=False)
    set_at: int


@define
class SecretNoted(Change):
    """The session keys are sealed with the secret that has this id (`storage/session_keys.py`)."""

    statement = "INSERT INTO sealing VALUES (1, ?)"
    secret_id: str


@define
class SecretReplaced(Change):
    """New session keys are sealed with another secret; keys sealed with the old one are lost."""

    after = SecretNoted
    statement = "UPDATE sealing SET secret_id = ?"
    secret_id: str


@define
class SessionKeyReplaced(Change):
    """The user has another session key; `sealed` is its sealed form, `expires_at` in epoch ms."""

    statement = "INSERT OR REPLACE INTO session_keys VALUES (?, ?, ?)"
    user_id: int
    sealed: str
    expires_at: int | None


@define
class NonceSpent(Change):
    """This nonce has opened a connection (contract, section 1)."""

    statement = "INSERT INTO nonces VALUES (?, ?)"
    user_id: int
    nonce: str


@define
class NoncesForgotten(Change):
    """The user's spent nonces are deleted: they belong to a session key that has ended."""

    after = NonceSpent
    statement = "DELETE FROM nonces WHERE user_id = ?"
    user_id: int


@define
class SourceOpened(Change):
    """A source was opened at `opened_at` (epoch ms)."""

    statement = "INSERT INTO sources VALUES (?, ?, ?, 'open', ?, ?)"
    source_id: str
    name: str
    description: str | None
    opened_at: int
    listed: bool = True


@define
class SourcePhaseChanged(Change):
    """The source is now `closing` or `closed`."""

    after = SourceOpened
    statement = "UPDATE sources SET phase = ? WHERE id = ?"
    phase: str
    source_id: str


@define
class SourceAdminAdded(Change):
    """This user administers this source."""

    statement = "INSERT OR IGNORE INTO source_admins VALUES (?, ?)"
    source_id: str
    user_id: int


@define
class GameSaved(Change):
    """The columns of a game that lists and timers need, after its latest fact; epoch ms."""

    statement = """
        INSERT INTO games (id, source_id, name, type, currency, hashtag, phase, status,
                           open_at, close_at, live_start_at, wake_at, last_seq, head)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET
            name = excluded.name, hashtag = excluded.hashtag, phase = excluded.phase,
            status = excluded.status, open_at = excluded.open_at, close_at = excluded.close_at,
            live_start_at = excluded.live_start_at, wake_at = excluded.wake_at,
            last_seq = excluded.last_seq, head = excluded.head"""
    game_id: str
    source_id: str
    name: str
    type: str | None
    currency: str
    hashtag: str
    phase: str
    status: str
    open_at: int
    close_at: int | None
    live_start_at: int
    wake_at: int | None
    last_seq: int
    head: bytes


@define
class GameAdminAdded(Change):
    """This user administers this game."""

    statement = "INSERT OR IGNORE INTO game_admins VALUES (?, ?)"
    game_id: str
    user_id: int


@define
class GameAdminRemoved(Change):
    """This user no longer administers this game."""

    after = GameAdminAdded
    statement = "DELETE FROM game_admins WHERE game_id = ? AND user_id = ?"
    game_id: str
    user_id: int


@define
class FactWritten(Change):
    """A fact of a game's journal; `body` is JSON, `at` epoch ms, `digest` its link in the chain."""

    statement = """
        INSERT INTO facts (game_id, seq, at, kind, body, pool_id, digest)
        VALUES (?, ?, ?, ?, ?, ?, ?)"""
    game_id: str
    seq: int
    at: int
    kind: str
    body: str
    pool_id: str | None
    digest: bytes


@define
class PoolAdded(Change):
    """A pool was opened by the fact `opened_seq`."""

    statement = "INSERT INTO pools (id, game_id, opened_seq) VALUES (?, ?, ?)"
    pool_id: str
    game_id: str
    opened_seq: int


@define
class PoolEnded(Change):
    """A pool was resolved by the fact `resolved_seq` at `resolved_at` (epoch ms).

    `snapshot` and `result` are JSON.
    """

    after = PoolAdded
    statement = """
        UPDATE pools SET resolved_seq = ?, resolved_at = ?, winning_target = ?, standing = ?,
                         result = ?
        WHERE id = ?"""
    resolved_seq: int
    resolved_at: int
    winning_target: str | None
    snapshot: str
    result: str | None
    pool_id: str


@define
class PlayerSettled(Change):
    """The result of a pool for one player; `backed` is JSON, amounts are hundredths."""

    statement = "INSERT INTO pool_players VALUES (?, ?, ?, ?, ?, ?)"
    user_id: int
    game_id: str
    resolved_seq: int
    pool_id: str
    backed: str
    given_back: int


@define
class PointsMoved(Change):
    """A user's points in a currency change by `delta` (hundredths)."""

    statement = """
        INSERT INTO scores SELECT ?1, id, ?3, name_key FROM users WHERE id = ?2
        ON CONFLICT (currency, user_id) DO UPDATE SET points = points + excluded.points"""
    currency: str
    user_id: int
    delta: int


@define
class GamePointsMoved(Change):
    """A user's points in a game change by `delta` (hundredths)."""

    statement = """
        INSERT INTO game_scores SELECT ?1, id, ?3, name_key FROM users WHERE id = ?2
        ON CONFLICT (game_id, user_id) DO UPDATE SET points = points + excluded.points"""
    game_id: str
    user_id: int
    delta: int


@define
class ReplyKept(Change):
    """The reply to a changing op with an idempotency key. It replaces an expired row.

    Made by `kept_replies.kept`, with the digest of all the other fields.
    """

    statement = "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)"
    user_id: int
    idempotency_key: str
    op: int
    parameters: str
    reply: str
    answered_at: int
    digest: bytes


@define
class TransferMade(Change):
    """`amount` hundredths moved from the account `debit` to the account `credit`."""

    statement = """
        INSERT INTO transfers (at, currency, debit, credit, amount, cause, game_id, seq, reference)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
    at: int
    currency: str
    debit: str
    credit: str
    amount: int
    cause: str
    game_id: str | None
    seq: int | None
    reference: str | None = None


@define
class EntryMade(Change):
    """A line of a player's statement. The changes are in hundredths, `at` is in epoch ms.

    The statement adds the changes to the balances of the entry before, in the order of the commits.
    """

    # VALUES, because a SELECT from the table itself would be copied first.
    statement = f"""
        INSERT INTO player_entries VALUES (
            ?1, ?2, 1 + coalesce({_LAST.format("id")}, 0),
            max(?3, coalesce({_LAST.format("at")}, ?3)), ?4, ?5, ?6,
            ?5 + coalesce({_LAST.format("current")}, 0),
            ?6 + coalesce({_LAST.format("available")}, 0), ?7, ?8, ?9, ?10)"""
    user_id: int
    currency: str
    at: int
    cause: str
    current_change: int
    available_change: int
    game_id: str | None = None
    pool_id: str | None = None
    seq: int | None = None
    reference: str | None = None


@define
class AccountMoved(Change):
    """An account's balance changes by `delta` hundredths; a new account starts at 0."""

    # Insert the new balance, not the delta: SQLite checks that the inserted value is not negative.
    statement = """
        INSERT OR REPLACE INTO accounts VALUES (?1, ?2, ?3 + coalesce(
            (SELECT balance FROM accounts WHERE account = ?1 AND currency = ?2), 0))"""
    account: str
    currency: str
    delta: int


@define
class OperatorActed(Change):
    """An operator changed something. `body` is JSON.

    Made by `acts.acted`, with the digest of all the other fields.
    """

    statement = "INSERT INTO operator_acts (at, kind, body, digest) VALUES (?, ?, ?, ?)"
    at: int
    kind: str
    body: str
    digest: bytes


@define
class StaleRepliesForgotten(Change):
    """Replies from `answered_at` (epoch ms) or earlier are deleted."""

    after = ReplyKept
    statement = "DELETE FROM answers WHERE answered_at <= ?"
    answered_at: int


def by_kind(changes: Iterable[Change]) -> Iterator[tuple[type[Change], Iterable[Change]]]:
    """Group changes by class, the groups ordered by first appearance.

    A family of classes (`Change.after`) is one group and keeps its order, so that an admin who is
    added, removed and added again ends up added.
    """
    families: defaultdict[type[Change], list[Change]] = defaultdict(list)
    for change in changes:
        families[change.after or type(change)].append(change)
    for family in families.values():
        yield from groupby(family, key=type)


def values_of(kind: type[Change]) -> Callable[[Change], tuple[Any, ...]]:
    """Return a function that returns the statement parameters of a change of this kind."""
    return _values_of(kind)  # type: ignore[arg-type]  # a class is hashable


@cache
def _values_of(kind: Any) -> Callable[[Change], tuple[Any, ...]]:
    names = [each.name for each in fields(kind)]
    return attrgetter(*names) if len(names) > 1 else lambda change: (getattr(change, names[0]),)
