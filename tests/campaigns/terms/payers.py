"""Those who pay, each payment under a reference, and repeat it until a leader has confirmed it."""

from itertools import count

import trio

from storage.payments import CREDIT, DEBIT, Pay
from tests.campaigns.dice import Dice
from tests.campaigns.terms.cluster import PAYERS, SimulatedCluster
from tests.campaigns.terms.nodes import Acknowledged, Asked

PATIENCE_S = 2.5
"""How long a payer waits for an answer before it asks again."""


class Payer:
    """One who pays. `acknowledged` are the answers, also later ones to what was asked twice.

    `rests_until`: it asks for nothing new until then, in trio's time.
    """

    def __init__(self, number: int, cluster: SimulatedCluster, dice: Dice) -> None:
        self._number, self._cluster, self._dice = number, cluster, dice
        self._numbers = count(1)
        self.acknowledged: list[Acknowledged] = []
        self.waits_for: str | None = None
        self.is_stopping = False
        self.rests_until = 0.0

    async def run(self) -> None:
        """Pay, one payment after the other."""
        while not self.is_stopping:
            await self._pay_until_confirmed(self._next())
            await trio.sleep(self._dice.random() * self._dice.choice((0.02, 0.3, 1.0)))
            await trio.sleep_until(max(self.rests_until, trio.current_time()))

    def _next(self) -> Pay:
        reference = f"{self._number}-{next(self._numbers)}"
        kind = self._dice.choice((CREDIT, DEBIT))
        user_id = self._dice.randint(1, len(PAYERS))
        return Pay(kind, user_id, "DON", self._dice.randint(1, 50), reference)

    async def _pay_until_confirmed(self, pay: Pay) -> None:
        self.waits_for = pay.reference
        while self.waits_for is not None:
            answer = await self._ask(pay)
            if answer is not None:
                self.acknowledged.append(answer)
                self.waits_for = None
                if self._dice.happens(0.1):
                    await self._ask_again(pay)
            else:
                await trio.sleep(0.02 + self._dice.random() * 0.2)

    async def _ask_again(self, pay: Pay) -> None:
        answer = await self._ask(pay)
        if answer is not None:
            self.acknowledged.append(answer)

    async def _ask(self, pay: Pay) -> Acknowledged | None:
        """Ask a node that thinks that it leads."""
        nodes = [node for node in self._cluster.living if node.term is not None]
        if not nodes:
            return None
        asked = Asked(pay)
        if not self._dice.choice(nodes).ask(asked):
            return None
        with trio.move_on_after(PATIENCE_S):
            await asked.answered.wait()
        return asked.acknowledged
