"""The messages that actors send, before they are encoded, and who receives them.

A message knows its code, its position in the game and its role. So the code that decides about a
message does not look into its body.

    OutgoingMessage --encode--> EncodedMessage --+--> Broadcast       every subscriber
                                                 +--> DirectMessage   one connection
"""

from collections.abc import Iterable
from enum import Enum, auto

from attrs import define

from actors.connections import Connections
from actors.games.bank import BalanceChanged
from actors.link.caller import Caller
from actors.link.encoded_message import EncodedMessage, encode
from protocol import pool_messages
from protocol.op import Body, Response

SUMMARIES = (Response.GAME_CLOSED, Response.GAME_CLOSING)
"""Messages that come after everything that they sum up, balances too (contract, section 1)."""


class Role(Enum):
    """Who receives a message: the caller, every subscriber, or every subscriber and the caller."""

    REPLY = auto()
    PUBLICATION = auto()
    BOTH = auto()


@define(eq=False)
class Position:
    """Where a message stands in a game (contract, section 6). Only publications have `prev_seq`."""

    seq: int
    prev_seq: int | None = None


@define(eq=False)
class OutgoingMessage:
    """A message that is not encoded yet. `body` has no position."""

    res: Response
    body: Body
    position: Position | None = None
    role: Role = Role.REPLY

    @property
    def is_publication(self) -> bool:
        """Whether it has the position of a publication, which a later reply must not repeat."""
        return self.position is not None and self.position.prev_seq is not None

    @property
    def sums_up(self) -> bool:
        """Whether it comes after the other messages of its commit."""
        return self.res in SUMMARIES

    def full_body(self) -> Body:
        """Return the body with the position."""
        position = self.position
        if position is None:
            return self.body
        if position.prev_seq is None:
            return self.body | {"seq": position.seq}
        return self.body | {"seq": position.seq, "prev_seq": position.prev_seq}

    def without_position(self) -> "OutgoingMessage":
        """Return the message for a caller that is no subscriber, or that receives it late."""
        return OutgoingMessage(self.res, self.body, None, self.role)


def outgoing(
    body: Body, position: Position | None = None, role: Role = Role.REPLY
) -> OutgoingMessage:
    """Return a message with this body."""
    return OutgoingMessage(body["res"], body, position, role)


@define(eq=False)
class Broadcast:
    """A message to every subscriber but `besides`, whose reply it is."""

    message: EncodedMessage
    besides: Caller | None = None
    sums_up: bool = False


@define(eq=False)
class DirectMessage:
    """A message to one connection. A request of the server itself has no caller."""

    caller: Caller | None
    message: EncodedMessage
    sums_up: bool = False


Delivery = Broadcast | DirectMessage


def balance_updates(
    changes: Iterable[BalanceChanged], connections: Connections, now: int
) -> list[DirectMessage]:
    """Return an 815 for each connection of each user whose balance has changed."""
    messages: list[DirectMessage] = []
    for change in changes:
        body = pool_messages.balance_update(
            change.currency, change.current, change.available, change.cause, **change.where
        )
        encoded = encode(body, now)
        messages += [DirectMessage(each, encoded) for each in connections.of(change.user_id)]
    return messages
