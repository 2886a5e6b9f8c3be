"""The columns of the op table, and the response codes.

The rows are in `protocol/ops.py`. No other file contains a response code.
"""

from enum import Enum, IntEnum, auto
from typing import Any

from attrs import field, fields, frozen

from game.commands import Command
from game.refusals import Code
from game.vocabulary import Right

Body = dict[str, Any]
"""A reply or publication without its `response_header`."""


class Response(IntEnum):
    """The `res` codes. `get_opcodes` lists the names in lower case."""

    PONG = 1
    OPCODES = 2
    LOGON_SUCCESS = 100
    LOGON_FAIL_ALREADY_LOGGED_IN = 112
    RENEWED = 1110
    USER_BALANCE_CURRENT = 800
    USER_BALANCE_AVAILABLE = 810
    USER_BALANCE_UPDATE = 815
    USER_EXPOSURE = 840
    USER_STATEMENT = 8200
    MY_LIMITS = 8300
    BREAK_TAKEN = 8310
    TEXT_MESSAGE = 901
    USER_MUTED = 9021
    USER_UNMUTED = 9031
    USER_BANNED = 9041
    BAN_LIFTED = 9051
    SLOW_MODE_SET = 9061
    MESSAGE_REMOVED = 9011
    LEADERBOARD = 450
    LEADERBOARD_FOR_GAME = 451
    BETTING_POOL_OPENED = 350
    NEW_BETTING_POOL = 352
    MY_OPEN_POOLS_FOR_GAME = 353
    MY_RUNNING_POOLS_FOR_GAME = 354
    ALL_POOLS_FOR_GAME = 3535
    MY_RESOLVED_POOLS_FOR_GAME = 355
    RESOLVED_POOLS_FOR_GAME = 3551
    BET_PLACED = 356
    POOL_BETS_DISTRIBUTION = 360
    BETS_DISTRIBUTION_CHANGED = 361
    RECEIPT = 3911
    BET_POOL_RESOLVED = 362
    BET_POOL_EXPIRED = 363
    BET_POOL_CORRECTED = 3621
    BET_POOL_DECIDED = 3622
    GAME_EVENT_REGISTERED = 366
    GAME_EVENT_TAKEN_BACK = 3661
    POOL_SUGGESTED_AS_HOT = 367
    BETTING_IN_POOL_BLOCKED = 368
    TARGET_SCRATCHED = 3681
    BETTING_IN_POOL_ALLOWED = 369
    BETTING_FOR_ACTION_BLOCKED = 370
    BETTING_FOR_ACTION_ALLOWED = 371
    BETTING_POOL_CANCELLED = 3991
    BETTING_POOL_CONFIRMED = 3952
    GAME_CLOSING = 3411
    GAME_JOINED = 333
    GAME_LEFT = 334
    GAME_SOURCE_OPENED = 335
    GAME_SOURCE_CLOSED = 336
    GAME_SOURCE_CLOSING = 3361
    GAME_CREATED_AND_OPENED = 340
    GAME_CREATED = 3401
    GAME_OPENED = 3402
    GAME_CLOSED = 341
    GAME_DETAILS = 342
    GAME_DETAILS_UPDATED = 343
    GAMES_LIST_FOR_SOURCE = 345
    GAMES_LIST = 3452
    UPCOMING_GAMES_LIST_FOR_SOURCE = 3461
    USER_JOINED_GAME = 470
    GAME_PRESENCE = 475
    USER_LEFT_GAME = 480
    APPOINT_ADMIN_FOR_GAME_SUCCESS = 617
    DISMISS_ADMIN_FOR_GAME_SUCCESS = 618
    GAMES_LIST_I_AM_ADMIN_OF = 620
    GAME_SOURCES_LIST_I_AM_ADMIN_OF = 621
    BECOME_AN_ADMIN_FOR_GAME_SUCCESS = 640
    BECOME_AN_ADMIN_FOR_GAME_FAIL = 645
    ERROR = 666


class Route(Enum):
    """What answers an op: the edge, the deciding side without an actor, the store, or an actor."""

    EDGE = auto()
    CONNECTION = auto()
    STORE = auto()
    SOURCES = auto()
    GAME = auto()
    POOL = auto()


@frozen(kw_only=True)
class Op:
    """A row of the op table.

    - `command`: the class of its parameters.
    - `replies`: the possible replies on success; `published`: the possible publications.
    - `refusals`: the possible refusals beyond those of every op (`COMMON_REFUSALS`).
    - `shared`: the publication that is also the caller's reply.
    - `sums_up`: the reply comes after the publications.
    - `after_prior_commits`: it is handled once everything requested before it is on disk and sent.
    - `keeps_its_place`: a query that does not wait behind later changes.
    - `has_constant_reply`: the body of the reply is the same as long as the server runs.
    """

    code: int
    name: str
    command: type[Command]
    route: Route
    replies: tuple[Response, ...]
    published: tuple[Response, ...] = ()
    right: Right = Right.ANYONE
    after_prior_commits: bool = False
    keeps_its_place: bool = False
    has_constant_reply: bool = False
    shared: Response | None = None
    sums_up: bool = False
    refusals: tuple[Code, ...] = ()
    changes: bool = field(init=False)
    """Whether the op writes facts, and accepts an idempotency key."""

    @changes.default
    def _writes_facts(self) -> bool:
        return self.command.changes

    is_query: bool = field(init=False)
    """Whether the op writes no facts, and its reply shows committed state.

    Queries wait behind changes, and their replies count towards `cost_limit`.
    """

    @is_query.default
    def _reads_committed_state(self) -> bool:
        return self.after_prior_commits and not self.changes

    @property
    def yields_to_changes(self) -> bool:
        """Return whether the op waits behind later changes, as queries do.

        A join does not. In a busy game, the facts to replay would grow while it waits, and many
        clients that reconnect at the same time would have to `resync`.
        """
        return self.is_query and not self.keeps_its_place

    @property
    def parameters(self) -> tuple[str, ...]:
        """Return the names of the parameters in the order in which they are checked."""
        return tuple(wire_name(field.name) for field in fields(self.command))  # type: ignore[arg-type]

    @property
    def summary(self) -> str:
        """Return the first paragraph of the command's docstring, for the references."""
        return " ".join((self.command.__doc__ or "").split("\n\n")[0].split())


def wire_name(field_name: str) -> str:
    """Return the name of a parameter in messages: `from` for the field `from_`."""
    return field_name.removesuffix("_")
