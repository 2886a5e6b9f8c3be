"""The parts of an upgrade that SQL alone cannot do: a step in Python after a script.

A step runs in the upgrade's transaction, after the script of the same number. It uses the bare
connection, because the present classes and queries may not fit the tables of that version. It reads
in pages, so that its memory is bounded.
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from storage.chain import digest, link
from storage.progress import OnProgress, unobserved
from storage.sealing import KeyFile

ROWS_AT_ONCE: Final = 1_000
"""Rows that a step reads at a time."""

_NEXT_FACTS: Final = """
    SELECT game_id, seq, at, kind, pool_id, body FROM facts
    WHERE (game_id, seq) > (?, ?) ORDER BY game_id, seq LIMIT ?"""

_HEADS: Final = """
    UPDATE games SET head = coalesce(
        (SELECT digest FROM facts WHERE game_id = games.id AND seq = last_seq), x'')"""

# The first credits of a user at the time of its creation are its starting balances.
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
    """The database that a step works on."""

    connection: sqlite3.Connection
    key_file: KeyFile
    on_progress: OnProgress = unobserved


UpgradeStep = Callable[[Upgrade], None]


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
    for done in range(0, total, ROWS_AT_ONCE):
        digests = []
        for row in connection.execute(_NEXT_FACTS, (game_id, seq, ROWS_AT_ONCE)).fetchall():
            head = link(head if row[0] == game_id else b"", *row)
            game_id, seq = row[:2]
            digests.append((head, game_id, seq))
        connection.executemany("UPDATE facts SET digest = ? WHERE game_id = ? AND seq = ?", digests)
        upgrade.on_progress(min(done + ROWS_AT_ONCE, total), total)


def seal_session_keys(upgrade: Upgrade) -> None:
    """Seal the stored keys, and note that the file must be scrubbed of their plain text."""
    connection = upgrade.connection
    (total,) = connection.execute("SELECT count(*) FROM session_keys").fetchone()
    if not total:
        return
    sealer, done, last = upgrade.key_file.sealer(), 0, 0
    page = "SELECT user_id, sealed FROM session_keys WHERE user_id > ? ORDER BY user_id LIMIT ?"
    while rows := connection.execute(page, (last, ROWS_AT_ONCE)).fetchall():
        connection.executemany(
            "UPDATE session_keys SET sealed = ? WHERE user_id = ?",
            [(sealer.seal(user_id, key), user_id) for user_id, key in rows],
        )
        last, done = rows[-1][0], done + len(rows)
        upgrade.on_progress(done, total)
    connection.execute("INSERT INTO sealing VALUES (1, ?, 0)", (sealer.secret_id,))


STEPS: Final[Mapping[int, UpgradeStep]] = {4: add_digests, 5: seal_session_keys}
"""The steps, by the number of the script in `schema` that each follows.

A step must not change tables or columns, because `check` compares a file with what the scripts
define.
"""
