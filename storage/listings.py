"""The lists that an operator looks through: users, payments, sources, mutes and bans."""

from typing import Any, Final

from storage import users
from storage.database import Database
from storage.payments import read_payment
from storage.users import User

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
) -> list[dict[str, Any]]:
    """Return payments as the API shows them, the newest first, of a user and a status if given.

    `before`: the id of the last payment on the page before.
    """
    wanted = {"user_id": user_id, "status": status}
    given = {name: value for name, value in wanted.items() if value is not None}
    conditions = " AND ".join(["payments.id < ?", *(f"{name} = ?" for name in given)])
    sql = f"""
        SELECT payments.*, users.name, api_keys.name AS key FROM payments
        JOIN users ON users.id = user_id LEFT JOIN api_keys ON api_keys.id = key_id
        WHERE {conditions} ORDER BY payments.id DESC LIMIT ?"""
    parameters = (before or _LAST, *given.values(), limit)
    return [
        read_payment(row).values() | {"user_name": row["name"], "key": row["key"]}
        for row in database.rows(sql, parameters)
    ]


def sources_page(database: Database, limit: int) -> list[dict[str, Any]]:
    """Return the sources that were opened last, the newest first; times in epoch ms."""
    sql = """
        SELECT id, name, phase, opened_at FROM sources
        ORDER BY opened_at DESC, id LIMIT ?"""
    return database.rows(sql, (limit,))


def sanctions_of_source(
    database: Database, source_id: str, username: str | None, now: int, limit: int
) -> list[dict[str, Any]]:
    """Return who is muted or banned in a source at `now` (epoch ms), by the user's name.

    Mutes in a game count while the game is not closed. `username`: those of this user alone.
    """
    sql = """
        SELECT kind, games.id AS game_id, games.name AS game_name, user_id,
            users.name AS username, until
        FROM sanctions JOIN users ON users.id = user_id LEFT JOIN games ON games.id = venue_id
        WHERE kind IN ('ban', 'mute') AND venue_id IN (
            SELECT ? UNION ALL SELECT id FROM games WHERE source_id = ? AND phase <> 'closed')
        AND (until IS NULL OR until > ?) AND (? IS NULL OR name_key = ?)
        ORDER BY name_key, kind, number LIMIT ?"""
    key = None if username is None else username.lower()
    return database.rows(sql, (source_id, source_id, now, key, key, limit))
