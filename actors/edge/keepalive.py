"""Decides when a connection is pinged, and when its client counts as gone. Pure: no I/O, no clock.

Theory of operation
===================

`Heartbeat` calls `on_heartbeat` once per interval (setting `ping_interval`). It returns a
`Decision`, on which `Connection` acts.

               on_heartbeat: PING
    +------+ --------------------> +--------------+ --+
    | idle |                       | pong is owed |   | on_heartbeat, excused: WAIT
    +------+ <-------------------- +--------------+ <-+
                    on_pong               |
                                          | on_heartbeat, not excused: CLOSE ("no pong")
                                          v

A client has one interval for its pong. Two things excuse it for one interval more:

- **The server was not reading.** A pong behind a request that is being handled has not been read
  yet. This counts against the client only if the request waits for the client itself: the client
  is behind, and has taken nothing from its outbox since the last heartbeat. The excuse holds for
  one interval after the request too, because the pong may be read only then.
- **The process was paused** (`on_pause`): a pong may be waiting to be read, or be delayed.
"""

from enum import Enum, auto


class Decision(Enum):
    """What to do at a heartbeat."""

    PING = auto()
    WAIT = auto()
    CLOSE = auto()


class Keepalive:
    """The pings and pongs of one connection."""

    __slots__ = ("_chunks_before", "_is_excused", "_is_pong_owed")

    def __init__(self) -> None:
        self._is_pong_owed = self._is_excused = False
        self._chunks_before = 0

    def on_heartbeat(self, *, is_handling: bool, is_behind: bool, chunks_taken: int) -> Decision:
        """Decide what to do now that an interval has passed.

        `is_handling`: a request is being handled, so nothing is read. `is_behind`: output waits for
        the client. `chunks_taken`: how many chunks of the outbox were written so far.
        """
        has_taken_nothing = is_behind and chunks_taken == self._chunks_before
        self._chunks_before = chunks_taken
        if not self._is_pong_owed:
            self._is_pong_owed = True
            return Decision.PING
        if is_handling and not has_taken_nothing:
            self._is_excused = True
            return Decision.WAIT
        if self._is_excused:
            self._is_excused = False
            return Decision.WAIT
        return Decision.CLOSE

    def on_pong(self) -> None:
        """The pong to the latest ping was read."""
        self._is_pong_owed = self._is_excused = False

    def on_pause(self) -> None:
        """The process was paused: allow one interval more for a pong that is owed."""
        self._is_excused = self._is_pong_owed
