"""The deciding side of a node's edge: at the other end of a link that changes with the leader.

Theory of operation
===================

The sockets of clients stay open when the leader changes, or when the link to it is lost. What the
next leader must know is kept here:

    for each connection   its claim and identity, and the messages that have no reply yet
    for each game         the position up to which its members at this edge have received it
    for each member that waits for the next leader
                          the position up to which it had received the game

    link lost --> no leader --> link found: NodeHello
                                            Returning        for each connection
                                            AllReturned
                                            ClientMessage    what has no reply, in order
                                            then what is new

**Once.** A message that may change something gets an idempotency key here if it has none. So the
next leader can be asked again, and executes it once.

**No gap, nothing twice.** The messages of one turn arrive together or not at all
(`actors/link/carrier.py`), and all members of a game at this edge are sent the same. So one
position for each game says what all of them have. The next leader sends what is missing, as for a
rejoin with `since`. Until it has (`Subscribed`), a member receives nothing of the game. It keeps
the position that it had, whatever other members receive meanwhile, and whichever leader is next.
"""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import orjson
from attrs import Factory, asdict, define

from actors.clock import Clock
from actors.counters import Counters
from actors.edge.connection import Connection
from actors.edge.remote_side import RemoteDecidingSide
from actors.link.caller import Continuation
from actors.link.carrier import Link
from actors.link.claim import AnyClaim, Identity
from actors.link.messages import (
    VERSION,
    AllReturned,
    Answered,
    AnsweredLate,
    ClientMessage,
    GameFrames,
    LinkMessage,
    NodeHello,
    Overtaken,
    Returning,
    Subscribed,
    presence_known,
)
from actors.link.uplink import Uplink, UplinkCalls
from game.refusals import Refusal
from protocol.codec import Frame, Header, read_header, to_json
from protocol.limits import Limits
from protocol.op import Op


@define(eq=False)
class _Kept:
    """What the next leader must know of a connection.

    `unanswered`: messages by their number. `overtaken`: those that do not hold back later replies.
    `waiting`: the games of which it is to be a member again, with what it has received.
    """

    claim: AnyClaim
    unanswered: dict[int, str] = Factory(dict)
    overtaken: set[int] = Factory(set)
    waiting: dict[str, int] = Factory(dict)


class FollowingSide(RemoteDecidingSide):
    """A `DecidingSide` that follows the leader. `node` names this run of the process."""

    def __init__(
        self,
        node: str,
        uplink: Uplink,
        calls: UplinkCalls,
        clock: Clock,
        counters: Counters,
        limits: Limits,
        version: str,
    ) -> None:
        super().__init__(uplink, calls, clock, counters, limits, version)
        self._node, self._uplink, self._node_calls = node, uplink, calls
        self._kept: dict[int, _Kept] = {}
        self._received: dict[str, int] = {}
        """The positions of the games with members that receive their publications."""

    # The link.

    def follow(self, link: Link, present: Mapping[str, Mapping[int, str]]) -> None:
        """Begin with a link: name all clients, and ask again what has no reply.

        `present`: the names of the users in each game, as the former leader said.
        """
        self._end_what_closes()
        link.send(NodeHello(VERSION, self._node))
        link.send(presence_known(present))
        for number, connection in self._connections.items():
            link.send(Returning(number, self._about(connection)))
        link.send(AllReturned())
        for connection in self._connections.values():
            self._ask_again(link, connection)
        self._uplink.attach(link)

    def _end_what_closes(self) -> None:
        """Forget what the clients have asked that were told, by a close frame, that it is over."""
        for connection in tuple(self._connections.values()):
            if connection.is_closing:
                self._end(connection.number)

    def _ask_again(self, link: Link, connection: Connection) -> None:
        kept = self._kept[connection.number]
        for _ in kept.overtaken:  # the next leader may answer them at once
            connection.in_flight.started()
        kept.overtaken.clear()
        for number, text in kept.unanswered.items():
            link.send(ClientMessage(connection.number, number, text.encode()))

    def lose(self) -> None:
        """The link has ended. Its calls fail, and members wait for the next leader."""
        self._uplink.detach()
        self._node_calls.ended()
        for game_id, members in self._subscribers.items():
            for number in members:
                self._kept[number].waiting[game_id] = self._received[game_id]
        self._subscribers.clear()
        self._received.clear()

    def _about(self, connection: Connection) -> bytes:
        identity = Identity(
            connection.connection_id, connection.user_id, connection.user_name, connection.is_host
        )
        about = {
            "claim": asdict(self._kept[connection.number].claim),
            "identity": asdict(identity),
            "games": self._kept[connection.number].waiting,
        }
        return orjson.dumps(about)

    # Messages of clients.

    def _text(self, frame: Frame, op: Op) -> str:
        """Return a message with an idempotency key, if it may change something."""
        return with_key(frame) if op.changes else frame.text

    def _pass(self, connection: int, number: int, text: str) -> None:
        self._kept[connection].unanswered[number] = text
        super()._pass(connection, number, text)

    # Messages of the leader.

    def on_message(self, message: LinkMessage) -> Continuation | None:
        """Handle a message of the leader, and note what the clients receive by it."""
        match message:
            case GameFrames(game_id=game_id, seq=seq) if game_id in self._received:
                self._received[game_id] = max(seq, self._received[game_id])
            case Subscribed():
                self._note_member(message)
            case Answered() | AnsweredLate() | Overtaken():
                self._note_answer(message)
        return super().on_message(message)

    def _note_member(self, message: Subscribed) -> None:
        kept, game_id = self._kept.get(message.connection), message.game_id
        if kept is not None:
            had = kept.waiting.pop(game_id, 0)  # after the replay it has at least that
            self._received[game_id] = max(message.seq, had, self._received.get(game_id, 0))

    def _note_answer(self, message: Answered | AnsweredLate | Overtaken) -> None:
        kept = self._kept.get(message.connection)
        if kept is None:
            return
        if isinstance(message, Overtaken):
            kept.overtaken.add(message.number)
        else:
            kept.unanswered.pop(message.number, None)
            kept.overtaken.discard(message.number)

    def _unsubscribe(self, game_id: str, number: int) -> None:
        super()._unsubscribe(game_id, number)
        if number in self._kept:
            self._kept[number].waiting.pop(game_id, None)
        if game_id not in self._subscribers:
            self._received.pop(game_id, None)

    # Connections.

    def _accept(
        self,
        number: int,
        claim: AnyClaim,
        connect: Callable[[Identity], Connection],
        answer: Mapping[str, Any],
    ) -> None:
        super()._accept(number, claim, connect, answer)
        self._kept[number] = _Kept(claim)

    def _end(self, number: int) -> None:
        super()._end(number)
        self._kept.pop(number, None)


def with_key(frame: Frame) -> str:
    """Return the text of a message with an idempotency key, which is new if it has none.

    A message with a malformed header stays as it is: it will be refused. The key is appended as a
    second header, which replaces the first: so numbers keep the digits that the client wrote.
    """
    try:
        header = read_header(frame)
    except Refusal:
        return frame.text
    if header.idempotency_key is not None:
        return frame.text
    text = frame.text.rstrip()
    return f'{text[:-1]},"header":{_keyed(header)}}}'


def _keyed(header: Header) -> str:
    fields: dict[str, Any] = {"idempotency_key": str(uuid4())}
    if header.request_id is not None:
        fields["request_id"] = header.request_id
    return to_json(fields).decode()
