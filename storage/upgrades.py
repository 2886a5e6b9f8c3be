"""What SQL alone cannot do in an upgrade: a step in Python after the script of the same number.

A step runs in the upgrade's transaction, so that all is done or nothing. It has the bare
connection, because classes and queries of today may not fit the tables of then, and reads in pages,
to keep memory bounded.
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from storage.chain import digest, link
from storage.progress import OnProgress, unobserved
from storage.sealing import KeyFile

PAGE: Final = 1_000
"""Rows that a step reads at a time."""

_NEXT_FACTS: Final = """
    SELECT game_id, seq, at, kind, pool_id, body FROM facts
    WHERE (game_id, seq) > (?, ?) ORDER BY game_id, seq LIMIT ?"""

_HEADS: Final = """
    UPDATE games SET head = coalesce(
        (SELECT digest FROM facts WHERE game_id = games.id AND seq = last_seq), x'')"""

# A user's first credits in the moment of its creation are what it started with.
_USERS: Final = """
    INSERT INTO operator_acts (at, kind, body)
    SELECT created_at, 'user_added', json_object(
        'user_id', users.id, 'name', name, 'can_host', json(iif(can_host, 'true', 'false')),
        'balances', json_group_object(currency, amount) FILTER (WHERE currency IS NOT NULL))
    FROM users LEFT JOIN (
        SELECT min(id), at, credit, currency, amount FROM transfers WHERE cause = 'credit'
        GROUP BY credit, currency)
    ON credit = 'player:' || users.id || ':available' AND at = created_at
    GROUP BY users.id ORDER BY users.id"""

_DIGESTS: Final = (
    "UPDATE operator_acts SET digest = digest(at, kind, body)",
    """UPDATE answers
    SET digest = digest(user_id, idempotency_key, op, parameters, reply, answered_at)""",
)


@frozen
class Upgrade:
    """What a step works on."""

    connection: sqlite3.Connection
    key_file: KeyFile
    on_progress: OnProgress = unobserved


Step = Callable[[Upgrade], None]


def add_digests(upgrade: Upgrade) -> None:
    """Give each row its digest (`storage/chain.py`), and each user the act that added it."""
    _chain_facts(upgrade)
    upgrade.connection.create_function("digest", -1, digest, deterministic=True)
    for statement in (_HEADS, _USERS, *_DIGESTS):
        upgrade.connection.execute(statement)


def _chain_facts(upgrade: Upgrade) -> None:
    connection = upgrade.connection
    (total,) = connection.execute("SELECT count(*) FROM facts").fetchone()
    game_id, seq, head = "", 0, b""
    for done in range(0, total, PAGE):
        digests = []
        for row in connection.execute(_NEXT_FACTS, (game_id, seq, PAGE)).fetchall():
            head = link(head if row[0] == game_id else b"", *row)
            game_id, seq = row[:2]
            digests.append((head, game_id, seq))
        connection.executemany("UPDATE facts SET digest = ? WHERE game_id = ? AND seq = ?", digests)
        upgrade.on_progress(min(done + PAGE, total), total)


def seal_session_keys(upgrade: Upgrade) -> None:
    """Seal the keys that are there, and note that the file is still to be scrubbed of them."""
    connection = upgrade.connection
    (total,) = connection.execute("SELECT count(*) FROM session_keys").fetchone()
    if not total:
        return
    sealer, done, last = upgrade.key_file.sealer(), 0, 0
    page = "SELECT user_id, sealed FROM session_keys WHERE user_id > ? ORDER BY user_id LIMIT ?"
    while rows := connection.execute(page, (last, PAGE)).fetchall():
        connection.executemany(
            "UPDATE session_keys SET sealed = ? WHERE user_id = ?",
            [(sealer.seal(user_id, key), user_id) for user_id, key in rows],
        )
        last, done = rows[-1][0], done + len(rows)
        upgrade.on_progress(done, total)
    connection.execute("INSERT INTO sealing VALUES (1, ?, 0)", (sealer.secret_id,))


STEPS: Final[Mapping[int, Step]] = {4: add_digests, 5: seal_session_keys}
"""The steps, by the number of the script in `schema` that each follows.

Tables and columns are the script's: `check` compares those of a file with all scripts together.
"""
