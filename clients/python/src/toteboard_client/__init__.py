"""A client of Toteboard for Python programs, under asyncio and trio.

Most programs need a `Session`: typed calls, publications in order, and nothing lost or executed
twice when the connection or the server fails. `Session.join` returns a `Game`. Scripts without
await use `toteboard_client.sync`. A `Client` is one connection, for programs that handle every
message themselves.
"""

from toteboard_client import messages, refusals
from toteboard_client.connection import Client, connect, connect_as_guest, converse
from toteboard_client.errors import (
    CloseReason,
    ConnectionClosedError,
    ConnectionRejectedError,
    HandshakeError,
    Message,
    RefusedError,
    SessionClosedError,
    SignInRefusedError,
    ToteboardError,
)
from toteboard_client.game import Game
from toteboard_client.money import Amount, Money
from toteboard_client.news import Dropped, Missed, News, NotResumed, Resumed, Skipped
from toteboard_client.reading import Received, UnknownMessage
from toteboard_client.session import NO_CONNECTION, Session, open_session, stay_connected
from toteboard_client.sign_in import (
    Credentials,
    Password,
    SessionKey,
    guest_url,
    log_in,
    signed_url,
)
from toteboard_client.version import __version__

__all__ = [
    "NO_CONNECTION",
    "Amount",
    "Client",
    "CloseReason",
    "ConnectionClosedError",
    "ConnectionRejectedError",
    "Credentials",
    "Dropped",
    "Game",
    "HandshakeError",
    "Message",
    "Missed",
    "Money",
    "News",
    "NotResumed",
    "Password",
    "Received",
    "RefusedError",
    "Resumed",
    "Session",
    "SessionClosedError",
    "SessionKey",
    "SignInRefusedError",
    "Skipped",
    "ToteboardError",
    "UnknownMessage",
    "__version__",
    "connect",
    "connect_as_guest",
    "converse",
    "guest_url",
    "log_in",
    "messages",
    "open_session",
    "refusals",
    "signed_url",
    "stay_connected",
]
