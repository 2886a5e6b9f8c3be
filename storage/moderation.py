"""Moderation: who may not chat or take part, and which games are in slow mode.

Rows, not facts: a game decides the same without them. The running server has them in memory
(`actors/games/moderation.py`). Each change is an operator's act too, with the reason, and the user
(`moderator_id`) or the API key (`by`) that made it. `storage/catalogue_audit.py` compares the two.

A write is requested on the socket by a user, whose right is checked here, or by an API key, which
`toteboard/api/` has checked. Both get a `Refusal` if it is refused.
"""

from enum import StrEnum
from typing import Any, Final

from attrs import field, frozen
from attrs.validators import instance_of, optional

from game.refusals import game_already_closed, invalid, source_already_closed, unknown
from game.rights import refuse_without
from game.vocabulary import Phase, Right
from storage import catalogue, users
from storage.acts import ActKind, acted
from storage.changes import Change
from storage.database import Database, Row
from storage.moderation_changes import SanctionLifted, SanctionSet, SlowModeEnded, SlowModeSet
from storage.write import DecidedWrite, Values, Write, milliseconds_like, text_like, time_like


class Sanction(StrEnum):
    """What a user may not do in a venue."""

    MUTE = "mute"
    """Chat in a game, or in all games of a source."""
    BAN = "ban"
    """Join, bet or chat in the games of a source."""


@frozen
class Venue:
    """The game or the source that a moderator acts in."""

    game_id: str | None
    source_id: str | None

    @property
    def id(self) -> str:
        """Return the id of the game or the source."""
        return self.game_id or self.source_id or ""


@frozen(kw_only=True)
class SetSanction(Write):
    """Mute or ban a user in a venue, or lift that. `until` in epoch ms, None for no end."""

    word = "set_sanction"
    kind: Sanction = field(validator=instance_of(Sanction))
    venue: Venue = field(validator=instance_of(Venue))
    username: str = field(validator=instance_of(str))
    is_lifted: bool = False
    until: int | None = field(default=None, validator=optional(time_like))
    reason: str | None = field(default=None, validator=optional(instance_of(str)))
    moderator_id: int | None = None
    by: str | None = field(default=None, validator=optional(text_like))

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the venue, the user, `until` and the reason. Raise `Refusal`."""
        if self.until is not None and self.until <= now_ms:
            raise invalid("until", "a time in the future")
        found = known_venue(database, self.venue)
        user = users.user_by_name(database, self.username)
        if user is None:
            raise unknown("user", self.username)
        refuse_stranger(database, self.venue, self.moderator_id)
        refuse_closed(self.venue, found)
        row = self.kind, self.venue.id, user.id
        change = SanctionLifted(*row) if self.is_lifted else SanctionSet(*row, self.until)
        about = {"user_id": user.id, "venue_id": self.venue.id, "until": self.until}
        act = acted(_ACTS[self.kind, self.is_lifted], now_ms, **about, **self._author())
        venue = {"game_id": self.venue.game_id, "source_id": self.venue.source_id}
        told = {"username": user.name, "until": self.until, "reason": self.reason}
        return DecidedWrite([change, act], {**venue, "user_id": user.id, **told})

    def _author(self) -> Values:
        about = {"reason": self.reason, "moderator_id": self.moderator_id, "by": self.by}
        return {name: value for name, value in about.items() if value is not None}


@frozen(kw_only=True)
class ChangeSlowMode(Write):
    """Set the shortest time between two chat lines of a user in a game (ms); 0 for none."""

    word = "set_slow_mode"
    game_id: str = field(validator=instance_of(str))
    ms: int = field(validator=milliseconds_like)
    moderator_id: int | None = None

    def decide(self, database: Database, now_ms: int) -> DecidedWrite:
        """Answer with the game and `ms`. Raise `Refusal`."""
        venue = Venue(self.game_id, None)
        found = known_venue(database, venue)
        refuse_stranger(database, venue, self.moderator_id)
        refuse_closed(venue, found)
        values: Values = {"game_id": self.game_id, "ms": self.ms}
        change: Change = SlowModeSet(self.game_id, self.ms)
        if not self.ms:
            change = SlowModeEnded(self.game_id)
        about = (
            values if self.moderator_id is None else values | {"moderator_id": self.moderator_id}
        )
        return DecidedWrite([change, acted(ActKind.SLOW_MODE_SET, now_ms, **about)], values)


def known_venue(database: Database, venue: Venue) -> Row:
    """Return the game or source with its phase. Raise `Refusal` if there is none."""
    if venue.game_id is None:
        found = catalogue.source(database, venue.id)
    else:
        found = database.row("SELECT phase FROM games WHERE id = ?", (venue.game_id,))
    if found is None:
        raise unknown("source" if venue.game_id is None else "game", venue.id)
    return found


def refuse_stranger(database: Database, venue: Venue, moderator_id: int | None) -> None:
    """Raise `Refusal` if a user is no admin of the venue. None: an API key that may."""
    if moderator_id is None:
        return
    table, column = ("game_admins", "game_id") if venue.game_id else ("source_admins", "source_id")
    sql = f"SELECT 1 AS yes FROM {table} WHERE {column} = ? AND user_id = ?"
    is_admin = database.row(sql, (venue.id, moderator_id)) is not None
    refuse_without(Right.MODERATOR, is_game_admin=is_admin)


def refuse_closed(venue: Venue, found: Row) -> None:
    """Raise `Refusal` if the game or the source is closed."""
    if found["phase"] != Phase.CLOSED:
        return
    if venue.game_id is not None:
        raise game_already_closed(venue.game_id)
    raise source_already_closed(venue.id)


def sanctions(database: Database, now: int) -> list[Row]:
    """Return the kind, venue_id, user_id and until of what has not ended by now (epoch ms).

    Mutes end with their game.
    """
    sql = """
        SELECT * FROM sanctions WHERE (until IS NULL OR until > ?)
        AND NOT EXISTS (SELECT 1 FROM games WHERE id = venue_id AND phase = 'closed')"""
    return database.rows(sql, (now,))


def slow_modes(database: Database) -> dict[str, int]:
    """Return the slow modes (ms) of the games that are not closed."""
    sql = "SELECT game_id, ms FROM slow_modes JOIN games ON id = game_id WHERE phase <> 'closed'"
    return {row["game_id"]: row["ms"] for row in database.rows(sql)}


_ACTS: Final[dict[Any, ActKind]] = {
    (Sanction.MUTE, False): ActKind.MUTED,
    (Sanction.MUTE, True): ActKind.UNMUTED,
    (Sanction.BAN, False): ActKind.BANNED,
    (Sanction.BAN, True): ActKind.BAN_LIFTED,
}
