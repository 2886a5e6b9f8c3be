"""The bets in play that wait for the delay of their pool (contract, section 7, "Bet delay").

A host sees an event later than some of the players, who could bet on it meanwhile. So a pool may
let each bet wait for longer than the host needs to block the pool or to register the event.

    392 -> decide -> wait here, its stake reserved -+-> its time has come: decided again, as if it
                                                    |   had arrived then
                                                    +-> refused as soon as it could not be placed
                                                    |   any more, or an event was registered
                                                    +-> refused: the server stops, a commit failed,
                                                        the actor was restarted

Nothing is stored or published about a bet that waits: it would tell the other players what its
bettor knows. After a crash it is gone, and a retry with its idempotency key places it again.

What decides is in `actors/games/game_actor.py`; the rules are in `game/wagering.py`.
"""

import math
from bisect import insort
from collections.abc import Callable, Sequence
from operator import attrgetter

import trio
from attrs import define, field

from actors.games.server_call import ServerCall
from actors.services import Services
from game.commands import Command, PlaceBet, RegisterEvent
from game.facts import BetPlaced, EventRegistered, Fact
from game.ledger import Movement, movements
from game.refusals import Refusal, something_happened
from game.state import Game
from game.wagering import delay_of, pool_for
from protocol.errors import overloaded

TOLERANCE_MS = 1_000
"""How much later than planned a bet may be decided, or earlier after a step of the clock. Otherwise
no host could have blocked in time, and the bet is refused."""

UNTIMELY = "its clock did not run evenly while your bet waited"


@define(eq=False)
class DelayedBet:
    """A bet that waits from `asked_at` until `decides_at` (epoch ms).

    `moves` is its stake as it is reserved; none once it is free again.
    """

    call: ServerCall
    command: PlaceBet
    asked_at: int
    decides_at: int
    currency: str
    moves: Sequence[Movement]
    ends_at: float = field(init=False)
    """When the delay ends by a clock that nobody can set (trio's time)."""

    def __attrs_post_init__(self) -> None:
        self.ends_at = trio.current_time() + (self.decides_at - self.asked_at) / 1_000

    @property
    def owner(self) -> tuple[str, int]:
        """The pool and the user."""
        return self.command.pool_id, self.call.request.user_id

    @property
    def delay_left(self) -> float:
        """How much of the delay is left by a clock that nobody can set (ms)."""
        # Rounded, so that the error of a float does not decide whether the tolerance is exceeded.
        return round((self.ends_at - trio.current_time()) * 1_000, 3)

    def refuse_if_untimely(self, now: int) -> None:
        """Raise `Refusal` if the machine was paused or its clock was set while the bet waited.

        `now` is in epoch milliseconds.
        """
        if self.delay_left > TOLERANCE_MS or now - self.decides_at > TOLERANCE_MS:
            raise overloaded(UNTIMELY)


_BY_TIME = attrgetter("decides_at")
_BY_END = attrgetter("ends_at")


