"""The Python client, for programs on trio: `from toteboard.client import open_session`.

Most programs need a `Session`: typed calls, publications in order, and nothing lost or executed
twice when the connection or the server fails. A `Client` is one connection, for programs that
handle every message themselves. The requests are in `toteboard/client/requests.py`. For their
meaning, see docs/reference/ops.md.
"""

from protocol.op import Response
from toteboard.client.calls import Message, ServerRefusedError
from toteboard.client.connection import Client, connect, converse
from toteboard.client.news import Dropped, Missed, News, NotResumed, Publication, Resumed, Skipped
from toteboard.client.session import Session, SessionClosedError, open_session
from toteboard.client.sign_in import Password, SessionKey, SignInRefusedError, log_in, signed_url

__all__ = [
    "Client",
    "Dropped",
    "Message",
    "Missed",
    "News",
    "NotResumed",
    "Password",
    "Publication",
    "Response",
    "Resumed",
    "ServerRefusedError",
    "Session",
    "SessionClosedError",
    "SessionKey",
    "SignInRefusedError",
    "Skipped",
    "connect",
    "converse",
    "log_in",
    "open_session",
    "signed_url",
]
