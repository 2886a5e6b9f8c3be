"""Which settings of the engine are unsafe: with them, a record that was confirmed can be lost.

The names of the settings are in the lines, because operators look them up.
"""

from typing import Final

from storage.cluster.connection import LOCK_MS, Deadline, EngineConnection

_SETTINGS: Final = """
    SELECT current_setting('fsync'), current_setting('full_page_writes'),
           current_setting('synchronous_commit'), current_setting('synchronous_standby_names'),
           current_setting('lock_timeout'),
           (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_retrieve_retry_interval')"""

MOST_RETRY_MS: Final = 500


def unsafe_settings(engine: EngineConnection, deadline: Deadline) -> list[str]:
    """Return a line for each unsafe setting, none if all are safe. Raise EngineUnclearError."""
    _, [row] = engine.run(deadline, _SETTINGS)
    fsync, full_pages, commit, standbys, lock_timeout, retry_ms = row
    findings = {
        "fsync is off: a power cut loses records": fsync == "off",
        "full_page_writes is off: a power cut damages the log": full_pages == "off",
        "synchronous_commit is off for this session": commit == "off",
        "synchronous_standby_names is empty: the loss of the primary loses records": not standbys,
        "a pooler is in between: sessions do not keep their settings": (
            lock_timeout != f"{LOCK_MS}ms"
        ),
        f"wal_retrieve_retry_interval is above {MOST_RETRY_MS} ms: a standby that lost its primary "
        "is slow to acknowledge": retry_ms > MOST_RETRY_MS,
    }
    return [line for line, is_so in findings.items() if is_so]
