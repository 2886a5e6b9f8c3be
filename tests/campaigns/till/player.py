"""A player who bets while the operator moves the player's money, and remembers what was said."""

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, Final

import httpx
from attrs import Factory, define, frozen

from bench.line import frame
from tests.campaigns.line import Line, LostError, signed_in
from toteboard_client import Message

IN_FLIGHT: Final = 3
TARGETS: Final = ("argentina", "brazil")
RESULTS: Final = ("payout", "loss", "refund")
"""The causes of an 815 that come with the end of a pool."""

Moved = tuple[str, float, float]
"""The cause of a change, and the current and the available balance after it."""


@frozen
class Payment:
    """A payment to be made, with its reference. A hold is posted in part afterwards."""

    kind: str
    reference: str
    amount: str


@define(eq=False)
class Player:
    """One user. `told`: the 815s of each connection. `on_answer` is called at each answer.

    `bets` and `paid`: what was accepted, by key and by reference. `refused` counts the codes.
    """

    name: str
    user_id: int
    key: str
    on_answer: Callable[[], None]
    wagers: dict[str, tuple[str, str]] = Factory(dict)
    payments: list[Payment] = Factory(list)
    told: list[list[Moved]] = Factory(list)
    bets: dict[str, str] = Factory(dict)
    paid: dict[str, dict[str, Any]] = Factory(dict)
    declined: set[str] = Factory(set)
    refused: Counter[str] = Factory(Counter)
    has_result: bool = False
    findings: list[str] = Factory(list)

    def plan(self, dice: Random, each: int) -> None:
        """Choose what to bet and to pay."""
        for number in range(each):
            amount = f"{dice.randint(1, 200) / 100:.2f}"
            self.wagers[f"{self.name} bets {number}"] = (dice.choice(TARGETS), amount)
            kind = dice.choice(("debit", "debit", "hold", "credit"))
            amount = f"{2 * dice.randint(1, 100) / 100:.2f}"
            self.payments.append(Payment(kind, f"{self.name}-{number}", amount))

    # The socket.

    async def bet(self, port: int, pool_id: str) -> None:
        """Bet until all wagers are answered and the pool has ended, or the server is gone."""
        try:
            async with signed_in(port, self.user_id, self.key) as line:
                self.told.append([])
                open_ = dict(self.wagers)
                await self._send(line, open_, pool_id)
                while not self.has_result:
                    for message in await line.receive():
                        if self._hear(message):
                            await self._send(line, open_, pool_id, most=1)
        except LostError:
            return

    async def _send(
        self, line: Line, open_: dict[str, tuple[str, str]], pool_id: str, most: int = IN_FLIGHT
    ) -> None:
        for key in list(open_)[:most]:
            target, amount = open_.pop(key)
            header = {"request_id": key, "idempotency_key": key}
            parameters = {"pool_id": pool_id, "target": target, "amount": amount}
            await line.send(frame(392, header=header, **parameters))

    def _hear(self, message: Message) -> bool:
        """Remember a message. Return whether it answers a wager."""
        if message["res"] == 815:
            moved = message["cause"], message["current_balance"], message["available_balance"]
            self.told[-1].append(moved)
            self.has_result |= message["cause"] in RESULTS
        key = message["response_header"].get("request_id")
        if key not in self.wagers:
            return False
        if message["res"] == 356:
            self.bets[key] = message["bet_id"]
        elif message["code"] != "insufficient_funds":
            self.findings.append(f"{self.name}: a bet is refused: {message}")
        else:
            self.refused[message["code"]] += 1
        del self.wagers[key]
        self.on_answer()
        return True

    # The till.

    async def pay(self, url: str, api_key: str) -> None:
        """Make the payments one after the other, or until the server is gone."""
        headers = {"Authorization": f"Bearer {api_key}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
            try:
                while self.payments:
                    await self._pay(client, self.payments[0])
                    self.payments.pop(0)
                    self.on_answer()
            except httpx.TransportError:
                return

    async def _pay(self, client: httpx.AsyncClient, payment: Payment) -> None:
        path = "credits" if payment.kind == "credit" else "debits"
        body: dict[str, Any] = {"amount": payment.amount, "reference": payment.reference}
        if payment.kind == "hold":
            body["hold"] = True
        answer = await client.post(f"/v1/users/{self.user_id}/{path}", json=body)
        said = answer.json()
        if answer.is_success:
            first = self.paid.setdefault(payment.reference, said)
            if first["id"] != said["id"]:
                self.findings.append(f"{self.name}: a reference is paid twice: {first}, {said}")
            if payment.kind == "hold":
                await self._post_half(client, payment, said["id"])
        elif said["code"] == "insufficient_funds":
            self.refused[said["code"]] += 1
            self.declined.add(payment.reference)
        else:
            self.findings.append(f"{self.name}: a payment is refused: {said}")

    async def _post_half(self, client: httpx.AsyncClient, hold: Payment, hold_id: int) -> None:
        half = f"{float(hold.amount) / 2:.2f}"
        once = {"Idempotency-Key": f"half {hold.reference}"}
        path = f"/v1/holds/{hold_id}/post"
        answer = await client.post(path, json={"amount": half}, headers=once)
        if not answer.is_success:
            self.findings.append(f"{self.name}: a hold is not posted: {answer.text}")
