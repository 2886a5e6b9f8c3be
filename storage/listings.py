"""The lists that an operator looks through: users, bets, payments, sources, mutes and bans."""

from typing import Any, Final

from attrs import frozen

from game.vocabulary import LARGEST_TIME, PAGE_SIZE
from storage import users
from storage.bets import Outcomes
from storage.database import Database
from storage.payments import read_payment
from storage.users import User
from storage.write import OperatorQuery, Values

PagePlace = tuple[int, str, int]
"""Where the last row of a page stands in its list; the next page begins behind it."""
_LAST: Final = 2**63 - 1


def users_like(database: Database, start: str, limit: int) -> list[User]:
    """Return users whose names begin with a text, in any case, by name.

    A user whose id the text is comes first.
    """
    found: list[User] = []
    if start.isascii() and start.isdigit() and len(start) < 19:
        found += filter(None, [users.user_by_id(database, int(start))])
    key = start.lower()
    sql = "SELECT id FROM users WHERE name_key >= ? AND name_key < ? ORDER BY name_key LIMIT ?"
    rows = database.rows(sql, (key, key + chr(0x10FFFF), limit))
    found += filter(None, (users.user_by_id(database, row["id"]) for row in rows))
    return list({user.id: user for user in found}.values())[:limit]


def newest_users(database: Database, limit: int) -> list[User]:
    """Return the users who were added last, the newest first."""
    rows = database.rows("SELECT id FROM users ORDER BY id DESC LIMIT ?", (limit,))
    return list(filter(None, (users.user_by_id(database, row["id"]) for row in rows)))


def payments_page(
    database: Database, user_id: int | None, status: str | None, before: int | None, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Return a page of payments, the newest first, and the `before` of the next page, or None.

    They are as the API shows them, and of a user and a status if given.
    """
    wanted = {"user_id": user_id, "status": status}
    given = {name: value for name, value in wanted.items() if value is not None}
    conditions = " AND ".join(["payments.id < ?", *(f"{name} = ?" for name in given)])
    sql = f"""
        SELECT payments.*, users.name, api_keys.name AS key FROM payments
        JOIN users ON users.id = user_id LEFT JOIN api_keys ON api_keys.id = key_id
        WHERE {conditions} ORDER BY payments.id DESC LIMIT ?"""
    found = database.rows(sql, (before or _LAST, *given.values(), limit + 1))
    page = [
        read_payment(row).values() | {"user_name": row["name"], "key": row["key"]}
        for row in found[:limit]
    ]
    return page, found[limit - 1]["id"] if len(found) > limit else None


def bets_of_player(
    database: Database, user_id: int, before: PagePlace | None = None, limit: int = PAGE_SIZE
) -> tuple[list[dict[str, Any]], PagePlace | None]:
    """Return a page of a user's bets, the newest first, and its end if another page follows.

    They are of all currencies. The place of a bet: its time, its currency and its entry.
    """
    at, currency, entry_id = before or (LARGEST_TIME, "~", 0)
    found = database.rows(
        "SELECT * FROM player_entries WHERE user_id = ? AND cause = 'bet'"
        " AND (at, currency, id) < (?, ?, ?) ORDER BY at DESC, currency DESC, id DESC LIMIT ?",
        (user_id, at, currency, entry_id, limit + 1),
    )
    page, outcomes = found[:limit], Outcomes(database)
    shown = [outcomes.bet(row["game_id"], row["seq"], row["currency"]) for row in page]
    last = page[-1] if len(found) > limit else None
    return shown, None if last is None else (last["at"], last["currency"], last["id"])


def sources_page(database: Database, limit: int) -> list[dict[str, Any]]:
    """Return the sources that were opened last, the newest first; times in epoch ms."""
    sql = """
        SELECT id, name, phase, opened_at FROM sources
        ORDER BY opened_at DESC, id LIMIT ?"""
    return database.rows(sql, (limit,))


@frozen
class ListSources(OperatorQuery):
    """All sources, the newest first."""

    def answer(self, database: Database) -> list[Values]:
        """Return each source as `sources_page` does."""
        return sources_page(database, _LAST)


_BEGINNING: Final[PagePlace] = (0, "", 0)
SANCTIONS_QUERY: Final = """
    SELECT kind, games.id AS game_id, games.name AS game_name, user_id, users.name AS username,
        until, coalesce(games.number, 0) AS number,
        (SELECT body ->> '$.reason' FROM operator_acts AS acts
         WHERE acts.kind IN ('muted', 'banned') AND body ->> '$.venue_id' = +venue_id
            AND body ->> '$.user_id' = +sanctions.user_id
            AND acts.kind = iif(sanctions.kind = 'mute', 'muted', 'banned')
         ORDER BY acts.id DESC LIMIT 1) AS reason
    FROM sanctions JOIN users ON users.id = user_id LEFT JOIN games ON games.id = venue_id
    WHERE kind IN ('ban', 'mute') AND venue_id IN (
        SELECT ? UNION ALL SELECT id FROM games WHERE source_id = ? AND phase <> 'closed')
    AND (until IS NULL OR until > ?) AND (? IS NULL OR name_key = ?)
    AND (name_key, kind, coalesce(games.number, 0))
        > (coalesce((SELECT name_key FROM users WHERE id = ?), ''), ?, ?)
    ORDER BY name_key, kind, number LIMIT ?"""


@frozen(kw_only=True)
class SanctionSearch:
    """Which mutes and bans of a source are wanted at `now` (epoch ms).

    `username`: those of this user alone. `after`: those behind the last one of a page.
    """

    source_id: str
    now: int
    limit: int
    username: str | None = None
    after: PagePlace | None = None


def sanctions_of_source(
    database: Database, wanted: SanctionSearch
) -> tuple[list[dict[str, Any]], PagePlace | None]:
    """Return a page of mutes and bans by the user's name, and its end if another page follows.

    The place of a mute or ban: the user's id, the kind and the game's number (0: a source).
    Mutes in a game count while the game is not closed. The reason is that of the latest act.
    """
    key = None if wanted.username is None else wanted.username.lower()
    source, place = (wanted.source_id, wanted.source_id), wanted.after or _BEGINNING
    parameters = (*source, wanted.now, key, key, *place, wanted.limit + 1)
    found = database.rows(SANCTIONS_QUERY, parameters)
    places = [(row["user_id"], row["kind"], row.pop("number")) for row in found]
    more = len(found) > wanted.limit
    return found[: wanted.limit], places[wanted.limit - 1] if more else None
