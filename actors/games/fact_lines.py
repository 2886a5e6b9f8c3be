"""What a log line says of a fact: its game and position, the pool, and the request behind it."""

from typing import Any

from actors.link.request import Request
from game.facts import Entry, StatusReached


def fact_line(
    game_id: str, entry: Entry, request: Request | None, late_ms: int | None
) -> dict[str, Any]:
    """Return the fields of a line. `late_ms`: how long after its time a timer acted."""
    line: dict[str, Any] = {"game_id": game_id, "seq": entry.seq}
    if (pool_id := getattr(entry.fact, "pool_id", None)) is not None:
        line["pool_id"] = pool_id
    if isinstance(entry.fact, StatusReached):
        line["status"] = str(entry.fact.status)
    if late_ms is not None:
        line["late_ms"] = late_ms
    if request is not None:
        line.update(request.about())
    return line
