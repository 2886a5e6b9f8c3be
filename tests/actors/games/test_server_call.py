"""A request leaves the flight of its caller's requests once, under the number of its message."""

from types import SimpleNamespace
from typing import Any, cast

from actors.games.server_call import ServerCall
from actors.link.remote_client import RemoteRequests


async def test_a_request_that_waits_twice_is_overtaken_once_under_its_own_number() -> None:
    told: list[tuple[str, int]] = []

    def note(word: str) -> Any:
        return lambda number: told.append((word, number))

    in_flight = RemoteRequests(note("answered"), note("overtaken"), note("late"))
    in_flight.handled = 1
    caller = SimpleNamespace(in_flight=in_flight)
    call = ServerCall(cast(Any, None), cast(Any, None), cast(Any, caller))
    call.let_overtake()  # it waits for the request that uses its key
    in_flight.handled = 2
    begun = in_flight.begun
    call.let_overtake()  # then for the delay of its pool, while the next message is handled
    call.release()
    assert told == [("overtaken", 1), ("late", 1)]
    assert in_flight.begun == begun
    assert in_flight.is_empty
