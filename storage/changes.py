"""What can be written, a class a kind of row, each with the statement that writes it.

An actor hands the writer a list of these; `database.write` commits them as one transaction.
Reading is in the modules named after what they read.
"""

from typing import ClassVar

from attrs import frozen


class Change:
    """One row to write. The fields are the statement's parameters, in order.

    `after`: the kind that may have written the same row before, in the same commit. Kinds that
    are not of one such family may be written in any order.
    """

    statement: ClassVar[str]
    after: ClassVar["type[Change] | None"] = None


@frozen
class NonceSpent(Change):
    """This nonce has opened a connection (contract, section 1)."""

    statement = "INSERT INTO nonces VALUES (?, ?)"
    user_id: int
    nonce: str


@frozen
class SourceOpened(Change):
    """A source, as it was opened at `opened_at` (epoch ms)."""

    statement = "INSERT INTO sources VALUES (?, ?, ?, 'open', ?)"
    source_id: str
    name: str
    description: str | None
    opened_at: int


@frozen
class SourcePhaseChanged(Change):
    """A source is now `closing` or `closed`."""

    after = SourceOpened
    statement = "UPDATE sources SET phase = ? WHERE id = ?"
    phase: str
    source_id: str


@frozen
class SourceAdminAdded(Change):
    """This user administers this source."""

    statement = "INSERT OR IGNORE INTO source_admins VALUES (?, ?)"
    source_id: str
    user_id: int


@frozen
class GameSaved(Change):
    """What lists and alarms need of a game, after its latest fact. Times in epoch ms."""

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


@frozen
class GameAdminAdded(Change):
    """This user administers this game."""

    statement = "INSERT OR IGNORE INTO game_admins VALUES (?, ?)"
    game_id: str
    user_id: int


@frozen
class GameAdminRemoved(Change):
    """This user no longer administers this game."""

    after = GameAdminAdded
    statement = "DELETE FROM game_admins WHERE game_id = ? AND user_id = ?"
    game_id: str
    user_id: int


@frozen
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


@frozen
class PoolAdded(Change):
    """A pool was opened by the fact `opened_seq`."""

    statement = "INSERT INTO pools (id, game_id, opened_seq) VALUES (?, ?, ?)"
    pool_id: str
    game_id: str
    opened_seq: int


@frozen
class PoolEnded(Change):
    """A pool was resolved by the fact `resolved_seq` at `resolved_at` (epoch ms)."""

    after = PoolAdded
    statement = """
        UPDATE pools SET resolved_seq = ?, resolved_at = ?, winning_target = ?, standing = ?
        WHERE id = ?"""
    resolved_seq: int
    resolved_at: int
    winning_target: str | None
    snapshot: str
    pool_id: str


@frozen
class PlayerSettled(Change):
    """How a pool ended for one of its players; `backed` is JSON, amounts are hundredths."""

    statement = "INSERT INTO pool_players VALUES (?, ?, ?, ?, ?, ?)"
    user_id: int
    game_id: str
    resolved_seq: int
    pool_id: str
    backed: str
    given_back: int


@frozen
class PointsMoved(Change):
    """A user's points in a currency change by `delta` (hundredths)."""

    statement = """
        INSERT INTO scores SELECT ?1, id, ?3, name_key FROM users WHERE id = ?2
        ON CONFLICT (currency, user_id) DO UPDATE SET points = points + excluded.points"""
    currency: str
    user_id: int
    delta: int


@frozen
class GamePointsMoved(Change):
    """A user's points in a game change by `delta` (hundredths)."""

    statement = """
        INSERT INTO game_scores SELECT ?1, id, ?3, name_key FROM users WHERE id = ?2
        ON CONFLICT (game_id, user_id) DO UPDATE SET points = points + excluded.points"""
    game_id: str
    user_id: int
    delta: int


@frozen
class ReplyKept(Change):
    """The reply to a changing op with an idempotency key. A row past its time is replaced.

    Made by `answers.kept`, with the digest of all the other fields.
    """

    statement = "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)"
    user_id: int
    idempotency_key: str
    op: int
    parameters: str
    reply: str
    answered_at: int
    digest: bytes


@frozen
class TransferMade(Change):
    """`amount` hundredths went from the account `debit` to the account `credit`."""

    statement = """
        INSERT INTO transfers (at, currency, debit, credit, amount, cause, game_id, seq)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
    at: int
    currency: str
    debit: str
    credit: str
    amount: int
    cause: str
    game_id: str | None
    seq: int | None


@frozen
class AccountMoved(Change):
    """An account's balance changes by `delta` hundredths; a new account starts from nothing."""

    # The row to insert has the new balance, for SQLite checks that it is not below zero.
    statement = """
        INSERT INTO accounts VALUES (?1, ?2, ?3 + coalesce(
            (SELECT balance FROM accounts WHERE account = ?1 AND currency = ?2), 0))
        ON CONFLICT (account, currency) DO UPDATE SET balance = excluded.balance"""
    account: str
    currency: str
    delta: int


@frozen
class OperatorActed(Change):
    """An operator did something. `body` is JSON.

    Made by `acts.acted`, with the digest of all the other fields.
    """

    statement = "INSERT INTO operator_acts (at, kind, body, digest) VALUES (?, ?, ?, ?)"
    at: int
    kind: str
    body: str
    digest: bytes


@frozen
class StaleRepliesForgotten(Change):
    """Replies that were answered at or before a time (epoch ms) need no longer be kept."""

    after = ReplyKept
    statement = "DELETE FROM answers WHERE answered_at <= ?"
    answered_at: int
