"""The messages that an edge and the deciding side send each other on a link.

An edge holds the sockets of clients; the deciding side holds the games. They number connections and
calls per link. The order of the messages on a link is the order of the calls that sent them.

    edge                                  deciding side
    ----                                  -------------
    Hello ------------------------------>                 version and number of the edge
    LinkCall --------------------------->                 a question, such as: admit this client?
          <----------------------------- LinkAnswer, LinkRefusal
    ClientMessage ---------------------->                 what a client has sent
          <----------------------------- ConnectionFrames frames for one connection
          <----------------------------- Answered         so many of its messages have their replies
          <----------------------------- Subscribed, Unsubscribed
          <----------------------------- GameFrames       frames for all subscribers of a game
          <----------------------------- CloseConnection
    ConnectionEnded -------------------->
    CannotServe ------------------------>                 instead of Hello: why, and it ends
    EdgeReport, LogLines --------------->                 metrics and log lines of the edge
          <----------------------------- WorkerSettings   the settings of a worker
          <----------------------------- Readiness        what `/readyz` answers
          <----------------------------- StopReading      the server stops
    ReadingStopped --------------------->                 every message that was read was sent
          <----------------------------- CloseConnections close them all, then end
    Alive <----------------------------->                 a heartbeat, each second

The field lists are a wire format: `actors/link/encoding.py` writes them in this order, and
`VERSION` changes with them.
"""

from typing import ClassVar

from attrs import frozen

VERSION = 2
"""The version of the messages. Both sides of a link must have the same."""


class LinkMessage:
    """A message on a link. Only the last field may be `bytes`."""

    kind: ClassVar[int]


@frozen
class Hello(LinkMessage):
    """An edge introduces itself. `worker` is its number."""

    kind = 1
    version: int
    worker: int


@frozen
class Alive(LinkMessage):
    """The sender is alive."""

    kind = 2


@frozen
class LinkCall(LinkMessage):
    """A question with an answer. `arguments` is a JSON object."""

    kind = 3
    number: int
    name: str
    arguments: bytes


@frozen
class LinkAnswer(LinkMessage):
    """The answer to a call. `result` is JSON."""

    kind = 4
    number: int
    result: bytes


@frozen
class LinkRefusal(LinkMessage):
    """A call was refused. `error` names the kind of error; `details` is a JSON object."""

    kind = 5
    number: int
    error: str
    details: bytes


@frozen
class ClientMessage(LinkMessage):
    """A message of a client, as the client sent it."""

    kind = 6
    connection: int
    text: bytes


@frozen
class ConnectionEnded(LinkMessage):
    """A connection has ended. `is_forced`: the server closed it, so its requests are dropped."""

    kind = 7
    connection: int
    is_forced: bool


@frozen
class ConnectionFrames(LinkMessage):
    """Frames for one connection. `counted=False` is for a replay (`Caller.send`).

    `game_id` is the game whose positions they carry, empty if there are none.
    """

    kind = 8
    connection: int
    game_id: str
    counted: bool
    frames: bytes


@frozen
class GameFrames(LinkMessage):
    """Frames for every subscriber of a game on this edge but `besides`."""

    kind = 9
    game_id: str
    besides: tuple[int, ...]
    frames: bytes


@frozen
class Answered(LinkMessage):
    """`count` more ops of a connection have their replies."""

    kind = 10
    connection: int
    count: int


@frozen
class Subscribed(LinkMessage):
    """A connection has joined a game: broadcasts of the game reach it from now on."""

    kind = 11
    connection: int
    game_id: str


@frozen
class Unsubscribed(LinkMessage):
    """A connection has left a game."""

    kind = 12
    connection: int
    game_id: str


@frozen
class CloseConnection(LinkMessage):
    """Close a connection."""

    kind = 13
    connection: int
    code: int
    reason: str


@frozen
class EdgeReport(LinkMessage):
    """The counts of the edge since its last report, as JSON: `outboxes`, and `counted` as
    `Counters.take` returns it."""

    kind = 14
    figures: bytes


@frozen
class LogLines(LinkMessage):
    """Whole log lines of the edge."""

    kind = 15
    lines: bytes


@frozen
class Readiness(LinkMessage):
    """The answer of `/readyz`, and whether the server is stopping."""

    kind = 16
    is_stopping: bool
    status: str


@frozen
class StopReading(LinkMessage):
    """The server stops: read no more messages of clients, then send `ReadingStopped`."""

    kind = 17


@frozen
class ReadingStopped(LinkMessage):
    """The edge sends no further `ClientMessage`."""

    kind = 18


@frozen
class CloseConnections(LinkMessage):
    """Close every connection, then end."""

    kind = 19
    code: int
    reason: str


@frozen
class WorkerSettings(LinkMessage):
    """The first message to a worker: its settings, as JSON, and the port that it listens on."""

    kind = 20
    port: int
    settings: bytes


@frozen
class CannotServe(LinkMessage):
    """The edge cannot serve with its settings, and ends. `reason` is a line for a person."""

    kind = 21
    reason: str


_ALL = (
    Hello, Alive, LinkCall, LinkAnswer, LinkRefusal, ClientMessage, ConnectionEnded,
    ConnectionFrames, GameFrames, Answered, Subscribed, Unsubscribed, CloseConnection, EdgeReport,
    LogLines, Readiness, StopReading, ReadingStopped, CloseConnections, WorkerSettings, CannotServe,
)  # fmt: skip
LINK_MESSAGES: dict[int, type[LinkMessage]] = {each.kind: each for each in _ALL}
"""The messages by the number that stands for them on a link."""
