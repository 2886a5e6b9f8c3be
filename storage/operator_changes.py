"""The rows of the operator's side: users who change, API keys, replies, payments.

`storage/changes.py` says what a change is.
"""

from attrs import define

from storage.changes import Change, PasswordSet, SessionKeyReplaced, UserAdded


@define
class UserEnabled(Change):
    """The user can sign in again."""

    after = UserAdded
    statement = "UPDATE users SET disabled = 0 WHERE id = ?"
    user_id: int


@define
class HostSet(Change):
    """The user may open sources, or no longer."""

    after = UserAdded
    statement = "UPDATE users SET can_host = ? WHERE id = ?"
    can_host: bool
    user_id: int


@define
class ExternalIdSet(Change):
    """The user is known to the operator by this id."""

    after = UserAdded
    statement = "UPDATE users SET external_id = ? WHERE id = ?"
    external_id: str
    user_id: int


@define
class BettingSet(Change):
    """The user may bet, or no longer."""

    after = UserAdded
    statement = "UPDATE users SET may_bet = ? WHERE id = ?"
    may_bet: bool
    user_id: int


@define
class IdentityAdded(Change):
    """The user signs in with tokens of this issuer and subject."""

    statement = "INSERT INTO identities (issuer, subject, user_id) VALUES (?, ?, ?)"
    issuer: str
    subject: str
    user_id: int


@define
class RightsDated(Change):
    """The token that counts for the user's rights was issued at `rights_at` (epoch ms)."""

    after = IdentityAdded
    statement = "UPDATE identities SET rights_at = ? WHERE issuer = ? AND subject = ?"
    rights_at: int
    issuer: str
    subject: str


@define
class IdentitiesForgotten(Change):
    """The user signs in with no tokens."""

    after = IdentityAdded
    statement = "DELETE FROM identities WHERE user_id = ?"
    user_id: int


@define
class SessionKeyProlonged(Change):
    """The user's session key expires at another time (epoch ms)."""

    after = SessionKeyReplaced
    statement = "UPDATE session_keys SET expires_at = ? WHERE user_id = ?"
    expires_at: int
    user_id: int


@define
class UserErased(Change):
    """The user's name and external id are removed, and the user can no longer sign in."""

    after = UserAdded
    statement = """
        UPDATE users SET name = ?1, name_key = ?1, external_id = NULL, disabled = 1, erased_at = ?2
        WHERE id = ?3"""
    name: str
    erased_at: int
    user_id: int


@define
class ScoreRenamed(Change):
    """The user has another name in the leaderboards of the currencies."""

    statement = "UPDATE scores SET name_key = ? WHERE user_id = ?"
    name_key: str
    user_id: int


@define
class GameScoreRenamed(Change):
    """The user has another name in the leaderboards of the games."""

    statement = "UPDATE game_scores SET name_key = ? WHERE user_id = ?"
    name_key: str
    user_id: int


@define
class ActRedacted(Change):
    """The name of an erased user is removed from an act. `digest` is that of the new row."""

    statement = "UPDATE operator_acts SET body = ?, digest = ? WHERE id = ?"
    body: str
    digest: bytes
    act_id: int


@define
class PasswordForgotten(Change):
    """The user has no password."""

    after = PasswordSet
    statement = "DELETE FROM passwords WHERE user_id = ?"
    user_id: int


@define
class SessionKeyForgotten(Change):
    """The user has no session key."""

    after = SessionKeyReplaced
    statement = "DELETE FROM session_keys WHERE user_id = ?"
    user_id: int


@define
class ApiKeyAdded(Change):
    """A key of the API was made at `made_at` (epoch ms); `digest` is the SHA-256 of the key."""

    statement = """
        INSERT INTO api_keys (name, role, source_id, digest, made_at) VALUES (?, ?, ?, ?, ?)"""
    name: str
    role: str
    source_id: str | None
    digest: bytes
    made_at: int


@define
class ApiKeyEnded(Change):
    """A key of the API was ended at `ended_at` (epoch ms)."""

    after = ApiKeyAdded
    statement = "UPDATE api_keys SET ended_at = ? WHERE name = ?"
    ended_at: int
    name: str


@define
class ApiReplyKept(Change):
    """The reply to a call of the API with an idempotency key. It replaces an expired row.

    `sealed` is the session key of the reply, sealed. `digest` covers all the other fields.
    """

    statement = "INSERT OR REPLACE INTO api_replies VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    key_id: int
    idempotency_key: str
    call: str
    parameters: str
    reply: str
    sealed: str | None
    answered_at: int
    digest: bytes


@define
class StaleApiRepliesForgotten(Change):
    """Replies of the API from `answered_at` (epoch ms) or earlier are deleted."""

    after = ApiReplyKept
    statement = "DELETE FROM api_replies WHERE answered_at <= ?"
    answered_at: int


@define
class PaymentMade(Change):
    """A credit, a debit or a hold; amounts in hundredths, times in epoch ms."""

    statement = """
        INSERT INTO payments (key_id, id, user_id, kind, currency, amount, reference, reason, at,
                              current_balance, available_balance, status, expires_at, posted_amount)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
    key_id: int
    id: int
    user_id: int
    kind: str
    currency: str
    amount: int
    reference: str | None
    reason: str | None
    at: int
    current_balance: int
    available_balance: int
    status: str | None
    expires_at: int | None
    posted_amount: int | None


@define
class HoldEnded(Change):
    """A hold was posted, released, or has expired. The balances are those after it."""

    after = PaymentMade
    statement = """
        UPDATE payments
        SET status = ?, posted_amount = ?, current_balance = ?, available_balance = ?
        WHERE id = ?"""
    status: str
    posted_amount: int
    current_balance: int
    available_balance: int
    payment_id: int
