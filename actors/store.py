"""Performs named writes on a running server, one at a time, and acts on each after its commit.

`storage/store.py` lists the writes and decides what each one changes. The control socket
(`toteboard/operator/`), the HTTP accounts (`toteboard/http/accounts.py`) and the operator's API
(`toteboard/api/`) bring them here. Only here does a write reach the rest of the server:

| write | after the commit |
|---|---|
| a payment | the bank moves the balances; the user's connections receive them (815) |
| a new session key | the user's connections are closed (1008) |
| the right to open sources changes | the user's connections are closed (1008): they know the old |
| a user is disabled or erased | the user's connections are closed (1008) |
| a sign-in with a token | what it says about betting holds for the next bet |
| a user is muted or banned, a game is slowed | it holds for the next join, bet or chat line |
| a player sets limits or takes a break, or it is lifted | it holds for the next bet and line |
| a source has a new admin | the source admins in memory learn it |
| a hook is replayed | its reader begins again |

Payments. The file does not show the stakes whose commit is in progress. So a payment is first
decided from the file as it is, without writing. The bank reserves what it takes, or refuses. Then
the payment is decided again and committed. Writes come one at a time, so both decisions are the
same; and no bet can take what is reserved.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import structlog
import trio

from actors.games.bank import BalanceChanged
from actors.games.outgoing import balance_updates
from actors.link.encoded_message import single
from actors.services import Services
from storage.accounts import MoneyMoved
from storage.api_replies import ApiCall
from storage.errors import LeadershipLostError, StorageError
from storage.hooks import ReplayHook
from storage.kept_replies import RequestedWrite
from storage.limit_writes import LiftBreak, SetOwnLimits, TakeBreak
from storage.moderation import ChangeSlowMode, SetSanction
from storage.payments import HoldResolvedError, Pay, ResolveHold
from storage.store import AddSourceAdmin, DisableUser, MakeKey, SignIn
from storage.token_writes import TokenUser
from storage.user_writes import EnableUser, EraseUser, SetAccess, SetHost
from storage.write import DecidedWrite, Values, Write

log = structlog.get_logger()

NEW_KEY = "a new session key was made"
DISABLED = "the user was disabled"
NEW_RIGHTS = "the user's rights were changed"
LONGEST_WAIT_S = 60.0
"""How long to wait at most for a hold to expire, because the machine's clock may be set."""


class Store:
    """The only way to change the database, other than by the facts of games."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._turn = trio.Lock()
        self._has_new_hold = trio.Event()

    async def perform(self, write: Write) -> Values:
        """Commit a write, then act on it before anything else can; return its values.

        Once begun, it is not cancelled. Raise OperatorError or StorageError if nothing was changed.
        """
        async with self._turn:
            now = self._services.clock.now()
            decided = self._decided(write, now)
            try:
                with self._reserved(decided.moved), trio.CancelScope(shield=True):
                    values = await self._services.writer.perform(write, now)
                    keys = ((one.user_id, one.currency) for one in decided.moved)
                    await self._services.bank.order.caught_up(keys)
            except LeadershipLostError:
                # Nobody may be told yes or no: the next leader knows. The term ends, and this task.
                await trio.sleep_forever()
            asked = write.write if isinstance(write, ApiCall | RequestedWrite) else write
            if not (decided.is_repeated or values.get("is_replay")):
                self._push(self._services.bank.pay(decided.moved))
                self._act_on(asked, values)
                self._act_on_rules(asked, values)
        return values

    async def run(self) -> None:
        """Release the holds whose time has passed, until cancelled."""
        while True:
            wait_s = LONGEST_WAIT_S
            try:
                wait_s = await self._release_expired()
            except StorageError as error:
                log.error("storage_failed", error=str(error))
            with trio.move_on_after(wait_s):
                await self._has_new_hold.wait()
            self._has_new_hold = trio.Event()

    async def _release_expired(self) -> float:
        """Release the expired holds. Return how long to wait for the next, in seconds."""
        while (due := self._services.reads.next_expiry()) is not None:
            at, hold_id = due
            if (early_ms := at - self._services.clock.now()) > 0:
                return min(LONGEST_WAIT_S, early_ms / 1_000)
            with suppress(HoldResolvedError):  # posted meanwhile
                await self.perform(ResolveHold(hold_id, 0, is_expiry=True))
        return math.inf

    def _decided(self, write: Write, now: int) -> DecidedWrite:
        """Decide a payment without writing, to learn what it moves; other writes move nothing."""
        if write.moves_money:
            return self._services.reads.decided(write, now)
        return DecidedWrite((), {})

    @contextmanager
    def _reserved(self, moved: Sequence[MoneyMoved]) -> Iterator[None]:
        """Keep what a payment takes from being staked until its commit is over."""
        self._services.bank.reserve_payments(moved)
        try:
            yield
        finally:
            self._services.bank.release_payments(moved)

    def _act_on(self, write: Write, values: Values) -> None:
        values = values.get("body", values)
        match write:
            case MakeKey():
                self._services.connections.close_all_of(values["id"], NEW_KEY)
            case TokenUser():
                self._services.bettors.set(values["id"], may_bet=values["may_bet"])
                if values["is_new"] or values["changed"]:
                    reason = NEW_KEY if values["is_new"] else NEW_RIGHTS
                    self._services.connections.close_all_of(values["id"], reason)
            case SetHost():
                self._services.connections.close_all_of(values["id"], NEW_RIGHTS)
            case SignIn() if values["is_new"]:
                self._services.connections.close_all_of(values["id"], NEW_KEY)
            case AddSourceAdmin():
                self._services.source_admins.add(values["source_id"], values["id"])
            case ReplayHook():
                self._services.fact_watches.begin_again(write.name)
            case Pay(kind="hold"):
                self._has_new_hold.set()
            case DisableUser() | EraseUser() | SetAccess(disabled=True):
                self._services.connections.close_all_of(values["id"], DISABLED)

    def _act_on_rules(self, write: Write, values: Values) -> None:
        """Let what a user may not do hold for the next request."""
        moderation = self._services.moderation
        values = values.get("body", values)
        match write:
            case ChangeSlowMode():
                moderation.slowed(write.game_id, write.ms)
            case SetSanction(is_lifted=True):
                moderation.lifted(write.kind, write.venue.id, values["user_id"])
            case SetSanction():
                moderation.sanctioned(write.kind, write.venue.id, values["user_id"], write.until)
            case SetOwnLimits() | TakeBreak() | LiftBreak():
                self._services.bank.restraints.changed(write.user_id)
            case DisableUser() | EraseUser() | SetAccess(disabled=True):
                self._services.bettors.set_disabled(values["id"], is_disabled=True)
            case EnableUser() | SetAccess(disabled=False):
                self._services.bettors.set_disabled(values["id"], is_disabled=False)

    def _push(self, changes: Sequence[BalanceChanged]) -> None:
        now, connections = self._services.clock.now(), self._services.connections
        for update in balance_updates(changes, connections, now):
            if update.caller is not None:
                update.caller.send(single(update.message))
