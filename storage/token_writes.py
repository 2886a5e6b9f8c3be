"""Signing in with a verified token of the operator: the user is found, or added at the first time.

`toteboard/tokens/` verifies tokens. For what the user may do, the token counts that was issued
last: an older one that is still valid gives no right back, and neither does the same one again, or
another of the same second. Tokens that do not say when they were issued count when they come.
"""

import re
from typing import Final, Self

import attrs
from attrs import field, frozen
from attrs.validators import optional

from game.money import LARGEST
from storage import session_keys, users
from storage.acts import ActKind, acted
from storage.changes import Change
from storage.database import Database
from storage.operator_changes import (
    BettingSet,
    HostSet,
    IdentityAdded,
    RightsDated,
    SessionKeyProlonged,
)
from storage.store import AddUser, NewUser
from storage.users import DisabledUserError, User
from storage.write import (
    DecidedWrite,
    Values,
    Write,
    currency_like,
    flag_like,
    milliseconds_like,
    text_like,
    whole_like,
)

_NOT_ALLOWED: Final = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME: Final = 50
NAMELESS: Final = "player"


@frozen
class TokenUser(Write):
    """Find the user of a token, with the rights that the token gives; add a user who is new.

    `name` is what the issuer calls the user. `can_host`, `may_bet`, `issued_at` (epoch ms): None if
    the token does not say. `balances`: those of a new user. `key_lives_ms`: how long a session key
    lives that is made.
    """

    word = "token_user"
    issuer: str = field(validator=text_like)
    subject: str = field(validator=text_like)
    name: str
    can_host: bool | None = field(validator=optional(flag_like))
    may_bet: bool | None = field(validator=optional(flag_like))
    balances: dict[str, int] = field(
        validator=attrs.validators.deep_mapping(currency_like, whole_like(0, LARGEST))
    )
    key_lives_ms: int = field(validator=milliseconds_like)
    issued_at: int | None = field(default=None, validator=optional(milliseconds_like))

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the id, `is_new` false, `may_bet`, and whether hosting has `changed`.

        Without changes there is nothing to write. Raise DisabledUserError.
        """
        user = users.user_by_identity(database, self.issuer, self.subject)
        if user is None:
            return self._new(database, now_ms)
        if user.disabled:
            raise DisabledUserError(user.name)
        since = users.rights_at(database, self.issuer, self.subject)
        decided = self._counting(since)._known(database, user, now_ms)
        return attrs.evolve(decided, changes=[*decided.changes, *self._dated(since)])

    def _counting(self, since: int) -> Self:
        """Return this write with the rights that count after those of a token of `since`."""
        if self.issued_at is None or self.issued_at > since:
            return self
        if self.issued_at < since:
            return attrs.evolve(self, can_host=None, may_bet=None)
        return attrs.evolve(self, can_host=_taken(self.can_host), may_bet=_taken(self.may_bet))

    def _known(self, database: Database, user: User, now_ms: int) -> DecidedWrite:
        return DecidedWrite(self._rights(user, now_ms), {"id": user.id, **self._told(user)})

    def _new(self, database: Database, now_ms: int) -> DecidedWrite:
        name = free_name(database, self.name)
        add = AddUser(name, bool(self.can_host), self.balances, self.key_lives_ms)
        added = add.decide(database, now_ms)
        user_id = added.values["id"]
        changes = [*added.changes, IdentityAdded(self.issuer, self.subject, user_id)]
        changes += self._dated(0)
        if self.may_bet is False:
            changes.append(BettingSet(False, user_id))
        about = {"is_new": False, "changed": False, "may_bet": self.may_bet is not False}
        return DecidedWrite(changes, added.values | about)

    def _dated(self, since: int) -> list[Change]:
        """Return the change that notes the time of rights that are newer than `since`."""
        says_rights = self.can_host is not None or self.may_bet is not None
        if self.issued_at is None or self.issued_at <= since or not says_rights:
            return []
        return [RightsDated(self.issued_at, self.issuer, self.subject)]

    def _rights(self, user: User, now_ms: int) -> list[Change]:
        """Return the changes of what the user may do, as the token says."""
        changes: list[Change] = []
        if self.can_host is not None and self.can_host != user.can_host:
            act = acted(ActKind.HOST_SET, now_ms, user_id=user.id, can_host=self.can_host)
            changes += [HostSet(self.can_host, user.id), act]
        if self.may_bet is not None and self.may_bet != user.may_bet:
            changes.append(BettingSet(self.may_bet, user.id))
        return changes

    def _told(self, user: User) -> Values:
        """Return what a running server has to act on."""
        may_bet = user.may_bet if self.may_bet is None else self.may_bet
        changed = self.can_host not in (None, user.can_host)
        return {"is_new": False, "may_bet": may_bet, "changed": changed}


@frozen
class TokenSignIn(TokenUser):
    """Hand out the session key of the user of a token. It lives for `key_lives_ms` from now on."""

    word = "token_sign_in"

    def _known(self, database: Database, user: User, now_ms: int) -> DecidedWrite:
        """Answer with the name and the key too. `is_new`: whether the key is."""
        expires_at = now_ms + self.key_lives_ms
        kept = users.session_key_of(database, user.id)
        is_valid = kept is not None and (kept[1] is None or kept[1] > now_ms)
        key = kept[0] if kept is not None and is_valid else session_keys.new_key()
        changes: list[Change] = self._rights(user, now_ms)
        if is_valid:
            changes.append(SessionKeyProlonged(expires_at, user.id))
        else:
            changes += session_keys.replaced(database, user.id, key, expires_at)
        shown = attrs.asdict(NewUser(user.id, user.name, key))
        return DecidedWrite(changes, shown | self._told(user) | {"is_new": not is_valid})


def _taken(right: bool | None) -> bool | None:
    """Return False if a right is taken away, and None if it is given."""
    return None if right else right


def free_name(database: Database, wanted: str) -> str:
    """Return a name like the wanted one that no user has: with `-2`, `-3` and so on if needed."""
    base = _NOT_ALLOWED.sub("_", wanted.strip())[:_LONGEST_NAME] or NAMELESS
    if users.is_reserved(f"{base}-2"):  # and with any other number
        base = f"{base}_"
    if _is_free(database, base):
        return base
    # Double the number until its name is free. Then halve the gap to a number whose name is taken,
    # because a popular name is taken many thousand times.
    taken, free = 1, 2
    while not _is_free(database, _numbered(base, free)):
        taken, free = free, free * 2
    while free - taken > 1:
        middle = (taken + free) // 2
        if _is_free(database, _numbered(base, middle)):
            free = middle
        else:
            taken = middle
    return _numbered(base, free)


def _numbered(base: str, number: int) -> str:
    suffix = f"-{number}"
    return base[: _LONGEST_NAME - len(suffix)] + suffix


def _is_free(database: Database, name: str) -> bool:
    return users.user_by_name(database, name) is None and not users.is_reserved(name)
