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
          <----------------------------- Answered         one of its messages has its reply
          <----------------------------- Overtaken, AnsweredLate
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

Between machines also (`actors/node_edge.py`):

    NodeHello -------------------------->                 instead of Hello
    Returning, AllReturned ------------->                 the clients that it has, and their games
    PresenceKnown <--------------------->                 who is in which game
          <----------------------------- PresenceChanged
          <----------------------------- Confirmed        how far the log is confirmed
    TurnEnded <------------------------->                 the messages before it belong together

The field lists are a wire format: `actors/link/encoding.py` writes them in this order, and
`VERSION` changes with them.
"""

from collections.abc import Mapping
from typing import ClassVar

import orjson
from attrs import frozen

VERSION = 3
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
    """A message of a client, as the client sent it. The edge numbers the messages."""

    kind = 6
    connection: int
    number: int
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
    """Frames for every subscriber of a game on this edge but `besides`.

    `seq` is the position up to which all of them, `besides` too, have received the game.
    """

    kind = 9
    game_id: str
    seq: int
    besides: tuple[int, ...]
    frames: bytes


@frozen
class Answered(LinkMessage):
    """The message of a connection with this number has its reply."""

    kind = 10
    connection: int
    number: int


@frozen
class Subscribed(LinkMessage):
    """A connection has joined a game: broadcasts of the game reach it from now on.

    It has received the game up to the position `seq`.
    """

    kind = 11
    connection: int
    game_id: str
    seq: int


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


@frozen
class NodeHello(LinkMessage):
    """The edge of another node introduces itself. `node` names this run of its process."""

    kind = 22
    version: int
    node: str


@frozen
class Returning(LinkMessage):
    """A client that signed in under a former leader, or before the link was lost.

    `about` is a JSON object: `claim`, `identity`, and `games`, with the position up to which the
    client has received each game that it has joined.
    """

    kind = 23
    connection: int
    about: bytes


@frozen
class AllReturned(LinkMessage):
    """The edge has no more clients than those that it has named."""

    kind = 24


@frozen
class PresenceKnown(LinkMessage):
    """Who is in which game, as the sender knows it: JSON, names by user id by game id."""

    kind = 25
    users: bytes


@frozen
class PresenceChanged(LinkMessage):
    """A user has come into a game, or left it."""

    kind = 26
    game_id: str
    user_id: int
    user_name: str
    has_come: bool


@frozen
class Confirmed(LinkMessage):
    """The engine has confirmed the log's records up to `idx`."""

    kind = 27
    idx: int


@frozen
class TurnEnded(LinkMessage):
    """The messages since the last of these were sent together."""

    kind = 28


@frozen
class Overtaken(LinkMessage):
    """Later messages of a connection may have their replies before this one, a delayed bet."""

    kind = 29
    connection: int
    number: int


@frozen
class AnsweredLate(LinkMessage):
    """A message that was `Overtaken` has its reply."""

    kind = 30
    connection: int
    number: int


_ALL = (
    Hello, Alive, LinkCall, LinkAnswer, LinkRefusal, ClientMessage, ConnectionEnded,
    ConnectionFrames, GameFrames, Answered, Subscribed, Unsubscribed, CloseConnection, EdgeReport,
    LogLines, Readiness, StopReading, ReadingStopped, CloseConnections, WorkerSettings, CannotServe,
    NodeHello, Returning, AllReturned, PresenceKnown, PresenceChanged, Confirmed, TurnEnded,
    Overtaken, AnsweredLate,
)  # fmt: skip
LINK_MESSAGES: dict[int, type[LinkMessage]] = {each.kind: each for each in _ALL}
"""The messages by the number that stands for them on a link."""


def read_presence(users: bytes) -> dict[str, dict[int, str]]:
    """Return who is in which game, from a `PresenceKnown`."""
    games = orjson.loads(users)
    return {
        game_id: {int(user_id): name for user_id, name in present.items()}
        for game_id, present in games.items()
    }


def presence_known(games: Mapping[str, Mapping[int, str]]) -> PresenceKnown:
    """Return the message that says who is in which game."""
    return PresenceKnown(orjson.dumps(games, option=orjson.OPT_NON_STR_KEYS))
