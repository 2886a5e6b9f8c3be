"""Verifies users, acts, sanctions and sources: each of them, and against each other.

Some rows are never deleted and are numbered without gaps, so a missing number is a missing row.
docs/explanation/reliability.md lists what has no second record to compare it with.
"""

from collections.abc import Iterator
from typing import Final

from storage.chain import digest
from storage.database import Database

_NUMBERED: Final = {
    **{"users": "id", "operator_acts": "id", "games": "number", "transfers": "id"},
    **{"payments": "id", "api_keys": "id"},
}

_NUMBERS: Final = """
    SELECT count(*) AS kept, coalesce(min({1}), 1) AS first, max(
        coalesce(max({1}), 0),
        coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = '{0}'), 0)) AS last
    FROM {0}"""

_PAGE_OF_ACTS: Final = "SELECT * FROM operator_acts WHERE id > ? ORDER BY id LIMIT 1000"

_NOT_AS_ACTED: Final = """
    WITH access AS MATERIALIZED (
        SELECT body ->> '$.user_id' AS user_id, kind <> 'enabled' AS disabled, max(id)
        FROM operator_acts WHERE kind IN ('disabled', 'enabled', 'erased') GROUP BY 1),
    hosts AS MATERIALIZED (
        SELECT body ->> '$.user_id' AS user_id, body ->> '$.can_host' AS can_host, max(id)
        FROM operator_acts WHERE kind = 'host_set' GROUP BY 1)
    SELECT id, name, can_host, disabled, created_at, sum(is_user) AS users
    FROM (SELECT id, name, can_host, disabled, created_at, 1 AS is_user FROM users
          UNION ALL
          SELECT body ->> '$.user_id', body ->> '$.name',
                 coalesce(hosts.can_host, body ->> '$.can_host'), coalesce(disabled, 0), at, 0
          FROM operator_acts LEFT JOIN access ON access.user_id = body ->> '$.user_id'
          LEFT JOIN hosts ON hosts.user_id = body ->> '$.user_id'
          WHERE kind = 'user_added')
    GROUP BY id, name, can_host, disabled, created_at HAVING count(*) <> 2 OR sum(is_user) <> 1
    ORDER BY id"""

_ODD_USERS: Final = """
    SELECT id, name FROM users
    WHERE name_key IS NOT lower(name) OR can_host NOT IN (0, 1) OR disabled NOT IN (0, 1)
    ORDER BY id"""

_ODD_SOURCES: Final = """
    SELECT id, phase, (SELECT count(*) FROM games
                       WHERE source_id = sources.id AND games.phase <> 'closed') AS open_games
    FROM sources WHERE phase NOT IN ('open', 'closing') AND (phase <> 'closed' OR open_games > 0)
    ORDER BY id"""

_SEALING: Final = """
    SELECT count(*) AS kept, coalesce(sum(id = 1), 0) AS fit,
           (SELECT count(*) FROM session_keys) AS keys
    FROM sealing"""

_POSITIONS: Final = "SELECT count(*) AS kept FROM position"

_SCRUBBING: Final = """
    SELECT id, is_scrubbed FROM local_scrubbing WHERE id <> 1 OR is_scrubbed NOT IN (0, 1)"""


_SANCTIONS: Final = """
    WITH latest AS MATERIALIZED (
        SELECT iif(kind IN ('muted', 'unmuted'), 'mute', 'ban') AS sanction,
               body ->> '$.venue_id' AS venue_id, body ->> '$.user_id' AS user_id,
               body ->> '$.until' AS until, kind IN ('muted', 'banned') AS stands, max(id)
        FROM operator_acts WHERE kind IN ('muted', 'unmuted', 'banned', 'ban_lifted')
        GROUP BY 1, 2, 3)
    SELECT kind, venue_id, user_id, sum(is_row) AS kept
    FROM (SELECT kind, venue_id, user_id, until, 1 AS is_row FROM sanctions
          UNION ALL SELECT sanction, venue_id, user_id, until, 0 FROM latest WHERE stands)
    GROUP BY kind, venue_id, user_id, until HAVING count(*) <> 2 OR sum(is_row) <> 1
    ORDER BY kind, venue_id, user_id"""

_SLOW_MODES: Final = """
    WITH latest AS MATERIALIZED (
        SELECT body ->> '$.game_id' AS game_id, body ->> '$.ms' AS ms, max(id)
        FROM operator_acts WHERE kind = 'slow_mode_set' GROUP BY 1)
    SELECT game_id FROM (SELECT game_id, ms, 1 AS is_row FROM slow_modes
                         UNION ALL SELECT game_id, ms, 0 FROM latest WHERE ms > 0)
    GROUP BY game_id, ms HAVING count(*) <> 2 OR sum(is_row) <> 1 ORDER BY game_id"""


def check_catalogue(database: Database) -> Iterator[str]:
    """Yield a line for each problem of a user, an act, a source or the sealing of keys."""
    yield from _gone(database)
    yield from _acts(database)
    yield from _users(database)
    yield from _moderation(database)
    for row in database.rows(_ODD_SOURCES):
        yield "source {id} is {phase}, with {open_games} games that are not closed".format(**row)
    for row in database.rows(_SEALING):
        if row["kept"] > 1 or row["kept"] != row["fit"] or (row["keys"] and not row["kept"]):
            yield "sealing: {kept} rows, of which {fit} are valid, for {keys} session keys".format(
                **row
            )
    for row in database.rows(_POSITIONS):
        if row["kept"] > 1:
            yield "position: {kept} rows, where there is one at most".format(**row)
    for row in database.rows(_SCRUBBING):
        yield "local_scrubbing: the row {id}, {is_scrubbed}, is invalid".format(**row)


def _gone(database: Database) -> Iterator[str]:
    for table, column in _NUMBERED.items():
        for row in database.rows(_NUMBERS.format(table, column)):
            if row["first"] != 1 or row["last"] != row["kept"]:
                yield "{0}: {kept} rows, numbered {first} to {last}".format(table, **row)


def _acts(database: Database) -> Iterator[str]:
    after = -(2**63)
    while page := database.rows(_PAGE_OF_ACTS, (after,)):
        for row in page:
            if row["digest"] != digest(row["at"], row["kind"], row["body"]):
                yield f"operator's act {row['id']} was changed after it was written"
        after = page[-1]["id"]


def _users(database: Database) -> Iterator[str]:
    for row in database.rows(_NOT_AS_ACTED):
        about = "user {id}: {name}, can_host {can_host}, disabled {disabled}, of {created_at}"
        yield f"{about.format(**row)}: {'has no act' if row['users'] else 'missing'}"
    for row in database.rows(_ODD_USERS):
        yield "user {id}, {name}, is invalid".format(**row)


def _moderation(database: Database) -> Iterator[str]:
    for row in database.rows(_SANCTIONS):
        missing = "has no act" if row.pop("kept") else "is missing"
        yield "the {kind} of user {user_id} in {venue_id} {0}".format(missing, **row)
    for row in database.rows(_SLOW_MODES):
        yield "the slow mode of game {game_id} does not agree with its act".format(**row)
