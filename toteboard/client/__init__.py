"""The Python client, for programs on trio: `from toteboard.client import open_session`.

A `Session` is what a program wants: typed calls, publications in order, and nothing lost or done
twice when the connection or the server goes away. A `Client` is one connection and the envelope,
for those who want to see every message as it comes. What can be asked is in
`toteboard/client/requests.py`; what it means, in docs/reference/ops.md.
"""

from protocol.op import Response
from toteboard.client.calls import ServerRefusedError
from toteboard.client.connection import Client, Message, connect, converse
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
