"""The order in which commits move balances (`actors/games/balance_order.py`)."""

import trio
import trio.testing

from actors.games.balance_order import BalanceOrder, Ticket


async def test_a_commit_waits_for_earlier_ones_of_its_users_alone() -> None:
    order, came = BalanceOrder(), list[str]()
    tickets = {
        "ann": order.take([1], "DON"),
        "ann in euros": order.take([1], "EUR"),
        "ann and bob": order.take([1, 2], "DON"),
        "cid": order.take([3], "DON"),
    }

    async def come(name: str) -> None:
        await order.come(tickets[name])
        came.append(name)

    async with trio.open_nursery() as nursery:
        for name in tickets:
            nursery.start_soon(come, name)
        await trio.testing.wait_all_tasks_blocked()
        assert sorted(came) == ["ann", "ann in euros", "cid"]
        order.end(tickets["ann"])
    assert came[-1] == "ann and bob"


async def test_a_payment_waits_for_what_is_stored_and_not_for_what_may_fail() -> None:
    order, keys = BalanceOrder(), [(1, "DON")]
    stored, pending = order.take([1], "DON"), order.take([1], "DON")
    await order.caught_up(keys)
    stored.finished.set()
    with trio.move_on_after(0) as waited:
        await order.caught_up(keys)
    assert waited.cancelled_caught
    order.end(stored)
    await order.caught_up(keys)
    order.end(pending)
    assert not pending.before


async def test_commits_of_the_same_users_are_each_looked_at_once() -> None:
    order = BalanceOrder()
    users = range(1, 1_001)
    first, second = order.take(users, "DON"), order.take(users, "DON")
    assert second.before == [first]
    crossed: list[Ticket] = []
    for layer in range(200):  # each before both of the next layer: 2 ** 200 ways from the last
        pairs = [(1, 2), (3, 4)] if layer % 2 else [(1, 3), (2, 4)]
        crossed += [order.take(pair, "DON") for pair in pairs]
    assert len(crossed[-1].before) == 2
    await order.caught_up([(1, "DON")])
