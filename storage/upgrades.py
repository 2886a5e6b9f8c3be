"""What SQL alone cannot do in an upgrade: a step in Python after the script of the same number.

A step runs in the upgrade's transaction, so that all is done or nothing. It has the bare
connection, because classes and queries of today may not fit the tables of then, and reads in pages,
to keep memory bounded.
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from storage.progress import OnProgress, unobserved
from storage.sealing import KeyFile

PAGE: Final = 1_000
"""Rows that a step reads at a time."""


@frozen
class Upgrade:
    """What a step works on."""

    connection: sqlite3.Connection
    key_file: KeyFile
    on_progress: OnProgress = unobserved


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


Step = Callable[[Upgrade], None]

STEPS: Final[Mapping[int, Step]] = {5: seal_session_keys}
"""The steps, by the number of the script in `schema` that each follows."""
