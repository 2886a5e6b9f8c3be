"""A state machine of one game: commands in any order, time that passes, clocks set back."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from game.commands import (
    AppointAdmin,
    BecomeAdmin,
    CloseGame,
    Command,
    DismissAdmin,
    OpenGame,
    UpdateGame,
)
from game.due import wake_at
from game.facts import AdminAppointed, AdminDismissed, GameClosed, StatusReached
from game.limits import RuleLimits
from game.refusals import Code, Refusal
from game.state import apply, replay, status_at
from game.state import create as game_of
from game.vocabulary import Phase, Status
from tests.support.play import GAME, NOW, Play, creation

LIMITS = RuleLimits(max_game_admins=2)
distances = st.sampled_from([None, 9, 5, 2, 1, 0, -3])
"""Few values, so that times are often equal and often in order."""
users = st.integers(1, 4)
actions = st.lists(st.sampled_from(["Goal", "GOAL", "Yellow Card"]), max_size=2).map(tuple)
paths = st.lists(st.sampled_from(["A", "a:1", "B:x:Y", "None"]), max_size=3).map(tuple)


class GameMachine(RuleBasedStateMachine):
    """One game. All invariants hold after every step."""

    @initialize(opened=st.booleans(), opens=distances, live=distances, closes=distances)
    def create(self, opened: bool, opens: int | None, live: int | None, closes: int | None) -> None:
        command = creation(
            opened=opened, open_at=_at(opens), live_start_at=_at(live), close_at=_at(closes)
        )
        if command.wrong_at(NOW):
            command = creation(opened=opened, open_at=_at(opens), live_start_at=_at(live))
        self.play = Play(command, limits=LIMITS)

    @rule(ms=st.sampled_from([1, 0, 3, 8]))
    def time_passes(self, ms: int) -> None:
        self.play.wait_until(self.play.now + ms)

    @rule(ms=st.integers(1, 3))
    def the_clock_is_set_back(self, ms: int) -> None:
        self.play.wait_until(self.play.now - ms)

    @rule(actions=actions, paths=paths)
    def open(self, actions: tuple[str, ...], paths: tuple[str, ...]) -> None:
        self.do(OpenGame(game_id=GAME, actions=actions, targets=paths))

    @rule(actions=actions, paths=paths, name=st.sampled_from([None, "Final"]))
    def update_names(
        self, actions: tuple[str, ...], paths: tuple[str, ...], name: str | None
    ) -> None:
        self.do(UpdateGame(game_id=GAME, actions=actions, targets=paths, game_name=name))

    @rule(opens=distances, live=distances, closes=st.one_of(distances, st.just(-NOW)))
    def update_times(self, opens: int | None, live: int | None, closes: int | None) -> None:
        """Update the times, relative to now. A `close_at` may be 0."""
        now = self.play.now
        times = (_at(opens, now), _at(live, now), 0 if closes == -NOW else _at(closes, now))
        self.do(
            UpdateGame(game_id=GAME, open_at=times[0], live_start_at=times[1], close_at=times[2])
        )

    @rule(user=users)
    def become_admin(self, user: int) -> None:
        self.do(BecomeAdmin(game_id=GAME), by=user)

    @rule(user=users, subject=users)
    def appoint_admin(self, user: int, subject: int) -> None:
        self.do(AppointAdmin(game_id=GAME, username="x"), by=user, subject=subject)

    @rule(user=users, subject=users)
    def dismiss_admin(self, user: int, subject: int) -> None:
        self.do(DismissAdmin(game_id=GAME, username="x"), by=user, subject=subject)

    @precondition(lambda self: len(self.play.entries) > 6)
    @rule(user=users)
    def close(self, user: int) -> None:
        self.do(CloseGame(game_id=GAME), by=user)

    def do(self, command: Command, **who: Any) -> None:
        """Act on what is due, then execute the command, as an actor does. It may be refused."""
        self.play.wait_until(self.play.now)
        is_closed = self.play.game.phase is Phase.CLOSED
        before = replay(self.play.entries)
        code = self._outcome(command, **who)
        assert (code is Code.GAME_CLOSED) == is_closed, "a closed game refuses every change"
        assert code is None or self.play.game == before, "after an error nothing has changed"
        self.play.wait_until(self.play.now)

    def _outcome(self, command: Command, **who: Any) -> Code | None:
        try:
            self.play.do(command, **who)
        except Refusal as refusal:
            return refusal.code
        return None

    @invariant()
    def positions_have_no_gaps(self) -> None:
        assert [entry.seq for entry in self.play.entries] == list(range(1, self.play.game.seq + 1))

    @invariant()
    def the_clock_never_falls(self) -> None:
        times = [entry.at for entry in self.play.entries]
        assert times == sorted(times)
        assert times[-1] == self.play.game.clock

    @invariant()
    def a_replay_of_the_journal_is_the_live_game(self) -> None:
        assert replay(self.play.entries) == self.play.game

    @invariant()
    def nothing_happens_after_the_close(self) -> None:
        closes = [e.seq for e in self.play.entries if isinstance(e.fact, GameClosed)]
        is_closed = self.play.game.phase is Phase.CLOSED
        assert closes == ([self.play.game.seq] if is_closed else [])

    @invariant()
    def what_is_due_has_happened(self) -> None:
        due_at = wake_at(self.play.game)
        assert due_at is None or due_at > self.play.now

    @invariant()
    def the_status_is_the_one_of_this_moment(self) -> None:
        game = self.play.game
        assert game.status is status_at(game, max(self.play.now, game.clock))
        assert (game.status is Status.CLOSED) == (game.phase is Phase.CLOSED)

    @invariant()
    def every_change_of_status_is_told_once(self) -> None:
        game = game_of(self.play.entries[0])
        for entry in self.play.entries[1:]:
            before = game.status
            apply(game, entry)
            assert entry.fact.published or game.status is before
            if isinstance(entry.fact, StatusReached):
                assert entry.fact.status is game.status is not before

    @invariant()
    def admins_are_those_who_were_appointed_since_and_never_too_many(self) -> None:
        admins: set[int] = set()
        for entry in self.play.entries:
            if isinstance(entry.fact, AdminAppointed):
                admins.add(entry.fact.user_id)
            elif isinstance(entry.fact, AdminDismissed):
                admins.remove(entry.fact.user_id)
        assert self.play.game.admins == admins
        assert len(admins) <= LIMITS.max_game_admins


def _at(distance: int | None, now: int = NOW) -> int | None:
    return None if distance is None else now + distance
