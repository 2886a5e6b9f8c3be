"""A link between machines: what its edge received is exactly known, and silence ends it."""

import pytest
import trio
from trio.testing import memory_stream_pair

from actors.link.caller import Continuation
from actors.link.carrier import HEARTBEAT_S, MOST_SILENT, MOST_WAITING, NODE_LINK, StreamLink
from actors.link.encoding import pack
from actors.link.memory import memory_links
from actors.link.messages import Alive, Answered, ConnectionFrames, LinkMessage, TurnEnded


class Received:
    """Notes the messages that arrive, but no heartbeat."""

    def __init__(self) -> None:
        self.messages: list[LinkMessage] = []

    def note(self, message: LinkMessage) -> Continuation | None:
        """Note a message."""
        if not isinstance(message, Alive):
            self.messages.append(message)
        return None


@pytest.mark.parametrize("missing", [1, 4, 200])
async def test_the_messages_of_one_turn_arrive_together_or_not_at_all(
    missing: int, autojump_clock: object
) -> None:
    ours, theirs = memory_stream_pair()
    link, received = StreamLink(ours, NODE_LINK), Received()
    turn = pack(ConnectionFrames(1, "", True, bytes(500))) + pack(Answered(1, 1))
    whole = turn + pack(TurnEnded())
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.run, received.note)
        await theirs.send_all(whole + whole[:-missing])
        await theirs.aclose()
    assert received.messages == [ConnectionFrames(1, "", True, bytes(500)), Answered(1, 1)]


async def test_a_turn_that_has_arrived_is_handled_to_its_end_if_the_link_is_given_up(
    autojump_clock: object,
) -> None:
    ours, theirs = memory_stream_pair()
    link, other, handled = StreamLink(ours, NODE_LINK), StreamLink(theirs, NODE_LINK), []

    def slowly(message: LinkMessage) -> Continuation | None:
        async def handle() -> None:
            link.give_up("another node leads")
            await trio.sleep(1)
            handled.append(message)

        return None if isinstance(message, Alive) else handle

    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.run, slowly)
        nursery.start_soon(other.run, Received().note)
        for number in (1, 2, 3):
            other.send(Answered(1, number))
    assert handled == [Answered(1, number) for number in (1, 2, 3)]


async def test_a_link_over_which_nothing_arrives_is_given_up(autojump_clock: object) -> None:
    ours, _theirs = memory_stream_pair()
    link, begun = StreamLink(ours, NODE_LINK), trio.current_time()
    await link.run(Received().note)
    assert link.ended == "the other side is silent"
    assert trio.current_time() - begun <= (MOST_SILENT + 1) * HEARTBEAT_S


async def test_two_ends_that_send_nothing_else_hear_each_other(autojump_clock: object) -> None:
    ours, theirs = memory_stream_pair()
    link, other = StreamLink(ours, NODE_LINK), StreamLink(theirs, NODE_LINK)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.run, Received().note)
        nursery.start_soon(other.run, Received().note)
        await trio.sleep(100)
        assert (link.ended, other.ended) == ("", "")
        nursery.cancel_scope.cancel()


async def test_a_side_whose_lease_is_over_writes_nothing_any_more(autojump_clock: object) -> None:
    ours, theirs = memory_stream_pair()
    link, received, may_write = StreamLink(ours, NODE_LINK, lambda: may_write), Received(), True
    other = StreamLink(theirs, NODE_LINK)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(link.run, Received().note)
        nursery.start_soon(other.run, received.note)
        link.send(Answered(1, 1))
        await trio.sleep(0.1)
        link.send(Answered(1, 2))
        may_write = False
    assert received.messages == [Answered(1, 1)]
    assert link.ended == "this side may not send any more"


async def test_a_node_that_falls_behind_loses_its_link_although_it_reads() -> None:
    ours, _ = memory_stream_pair()
    link = StreamLink(ours, NODE_LINK)
    link.send(ConnectionFrames(1, "", True, bytes(MOST_WAITING)))
    assert link.ended == "the other side does not read"


async def test_a_link_in_memory_hands_over_all_that_was_sent_before_it_ends(
    autojump_clock: object,
) -> None:
    first, second = memory_links()
    received, sent = Received(), [Answered(1, number) for number in range(1_000)]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(second.run, received.note)
        for message in sent:
            first.send(message)
        first.finish()
        first.send(Answered(2, 1))
    assert received.messages == sent
    assert second.ended == "the other side has ended"


async def test_a_link_in_memory_is_silent_once_the_lease_is_over(autojump_clock: object) -> None:
    received, may_write = Received(), True
    first, second = memory_links(lambda: may_write)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(second.run, received.note)
        first.send(Answered(1, 1))
        may_write = False
        first.send(Answered(1, 2))
    assert received.messages == [Answered(1, 1)]
