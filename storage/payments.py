"""Payments: money that an operator moves in and out of the game, and sets aside (holds).

    credit   issue -> available          debit    available -> issue
    hold     available -> held           post     held -> issue (debit), the rest held -> available
                                         release  held -> available

Each payment is a row of `payments`, a transfer, a line of the player's statement and an operator's
act, in one transaction. A hold is resolved once: posted, released, or released at its expiry.

`reference` is the operator's own id of a payment. A repeated reference with the same user, currency
and amount is the same payment, so a caller that lost the reply can send the request again.

A running server checks a debit or a hold against its bank too, because stakes whose commit is in
progress are not free although the file still shows them as available (`actors/store.py`).
"""

from typing import Any, Final

import attrs
from attrs import evolve, field, frozen

from game.money import LARGEST, amount
from storage import users
from storage.accounts import MoneyMoved, balances, payment_rows, refuse_too_much
from storage.acts import ActKind, acted
from storage.changes import Change
from storage.database import Database, Row
from storage.operator_changes import HoldEnded, PaymentMade
from storage.users import OperatorError
from storage.write import (
    DecidedWrite,
    Values,
    Write,
    currency_like,
    flag_like,
    id_like,
    text_like,
    time_like,
    whole_like,
)

CREDIT, DEBIT, HOLD, RELEASE = "credit", "debit", "hold", "release"
COMMAND_LINE: Final = 0
"""The key id of a payment that was made on the command line."""
LONGEST_REFERENCE, LONGEST_REASON = 64, 500


class InsufficientFundsError(OperatorError):
    """The user's available balance does not cover the amount. `free` is what is available."""

    def __init__(self, free: int, currency: str) -> None:
        super().__init__(f"only {amount(free)} {currency} are available")
        self.free, self.currency = free, currency


class ReferenceConflictError(OperatorError):
    """The reference belongs to a payment with another user, currency or amount."""

    def __init__(self, reference: str) -> None:
        super().__init__(f"the reference {reference!r} belongs to another payment")


class UnknownHoldError(OperatorError):
    """No hold has this id."""

    def __init__(self, hold_id: int) -> None:
        super().__init__(f"hold {hold_id} does not exist")


class HoldResolvedError(OperatorError):
    """The hold was posted or released, or has expired."""

    def __init__(self, hold_id: int) -> None:
        super().__init__(f"hold {hold_id} is resolved")


class AboveHoldError(OperatorError):
    """More is to be posted than the hold has set aside. `held` is that amount in hundredths."""

    def __init__(self, held: int, currency: str) -> None:
        super().__init__(f"the hold is of {amount(held)} {currency}")
        self.held, self.currency = held, currency


class ExpiryPassedError(OperatorError):
    """A hold is to expire at a time that has passed."""

    def __init__(self) -> None:
        super().__init__("expires_at has passed")


@frozen
class Payment:
    """A payment; amounts in hundredths, times in epoch ms. The balances are those after it."""

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
    status: str | None = None
    expires_at: int | None = None
    posted_amount: int | None = None

    def values(self) -> Values:
        """Return the payment as the API shows it."""
        shown = attrs.asdict(self)
        for name in ("amount", "current_balance", "available_balance", "posted_amount"):
            shown[name] = None if shown[name] is None else amount(shown[name])
        if self.kind != HOLD:
            for name in ("status", "expires_at", "posted_amount"):
                del shown[name]
        return shown


_text_or_none = attrs.validators.optional(text_like)
_kind_like = attrs.validators.in_((CREDIT, DEBIT, HOLD))


