"""The fields of the log line about a fact: its game and position, its pool, its request."""

from typing import Any

from actors.games.server_call import ServerCall
from game.facts import Entry, StatusReached


def fact_line(
    game_id: str, entry: Entry, call: ServerCall | None, late_ms: int | None
) -> dict[str, Any]:
    """Return the fields. `late_ms` is how long after its time a game acted."""
    line: dict[str, Any] = {"game_id": game_id, "seq": entry.seq}
    if (pool_id := getattr(entry.fact, "pool_id", None)) is not None:
        line["pool_id"] = pool_id
    if isinstance(entry.fact, StatusReached):
        line["status"] = str(entry.fact.status)
    if late_ms is not None:
        line["late_ms"] = late_ms
    if call is not None:
        line.update(call.log_fields())
    return line
