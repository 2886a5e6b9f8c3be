"""When a client is pinged, and when it counts as gone: all cases, without I/O."""

import pytest

from actors.edge.keepalive import Decision, Keepalive

PING, WAIT, CLOSE = Decision.PING, Decision.WAIT, Decision.CLOSE


def heartbeats(
    keepalive: Keepalive,
    count: int,
    *,
    is_handling: bool = False,
    is_behind: bool = False,
    chunks_taken: int = 0,
) -> list[Decision]:
    return [
        keepalive.on_heartbeat(
            is_handling=is_handling, is_behind=is_behind, chunks_taken=chunks_taken
        )
        for _ in range(count)
    ]


def test_a_client_that_answers_each_ping_is_pinged_at_each_heartbeat() -> None:
    keepalive = Keepalive()
    for _ in range(3):
        assert heartbeats(keepalive, 1) == [PING]
        keepalive.on_pong()


def test_a_client_without_a_pong_is_closed_after_one_interval() -> None:
    assert heartbeats(Keepalive(), 2) == [PING, CLOSE]


def test_a_pong_behind_a_request_is_waited_for_as_long_as_the_request_takes() -> None:
    keepalive = Keepalive()
    assert heartbeats(keepalive, 4, is_handling=True) == [PING, WAIT, WAIT, WAIT]
    assert heartbeats(keepalive, 2) == [WAIT, CLOSE], "one interval to read it"


def test_a_client_that_does_not_read_is_closed_although_a_request_waits_for_it() -> None:
    keepalive = Keepalive()
    decisions = heartbeats(keepalive, 2, is_handling=True, is_behind=True, chunks_taken=7)
    assert decisions == [PING, CLOSE]


def test_a_client_that_reads_slowly_is_waited_for() -> None:
    keepalive = Keepalive()
    decisions = [
        heartbeats(keepalive, 1, is_handling=True, is_behind=True, chunks_taken=chunks)
        for chunks in (1, 2, 3)
    ]
    assert decisions == [[PING], [WAIT], [WAIT]]


@pytest.mark.parametrize("pauses", [1, 2])
def test_a_pause_allows_a_pong_that_is_owed_one_interval_more(pauses: int) -> None:
    keepalive = Keepalive()
    assert heartbeats(keepalive, 1) == [PING]
    for _ in range(pauses):
        keepalive.on_pause()
    assert heartbeats(keepalive, 2) == [WAIT, CLOSE]


def test_a_pause_excuses_no_later_ping() -> None:
    keepalive = Keepalive()
    keepalive.on_pause()
    assert heartbeats(keepalive, 2) == [PING, CLOSE]
    answered = Keepalive()
    assert heartbeats(answered, 1) == [PING]
    answered.on_pause()
    answered.on_pong()
    assert heartbeats(answered, 2) == [PING, CLOSE]
