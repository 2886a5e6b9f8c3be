"""The columns of the table of calls, and what a call that was made consists of."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import Factory, frozen
from starlette.responses import Response

from protocol.schemas import Schema
from storage.api_keys import ApiKey, KeyRole
from toteboard.api.refusals import ApiCode

if TYPE_CHECKING:
    from toteboard.api.desk import Desk

EVERY_ROLE = frozenset(KeyRole)
MAY_PAY = frozenset({KeyRole.CASHIER, KeyRole.OPERATOR})
MAY_MODERATE = frozenset({KeyRole.MODERATOR, KeyRole.OPERATOR})
MAY_ALL = frozenset({KeyRole.OPERATOR})
"""Who may make a call."""


@frozen(kw_only=True)
class Asked:
    """A call that was made by a key that may make it.

    `path`: the values in the path. `parameters`: an instance of the row's `parameters`. `name`: the
    method and path. `body`: the body as it was sent.
    """

    key: ApiKey
    path: Mapping[str, str] = Factory(dict)
    parameters: Any = None
    name: str = ""
    body: bytes = b""
    idempotency_key: str | None = None


Answering = Callable[["Desk", Asked], Awaitable[Response]]


@frozen(kw_only=True)
class CallRow:
    """A row of the table.

    - `roles`: the roles of keys that may make the call. `of_source`: also keys of that source.
    - `parameters`: the class of the body of a POST, or of the query of a GET.
    - `of_every_key`: also keys of any source.
    - `status`: that of success. `answer`: the schema of the body, None for a stream of lines.
    - `errors`: the possible codes beyond those of every call.
    """

    method: str
    path: str
    name: str
    about: str
    roles: frozenset[KeyRole]
    answering: Answering
    answer: Schema | None
    parameters: type
    status: int = 200
    of_source: bool = False
    of_every_key: bool = False
    errors: tuple[ApiCode, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether the call changes something, and accepts an idempotency key."""
        return self.method == "POST"
