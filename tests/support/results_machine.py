"""The state machine of money, with results that are held, taken back and corrected."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from game.commands import ConfirmPool, CorrectPool, TakeBackEvent
from tests.support.money_machine import (
    MoneyMachine,
    actions,
    has_pools,
    nth,
    paths,
    pools,
    slots,
)
from tests.support.past_results import pool_in

waits = st.sampled_from([1, 1_000, 1_000, 6_000])


def has_results(machine: "ResultsMachine") -> bool:
    return any(match.auditor.received for match in machine.games)


def has_events(machine: "ResultsMachine") -> bool:
    return any(match.game.events for match in machine.games)


class ResultsMachine(MoneyMachine):
    """Results wait for a while, are confirmed or taken back, and are corrected when final."""

    @rule(slot=slots, settings=pools, action=actions, wait=waits)
    def open_a_pool_that_waits(
        self, slot: int, settings: dict[str, Any], action: str, wait: int
    ) -> None:
        self.open_pools(slot, [settings | {"confirm_for": wait}], action)

    @precondition(has_pools)
    @rule(pool=nth)
    def confirm(self, pool: int) -> None:
        slot, pool_id = self._pick(pool)
        self._ask(slot, ConfirmPool(pool_id=pool_id))

    @precondition(has_events)
    @rule(slot=slots, event=nth)
    def take_back(self, slot: int, event: int) -> None:
        game = self.games[slot].game
        if game.events:
            event_id = game.events[-1 - event % len(game.events)].event_id
            command = TakeBackEvent(game_id=game.game_id, event_id=event_id, reason="offside")
            self._ask(slot, command)

    @precondition(has_results)
    @rule(result=nth, path=paths, cancel=st.booleans())
    def correct(self, result: int, path: str, cancel: bool) -> None:
        ended = [
            (slot, pool_id)
            for slot, match in enumerate(self.games)
            for pool_id in match.auditor.received
        ]
        slot, pool_id = ended[-1 - result % len(ended)]
        past = pool_in(self.games[slot].entries(), pool_id)
        assert past is not None
        named: dict[str, Any] = {"cancel": True} if cancel else {"winning_target": path}
        self._ask(
            slot,
            CorrectPool(pool_id=pool_id, corrects_seq=past.result_seq, reason="video", **named),
        )