class DelayedBets:
    """The delayed bets of one game, in the order in which they are decided.

    Their stakes are reserved in the bank for as long as they are here.
    """

    __slots__ = ("_bank", "_bets", "_by_end", "_owners", "_stopping")

    def __init__(self, services: Services) -> None:
        self._bank, self._stopping = services.bank, services.stopping
        self._bets: list[DelayedBet] = []
        self._by_end: list[DelayedBet] = []
        """The same bets. The order is another one once the clock has been set."""
        self._owners: dict[tuple[str, int], list[DelayedBet]] = {}

    def __len__(self) -> int:
        return len(self._bets)

    @property
    def wake_at(self) -> int | None:
        """When the next bet is decided (epoch ms), or None."""
        return self._bets[0].decides_at if self._bets else None

    @property
    def hopeless_at(self) -> float:
        """When a bet must be refused whose time the clock has not reached (trio's time)."""
        return self._by_end[0].ends_at + (TOLERANCE_MS + 1) / 1_000 if self._by_end else math.inf

    def of(self, pool_id: str, user_id: int) -> tuple[int, int]:
        """Return how many bets of a user wait in a pool, and their stakes in hundredths."""
        bets = self._owners.get((pool_id, user_id), ())
        return len(bets), sum(bet.command.amount for bet in bets)

    def has_to_wait(self, game: Game, command: Command) -> bool:
        """Return whether a command is a bet that waits, if it is placed now."""
        return isinstance(command, PlaceBet) and delay_of(game, command.pool_id) > 0

    def add(self, call: ServerCall, facts: Sequence[Fact], game: Game, now: int) -> None:
        """Let a bet wait, which would cause `facts` at `now` (epoch ms). Reserve its stake.

        It waits for the delay, or until its pool stops accepting bets and refuses it. Raise
        `Refusal` if the server stops, and `StorageError`.
        """
        command = call.request.command
        assert isinstance(command, PlaceBet)
        if self._stopping.is_set():
            raise overloaded("it is stopping")
        decides_at = now + delay_of(game, command.pool_id)
        stops_at = game.pools[command.pool_id].opened.stop_accepting_bets_at
        if stops_at is not None:
            decides_at = min(decides_at, stops_at)
        moves = [move for fact in facts for move in movements(fact)]
        self._bank.reserve(moves, game.currency)
        call.let_overtake()
        bet = DelayedBet(call, command, now, decides_at, game.currency, moves)
        insort(self._bets, bet, key=_BY_TIME)
        insort(self._by_end, bet, key=_BY_END)
        self._owners.setdefault(bet.owner, []).append(bet)

    def next(self) -> DelayedBet:
        """Return the bet that is decided next. Its stake is free again.

        It stays here until `remove_next`: if its decision fails by a bug, it is refused.
        """
        bet = self._bets[0]
        self._free(bet)
        return bet

    def remove_next(self) -> None:
        """Remove the bet that was decided."""
        self._by_end.remove(self._bets.pop(0))

    def take_refused(
        self, game: Game, facts: Sequence[Fact], command: Command | None
    ) -> list[tuple[ServerCall, Refusal]]:
        """Remove and return the bets that could not be placed any more, now that `facts` apply.

        `command` has caused the facts, unless a time has. An event refuses the other bets too,
        unless the host says that it is not material. Their stakes are free again.
        """
        if all(isinstance(fact, BetPlaced) for fact in facts):
            return []
        is_spared = isinstance(command, RegisterEvent) and not command.is_material
        has_happened = not is_spared and any(isinstance(fact, EventRegistered) for fact in facts)

        def refusal_of(bet: DelayedBet) -> Refusal | None:
            try:
                pool_for(game, bet.command, game.clock)
            except Refusal as refusal:
                return refusal
            return something_happened() if has_happened else None

        return self._take(refusal_of)

    def refuse_all(self, why: Refusal) -> None:
        """Refuse all bets immediately: nothing was decided about them."""
        self._refuse(lambda _: why)

    def refuse_hopeless(self) -> None:
        """Refuse all bets if the server stops, else those whose time the clock does not reach."""
        if not self._bets:
            return
        if self._stopping.is_set():
            self.refuse_all(overloaded("it is stopping"))
        elif self._by_end[0].delay_left < -TOLERANCE_MS:
            why = overloaded(UNTIMELY)
            self._refuse(lambda bet: why if bet.delay_left < -TOLERANCE_MS else None)

    def _refuse(self, refusal_of: Callable[[DelayedBet], Refusal | None]) -> None:
        for call, refusal in self._take(refusal_of):
            call.refuse_now(refusal)

    def _take(
        self, refusal_of: Callable[[DelayedBet], Refusal | None]
    ) -> list[tuple[ServerCall, Refusal]]:
        """Remove and return the bets for which there is a refusal."""
        bets, self._bets = self._bets, []
        refused = []
        for bet in bets:
            refusal = refusal_of(bet)
            if refusal is None:
                self._bets.append(bet)
            else:
                self._free(bet)
                refused.append((bet.call, refusal))
        if refused:
            waiting = set(map(id, self._bets))
            self._by_end = [bet for bet in self._by_end if id(bet) in waiting]
        return refused

    def _free(self, bet: DelayedBet) -> None:
        if not bet.moves:
            return
        bet.call.resume()
        self._bank.release(bet.moves, bet.currency)
        bet.moves = ()
        owned = self._owners[bet.owner]
        owned.remove(bet)
        if not owned:
            del self._owners[bet.owner]
