"""A mailbox keeps its order, is bounded, and loses no item."""

import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from actors.games.mailbox import Mailbox


async def test_everything_that_waits_comes_at_once_and_in_order() -> None:
    mailbox = Mailbox[int](10)
    for item in range(3):
        mailbox.send_nowait(item)
    assert len(mailbox) == 3
    assert await mailbox.receive() == [0, 1, 2]
    assert not mailbox
    assert mailbox.receive_nowait() == []


async def test_what_comes_meanwhile_is_taken_with_what_waits() -> None:
    """They are decided and committed together."""
    mailbox = Mailbox[int](10)

    async def read() -> None:
        assert await mailbox.receive() == [1, 2]

    for _ in range(20):  # trio starts them in random order
        mailbox.send_nowait(1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            nursery.start_soon(mailbox.send, 2)


async def test_whoever_waits_for_an_item_gets_it() -> None:
    mailbox = Mailbox[int](10)
    received: list[int] = []

    async def read() -> None:
        received.extend(await mailbox.receive())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        await trio.testing.wait_all_tasks_blocked()
        mailbox.send_nowait(1)
        mailbox.send_nowait(2)
    assert received == [1, 2]


async def test_what_comes_after_a_reader_gave_up_waits_for_the_next() -> None:
    mailbox = Mailbox[int](10)
    with trio.move_on_after(0):
        await mailbox.receive()
    mailbox.send_nowait(1)
    assert await mailbox.receive() == [1]


async def test_a_full_mailbox_takes_no_more_until_it_is_emptied() -> None:
    mailbox = Mailbox[int](1)
    mailbox.send_nowait(1)
    with pytest.raises(trio.WouldBlock):
        mailbox.send_nowait(2)
    async with trio.open_nursery() as nursery:
        received = []
        for item in (2, 3):
            nursery.start_soon(mailbox.send, item)
            await trio.testing.wait_all_tasks_blocked()
        for _ in range(3):
            received += mailbox.receive_nowait()
            assert len(mailbox) == (len(received) < 3)
            if mailbox:
                with pytest.raises(trio.WouldBlock):  # a waiting sender is not overtaken
                    mailbox.send_nowait(4)
    assert received == [1, 2, 3]


async def test_whoever_sends_to_a_closed_mailbox_hears_so_and_who_waits_for_room_as_well() -> None:
    mailbox = Mailbox[int](1)
    mailbox.send_nowait(1)
    refused = []

    async def send() -> None:
        with pytest.raises(trio.BrokenResourceError):
            await mailbox.send(2)
        refused.append(True)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(send)
        await trio.testing.wait_all_tasks_blocked()
        assert mailbox.close() == [1]
    assert refused
    with pytest.raises(trio.BrokenResourceError):
        mailbox.send_nowait(3)


@given(st.lists(st.integers(1, 5), max_size=6), st.integers(1, 4), st.integers(0, 2**16))
def test_nothing_is_lost_whoever_sends_and_gives_up(
    senders: list[int], size: int, gives_up: int
) -> None:
    """The items of each sender arrive in the order in which it sent them."""

    async def main() -> None:
        mailbox = Mailbox[tuple[int, int]](size)
        sent: list[tuple[int, int]] = []
        received: list[tuple[int, int]] = []

        async def send(sender: int, items: int) -> None:
            for item in range(items):
                with trio.move_on_after(1 if gives_up >> (sender + item) & 1 else 60):
                    await mailbox.send((sender, item))
                    sent.append((sender, item))

        async with trio.open_nursery() as nursery:
            for sender, items in enumerate(senders):
                nursery.start_soon(send, sender, items)
            while True:
                with trio.move_on_after(100) as patience:
                    received += await mailbox.receive()
                if patience.cancelled_caught:
                    break
                await trio.sleep(2)
        assert sorted(received) == sorted(sent)
        for sender in range(len(senders)):
            mine = [each for each in received if each[0] == sender]
            assert mine == sorted(mine)

    trio.run(main, clock=trio.testing.MockClock(autojump_threshold=0))