@frozen
class Pay(Write):
    """Credit a user, debit a user, or set money of a user aside (`kind`).

    `key_id` and `by` are the API key that asks, and its name. `expires_at` is for holds.
    """

    word = "pay"
    moves_money = True
    kind: str = field(validator=_kind_like)
    user_id: int = field(validator=id_like)
    currency: str = field(validator=currency_like)
    amount: int = field(validator=whole_like(1, LARGEST))
    reference: str | None = field(default=None, validator=_text_or_none)
    reason: str | None = field(default=None, validator=_text_or_none)
    expires_at: int | None = field(default=None, validator=attrs.validators.optional(time_like))
    key_id: int = field(default=COMMAND_LINE, validator=whole_like(0, 2**63 - 1))
    by: str | None = field(default=None, validator=_text_or_none)

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the payment.

        Raise UnknownUserError, ErasedUserError, ReferenceConflictError, ExpiryPassedError,
        TooMuchMoneyError and InsufficientFundsError.
        """
        user = users.user_by_id(database, self.user_id)
        if user is None:
            raise users.UnknownUserError(str(self.user_id))
        if (known := self._known(database)) is not None:
            return DecidedWrite((), known.values(), is_repeated=True)
        if self.kind == CREDIT:
            users.refuse_erased(user)
            refuse_too_much(database, self.amount, self.currency)
        if self.expires_at is not None and self.expires_at <= now_ms:
            raise ExpiryPassedError
        moved = self._moved()
        payment, rows = _paid(database, next_payment_id(database), self, moved, now_ms)
        return DecidedWrite(rows, payment.values(), (moved,))

    def _known(self, database: Database) -> Payment | None:
        """Return the payment with this reference. Raise ReferenceConflictError."""
        if self.reference is None:
            return None
        sql = """
            SELECT * FROM payments
            WHERE key_id = ? AND (kind = 'credit') = ? AND reference = ?"""
        row = database.row(sql, (self.key_id, self.kind == CREDIT, self.reference))
        if row is None:
            return None
        if (row["user_id"], row["currency"], row["amount"]) != (
            self.user_id,
            self.currency,
            self.amount,
        ):
            raise ReferenceConflictError(self.reference)
        return read_payment(row)

    def _moved(self) -> MoneyMoved:
        available = self.amount if self.kind == CREDIT else -self.amount
        held = self.amount if self.kind == HOLD else 0
        return MoneyMoved(self.user_id, self.currency, available, held, self.kind, self.reference)


def _paid(
    database: Database, id_: int, pay: Pay, moved: MoneyMoved, now_ms: int
) -> tuple[Payment, list[Change]]:
    """Return a new payment and its rows. Raise InsufficientFundsError."""
    before = balances(database, pay.user_id, pay.currency)
    if before.available + moved.available < 0:
        raise InsufficientFundsError(before.available, pay.currency)
    is_hold = pay.kind == HOLD
    payment = Payment(
        id=id_,
        user_id=pay.user_id,
        kind=pay.kind,
        currency=pay.currency,
        amount=pay.amount,
        reference=pay.reference,
        reason=pay.reason,
        at=now_ms,
        current_balance=before.current + moved.current,
        available_balance=before.available + moved.available,
        status="open" if is_hold else None,
        expires_at=pay.expires_at if is_hold else None,
    )
    row = PaymentMade(pay.key_id, *attrs.astuple(payment))
    act = _act(_ACTS[pay.kind], payment, pay.amount, pay.by, now_ms)
    return payment, [row, *payment_rows(moved, now_ms), act]


@frozen
class ResolveHold(Write):
    """Post a hold, the whole or a part of it, or release it (`amount` 0).

    `amount` None: the whole. What is not posted is released in the same step. `is_expiry`: the hold
    is released because its time has passed.
    """

    word = "resolve_hold"
    moves_money = True
    hold_id: int = field(validator=id_like)
    amount: int | None = field(validator=attrs.validators.optional(whole_like(0, LARGEST)))
    by: str | None = field(default=None, validator=_text_or_none)
    is_expiry: bool = field(default=False, validator=flag_like)

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the hold. Raise UnknownHoldError, HoldResolvedError and AboveHoldError."""
        row = database.row("SELECT * FROM payments WHERE id = ? AND kind = 'hold'", (self.hold_id,))
        if row is None:
            raise UnknownHoldError(self.hold_id)
        hold = read_payment(row)
        has_expired = hold.expires_at is not None and hold.expires_at <= now_ms
        if hold.status != "open" or has_expired != self.is_expiry:
            raise HoldResolvedError(self.hold_id)
        posted = hold.amount if self.amount is None else self.amount
        if posted > hold.amount:
            raise AboveHoldError(hold.amount, hold.currency)
        return self._resolved(database, hold, posted, now_ms)

    def _resolved(
        self, database: Database, hold: Payment, posted: int, now_ms: int
    ) -> DecidedWrite:
        moved = _moves_of(hold, posted)
        after = balances(database, hold.user_id, hold.currency)
        status = "expired" if self.is_expiry else "posted" if posted else "released"
        resolved = evolve(
            hold,
            status=status,
            posted_amount=posted,
            current_balance=after.current - posted,
            available_balance=after.available + hold.amount - posted,
        )
        rows: list[Change] = [
            HoldEnded(status, posted, resolved.current_balance, resolved.available_balance, hold.id)
        ]
        for one in moved:
            rows += payment_rows(one, now_ms)
            size = max(abs(one.available), abs(one.held))
            rows.append(_act(_ACTS[one.cause], hold, size, self.by, now_ms))
        return DecidedWrite(rows, resolved.values(), moved)


def _moves_of(hold: Payment, posted: int) -> list[MoneyMoved]:
    """Return what resolving a hold moves: the part that is posted, then the rest."""
    who, reference, rest = (hold.user_id, hold.currency), hold.reference, hold.amount - posted
    moved = [MoneyMoved(*who, 0, -posted, DEBIT, reference)] if posted else []
    return moved + ([MoneyMoved(*who, rest, -rest, RELEASE, reference)] if rest else [])


def next_payment_id(database: Database) -> int:
    """Return the id of the next payment. Ids are numbered from 1 without gaps."""
    row = database.row("SELECT seq FROM sqlite_sequence WHERE name = 'payments'")
    return 1 + (int(row["seq"]) if row else 0)


def read_payment(row: Row) -> Payment:
    """Return the payment of a row."""
    return Payment(**{name: row[name] for name in _FIELDS})


def next_expiry(database: Database) -> tuple[int, int] | None:
    """Return when the next open hold expires (epoch ms), and its id; None if none expires."""
    row = database.row(
        "SELECT expires_at, id FROM payments WHERE status = 'open' AND expires_at IS NOT NULL"
        " ORDER BY expires_at, id LIMIT 1"
    )
    return None if row is None else (row["expires_at"], row["id"])


def _act(kind: ActKind, payment: Payment, size: int, by: str | None, now_ms: int) -> Change:
    about: dict[str, Any] = {
        "user_id": payment.user_id,
        "currency": payment.currency,
        "amount": size,
        "reference": payment.reference,
        "reason": payment.reason,
        "by": by,
    }
    return acted(kind, now_ms, **{name: v for name, v in about.items() if v is not None})


_FIELDS: Final = tuple(each.name for each in attrs.fields(Payment))
_ACTS: Final = {
    CREDIT: ActKind.CREDITED,
    DEBIT: ActKind.DEBITED,
    HOLD: ActKind.HELD,
    RELEASE: ActKind.RELEASED,
}
