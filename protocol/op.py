"""What a row of the op table says, and the response codes that it names.

The rows are in `protocol/ops.py`; the codes of responses stand here and nowhere else.
"""

from enum import Enum, IntEnum, auto

from attrs import field, fields, frozen

from game.commands import Command
from game.refusals import Code
from game.vocabulary import Right


class Response(IntEnum):
    """The `res` codes; the names in lower case are those of `get_opcodes`."""

    PONG = 1
    OPCODES = 2
    LOGON_SUCCESS = 100
    LOGON_FAIL_ALREADY_LOGGED_IN = 112
    USER_BALANCE_CURRENT = 800
    USER_BALANCE_AVAILABLE = 810
    USER_BALANCE_UPDATE = 815
    USER_EXPOSURE = 840
    TEXT_MESSAGE = 901
    LEADERBOARD = 450
    LEADERBOARD_FOR_GAME = 451
    BETTING_POOL_OPENED = 350
    NEW_BETTING_POOL = 352
    MY_OPEN_POOLS_FOR_GAME = 353
    MY_RUNNING_POOLS_FOR_GAME = 354
    ALL_POOLS_FOR_GAME = 3535
    MY_RESOLVED_POOLS_FOR_GAME = 355
    BET_PLACED = 356
    POOL_BETS_DISTRIBUTION = 360
    BETS_DISTRIBUTION_CHANGED = 361
    BET_POOL_RESOLVED = 362
    BET_POOL_EXPIRED = 363
    GAME_EVENT_REGISTERED = 366
    POOL_SUGGESTED_AS_HOT = 367
    BETTING_IN_POOL_BLOCKED = 368
    BETTING_IN_POOL_ALLOWED = 369
    BETTING_FOR_ACTION_BLOCKED = 370
    BETTING_FOR_ACTION_ALLOWED = 371
    BETTING_POOL_CANCELLED = 3991
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
    """Which task answers an op."""

    CONNECTION = auto()
    SOURCES = auto()
    GAME = auto()
    POOL = auto()


@frozen(kw_only=True)
class Op:
    """A row of the table.

    `replies`: what the caller may be told when it is done; `published`: what subscribers may be
    told; `refusals`: beyond those that every op can earn (`COMMON_REFUSALS`).
    `shared`: the publication that is the caller's reply too; `sums_up`: the reply comes last.
    `after_prior_commits`: everything asked before it is on disk and told before it is looked at.
    `keeps_its_place`: a question that does not wait behind changes that came after it.
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
    shared: Response | None = None
    sums_up: bool = False
    refusals: tuple[Code, ...] = ()
    changes: bool = field(init=False)
    """Whether the op writes facts, and so may come with an idempotency key."""

    @changes.default
    def _writes_facts(self) -> bool:
        return self.command.changes

    is_query: bool = field(init=False)
    """Whether it writes nothing and is answered with how things stand.

    Questions wait behind changes, and their replies count towards `cost_limit`.
    """

    @is_query.default
    def _asks_how_things_stand(self) -> bool:
        return self.after_prior_commits and not self.changes

    @property
    def yields_to_changes(self) -> bool:
        """Whether the op waits behind changes that came after it, as questions do.

        A join does not: the longer it waited in a busy game, the more there would be to send
        again, and a crowd that comes back at once would be told to `resync`.
        """
        return self.is_query and not self.keeps_its_place

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, in the order in which they are checked."""
        return tuple(field.name for field in fields(self.command))  # type: ignore[arg-type]
