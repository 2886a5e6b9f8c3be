"""Decides the requests to one game: checks the right of the user, then applies the rules.

The rules are in `game/decide.py`. Here they get what they must know beyond the game: the time, the
limits, the user whom a command names, the caller's rights, available balance and own limits.
"""

from collections.abc import Sequence

from attrs import evolve

from actors.games.delayed_bets import DelayedBets
from actors.link.request import Request
from actors.services import Services
from game.commands import OpenPool, PlaceBet
from game.context import DecisionContext
from game.decide import decide
from game.facts import Fact
from game.past import Past
from game.refusals import unknown
from game.rights import refuse_without
from game.state import Game
from game.vocabulary import Right
from storage.users import User


class Decider:
    """Decides for one game of the source `source_id`. Changes nothing."""

    __slots__ = ("_delayed", "_services", "_source_id")

    def __init__(self, services: Services, source_id: str, delayed: DelayedBets) -> None:
        self._services, self._source_id, self._delayed = services, source_id, delayed

    def decide(
        self, game: Game, request: Request, now: int, past: Past | None = None
    ) -> tuple[Sequence[Fact], User | None]:
        """Return the facts that a request brings about at `now` (epoch ms), and its subject.

        The subject is the user whom the command names, if any. `past`: the past results that the
        request concerns. Raise `Refusal`, and `StorageError`
        if users or admins cannot be read.
        """
        command = request.command
        name = getattr(command, "username", None)
        subject = None if name is None else self._user(name)
        self.refuse_without_right(game, request, subject)
        context = self._context(game, request, now, subject)
        if past is not None:
            context = self._with_past(game, context, past)
        return decide(game, command, context), subject

    def _with_past(self, game: Game, context: DecisionContext, past: Past) -> DecisionContext:
        bank = self._services.bank
        free = {
            user_id: bank.free(user_id, game.currency)
            for pool in past.pools
            for user_id in pool.received
        }
        carry = bank.carries.of(game.source_id, game.currency).free(game.game_id)
        return evolve(context, past=past, free=free, carry=carry)

    def _is_source_admin(self, user_id: int) -> bool:
        return self._services.source_admins.has(self._source_id, user_id)

    def _user(self, name: str) -> User:
        user = self._services.reads.user_by_name(name)
        if user is None:
            raise unknown("user", name)
        return user

    def refuse_without_right(
        self, game: Game, request: Request, subject: User | None = None
    ) -> None:
        """Raise `Refusal` if the caller lacks the right, and `StorageError`."""
        if request.is_authorized or request.op.right is Right.ANYONE:
            return
        refuse_without(
            request.op.right,
            is_source_admin=self._is_source_admin(request.user_id),
            is_game_admin=request.user_id in game.admins,
            is_subject=subject is not None and subject.id == request.user_id,
        )

    def _context(
        self, game: Game, request: Request, now: int, subject: User | None
    ) -> DecisionContext:
        user_id, limits = request.user_id, self._services.limits
        is_admin, available, carry, delayed = False, 0, 0, (0, 0)
        restraint = None
        if isinstance(request.command, OpenPool):
            carries = self._services.bank.carries
            carry = carries.of(game.source_id, game.currency).free(game.game_id)
        if isinstance(request.command, PlaceBet):
            self._services.bettors.refuse_barred(user_id)
            self._services.moderation.refuse_banned(self._source_id, user_id)
            available = self._services.bank.free(user_id, game.currency)
            restraint = self._services.bank.restraint(user_id, game.currency, now)
            delayed = self._delayed.of(request.command.pool_id, user_id)
            if not limits.admins_may_bet:
                is_admin = user_id in game.admins or self._is_source_admin(user_id)
        return DecisionContext(
            now=now,
            user_id=user_id,
            limits=limits,
            subject_id=None if subject is None else subject.id,
            is_admin=is_admin,
            available=available,
            carry=carry,
            delayed_bets=delayed[0],
            delayed_stakes=delayed[1],
            restraint=restraint,
        )
