"""A link over a stream: order, bounds, and what ends it."""

from collections.abc import Callable

import pytest
import trio
from attrs import evolve
from trio.testing import lockstep_stream_pair, memory_stream_pair

from actors.link.caller import Continuation
from actors.link.carrier import (
    BEHIND,
    HEARTBEAT_S,
    MOST_WAITING,
    STALLED_S,
    WORKER_LINK,
    WRITE_BYTES,
    LinkTerms,
    StreamLink,
)
from actors.link.encoding import pack
from actors.link.messages import Alive, Answered, ConnectionFrames, LinkMessage


class Ends:
    """Both ends of a link, and what each has received."""

    def __init__(
        self,
        streams: tuple[trio.abc.Stream, trio.abc.Stream] | None = None,
        terms: LinkTerms = WORKER_LINK,
    ) -> None:
        ours, self.stream = streams or memory_stream_pair()
        self.link, self.other = StreamLink(ours, terms), StreamLink(self.stream, terms)
        self.received: list[LinkMessage] = []

    def note(self, message: LinkMessage) -> Continuation | None:
        """Record a message, but no heartbeat."""
        if not isinstance(message, Alive):
            self.received.append(message)
        return None


async def test_messages_arrive_in_the_order_in_which_they_were_sent(autojump_clock: object) -> None:
    ends, sent = Ends(), [Answered(number, 1) for number in range(1_000)]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ends.link.run, ends.note)
        nursery.start_soon(ends.other.run, ends.note)
        for message in sent:
            ends.link.send(message)
        await trio.sleep(0.1)
        nursery.cancel_scope.cancel()
    assert ends.received == sent


async def test_what_was_sent_before_finish_arrives_and_then_both_ends_end(
    autojump_clock: object,
) -> None:
    ends = Ends()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ends.link.run, ends.note)
        nursery.start_soon(ends.other.run, ends.note)
        ends.link.send(Answered(1, 1))
        ends.link.finish()
    assert ends.received == [Answered(1, 1)]
    assert (ends.link.ended, ends.other.ended) == ("finished", "the other side has ended")


async def test_a_side_that_does_not_read_costs_the_link_and_no_more_than_its_bound(
    autojump_clock: object,
) -> None:
    ends, part = Ends(lockstep_stream_pair()), ConnectionFrames(1, "", True, bytes(BEHIND))
    ends.other.send(Alive())
    begun = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ends.link.run, ends.note)
        for _ in range(MOST_WAITING // BEHIND - 1):
            ends.link.send(part)
        await trio.sleep(10 * STALLED_S)
        within = ends.link.ended
        for _ in range(2):
            ends.link.send(part)
    assert (within, ends.link.ended) == ("", "the other side does not read")
    assert trio.current_time() == begun + 10 * STALLED_S


async def test_a_side_that_reads_slowly_may_have_more_waiting_until_it_stalls(
    autojump_clock: object,
) -> None:
    ends = Ends(lockstep_stream_pair())
    size = 2 * MOST_WAITING
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ends.link.run, ends.note)
        ends.link.send(ConnectionFrames(1, "", True, bytes(size)))
        for _ in range(10):
            await trio.sleep(STALLED_S / 2)
            await ends.stream.receive_some(WRITE_BYTES)
            assert not ends.link.ended
        read_at = trio.current_time()
    assert ends.link.ended == "the other side does not read"
    assert STALLED_S < trio.current_time() - read_at <= STALLED_S + HEARTBEAT_S


async def test_no_side_may_have_more_waiting_than_a_bound() -> None:
    ends = Ends(terms=evolve(WORKER_LINK, most_ever=MOST_WAITING + BEHIND))
    part = ConnectionFrames(1, "", True, bytes(BEHIND))
    for _ in range(MOST_WAITING // BEHIND):
        ends.link.send(part)
    within = ends.link.ended
    ends.link.send(part)
    assert not within
    assert ends.link.ended == "the other side does not read"


async def test_a_link_that_is_behind_says_so_until_the_other_side_has_read(
    autojump_clock: object,
) -> None:
    ends = Ends()
    async with trio.open_nursery() as nursery:
        ends.link.send(ConnectionFrames(1, "", True, bytes(2 * BEHIND)))
        was_behind = ends.link.is_behind
        nursery.start_soon(ends.link.run, ends.note)
        nursery.start_soon(ends.other.run, ends.note)
        await ends.link.caught_up()
        assert (was_behind, ends.link.is_behind) == (True, False)
        nursery.cancel_scope.cancel()


async def test_a_message_waits_until_the_one_before_it_is_handled(autojump_clock: object) -> None:
    ends, order = Ends(), list[object]()

    def handle(message: LinkMessage) -> Continuation | None:
        async def finish() -> None:
            await trio.sleep(1)
            order.append(message)

        return None if isinstance(message, Alive) else finish

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ends.link.run, ends.note)
        nursery.start_soon(ends.other.run, handle)
        ends.link.send(Answered(1, 1))
        ends.link.send(Answered(2, 1))
        await trio.sleep(1.5)
        assert order == [Answered(1, 1)]
        await trio.sleep(1)
        assert order == [Answered(1, 1), Answered(2, 1)]
        nursery.cancel_scope.cancel()


async def test_both_ends_hear_of_each_other_while_nothing_is_sent(autojump_clock: object) -> None:
    ends = Ends()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ends.link.run, ends.note)
        nursery.start_soon(ends.other.run, ends.note)
        await trio.sleep(60)
        for link in (ends.link, ends.other):
            assert trio.current_time() - link.heard_at <= 2 * HEARTBEAT_S
        nursery.cancel_scope.cancel()


def _whole(data: bytes) -> bytes:
    return data


def _cut(data: bytes) -> bytes:
    return data[:-1]


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (bytes(4), "the other side sent a message of 0 bytes"),
        (b"GET / HTTP/1.1\r\n\r\n", "the other side sent a message of 1195725856 bytes"),
        (pack(Answered(1, 1)).replace(b"10", b"98"), "the other side sent a message of the"),
    ],
    ids=["nothing", "http", "unknown kind"],
)
async def test_bytes_that_are_no_message_end_the_link(
    sent: bytes, reason: str, autojump_clock: object
) -> None:
    ends = Ends()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ends.link.run, ends.note)
        await ends.stream.send_all(pack(Answered(7, 1)) + sent)
    assert ends.link.ended.startswith(reason)
    assert ends.received == [Answered(7, 1)]


@pytest.mark.parametrize("shape", [_whole, _cut], ids=["whole", "cut off"])
async def test_a_link_that_is_cut_ends_with_the_messages_that_were_whole(
    shape: Callable[[bytes], bytes], autojump_clock: object
) -> None:
    ends = Ends()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(ends.link.run, ends.note)
        await ends.stream.send_all(pack(Answered(1, 1)) + shape(pack(Answered(2, 1))))
        await ends.stream.aclose()
    assert ends.link.ended == "the other side has ended"
    assert ends.received[0] == Answered(1, 1)
    assert len(ends.received) == (2 if shape is _whole else 1)
