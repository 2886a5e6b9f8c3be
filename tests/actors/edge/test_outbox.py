"""The outbox of a connection is bounded, and merged before it is full (contract, section 9)."""

from typing import Any

import orjson
import trio
import trio.testing

from actors.edge.outbox import CHUNK_BYTES, Outbox
from actors.link.encoded_message import EncodedMessage, FrameBatch, encode, frame_batch
from tests.support.raw_client import said, split

GAME = "the game"


def block(size: int) -> FrameBatch:
    """Return a message of `size` bytes on the wire."""
    return frame_batch([EncodedMessage(b"x" * size, {"res": 368})])


def told(pool: str, seq: int) -> EncodedMessage:
    """Return a 361 with one bet, the fact `seq`."""
    bet = {"bet_id": f"bet {seq}"}
    body = {"res": 361, "pool_id": pool, "new_bets": [bet], "prev_seq": seq - 1, "seq": seq}
    return encode(body, 0, GAME)


def blocked(seq: int) -> EncodedMessage:
    return encode({"res": 368, "prev_seq": seq - 1, "seq": seq}, 0, GAME)


def bodies(data: bytes) -> list[dict[str, Any]]:
    frames, rest = split(data)
    assert not rest
    return [orjson.loads(frame.payload) for frame in frames]


async def is_waiting(outbox: Outbox) -> bool:
    """Return whether a request would have to wait until the client has read more."""
    with trio.move_on_after(0.001) as patience:
        await outbox.drained()
    return patience.cancelled_caught


async def test_an_outbox_is_full_by_messages_or_by_size() -> None:
    by_messages, by_size = Outbox(2, 1_000), Outbox(100, 10)
    assert [by_messages.put(block(1)) for _ in range(3)] == [True, True, False]
    assert [by_size.put(block(5)) for _ in range(3)] == [True, True, False]
    await by_size.take()
    assert by_size.put(block(5))


async def test_a_batch_counts_as_one_message() -> None:
    outbox, three = Outbox(1, 1_000), frame_batch([*said("a").messages, *said("b").messages])
    assert outbox.put(three)
    assert not outbox.put(said("c"))
    assert await outbox.take() == three.data


async def test_an_empty_outbox_accepts_a_batch_of_any_size() -> None:
    outbox = Outbox(10, 10)
    assert outbox.put(block(11))
    assert not outbox.put(block(1))
    await outbox.take()
    assert outbox.put(block(11))


async def test_uncounted_messages_take_no_room_but_have_to_be_drained(
    autojump_clock: object,
) -> None:
    outbox = Outbox(2, 10)
    assert outbox.put(block(CHUNK_BYTES + 1), counted=False)
    assert outbox.put(block(1))
    assert outbox.put(block(1))
    assert not outbox.put(block(1))
    assert await is_waiting(outbox)
    await outbox.take()
    assert not await is_waiting(outbox)


async def test_a_replay_leaves_in_chunks_so_that_pings_come_in_between(
    autojump_clock: object,
) -> None:
    outbox = Outbox(1, 1)
    again = frame_batch(EncodedMessage(bytes([65 + i]) * (CHUNK_BYTES // 2), {}) for i in range(5))
    assert outbox.put(again, counted=False)
    with trio.fail_after(1):
        chunks = [await outbox.take() for _ in range(3)]
    assert b"".join(chunks) == again.data
    assert max(map(len, chunks)) <= CHUNK_BYTES


async def test_a_task_woken_before_it_waits_does_not_wait(autojump_clock: object) -> None:
    outbox = Outbox(1, 1)
    outbox.wake()
    with trio.fail_after(1):
        assert await outbox.take() == b""
    with trio.move_on_after(1) as patience:
        await outbox.take()
    assert patience.cancelled_caught, "woken once only"


async def test_queued_361s_are_merged_before_the_outbox_is_full() -> None:
    outbox = Outbox(3, 100_000)
    for seq in range(1, 51):
        assert outbox.put(frame_batch([told("a" if seq % 2 else "b", seq)]))
    messages = bodies(outbox.take_all())
    named = [bet["bet_id"] for body in messages for bet in body["new_bets"]]
    assert sorted(named) == sorted(f"bet {seq}" for seq in range(1, 51))
    assert len(messages) <= 3
    assert [body["prev_seq"] for body in messages] == [0, *(b["seq"] for b in messages)][:-1]
    assert messages[-1]["seq"] == 50


async def test_merging_makes_room_by_size_too() -> None:
    size = len(told("a", 1).frame)
    outbox = Outbox(1_000, 4 * size)
    assert all(outbox.put(frame_batch([told("a", 1)])) for _ in range(4))
    assert outbox.put(frame_batch([told("a", 2)]))


async def test_messages_that_cannot_be_merged_fill_the_outbox() -> None:
    outbox = Outbox(3, 100_000)
    for seq in range(1, 4):
        assert outbox.put(frame_batch([blocked(seq)]))
    assert not outbox.put(frame_batch([told("a", 4)]))
    assert [body["seq"] for body in bodies(outbox.take_all())] == [1, 2, 3], "unchanged"


async def test_a_batch_counts_as_one_message_after_merging() -> None:
    outbox = Outbox(3, 100_000)
    for seq in (1, 4, 7):
        assert outbox.put(frame_batch([blocked(seq), blocked(seq + 1), told("a", seq + 2)]))
    assert not outbox.put(frame_batch([blocked(10)])), "merging has emptied no batch"
    for_bets_only = Outbox(3, 100_000)
    assert for_bets_only.put(frame_batch([blocked(1), blocked(2), blocked(3)]))
    assert for_bets_only.put(frame_batch([told("a", 4)]))
    assert for_bets_only.put(frame_batch([blocked(5), told("a", 6)]))
    assert for_bets_only.put(frame_batch([blocked(7)])), "merging has emptied one"
    assert not for_bets_only.put(frame_batch([blocked(8)]))


async def test_merging_moves_nothing_across_a_replay(autojump_clock: object) -> None:
    outbox = Outbox(4, 100_000)
    outbox.put(frame_batch([told("a", 1)]))
    outbox.put(frame_batch([told("a", 2)]))
    outbox.put(said('"again"'), counted=False)
    outbox.put(frame_batch([told("a", 3)]))
    outbox.put(frame_batch([told("a", 4)]))
    assert outbox.put(frame_batch([blocked(5)]))
    data = outbox.take_all()
    before, _, after = data.partition(said('"again"').data)
    assert [body["seq"] for body in bodies(before)] == [2]
    assert [body["seq"] for body in bodies(after)] == [4, 5]


async def test_merging_does_not_wake_a_task_that_waits_for_the_client(
    autojump_clock: object,
) -> None:
    outbox = Outbox(2, 100_000)
    outbox.put(block(CHUNK_BYTES + 1), counted=False)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(outbox.drained)
        await trio.testing.wait_all_tasks_blocked()
        for seq in range(1, 9):
            assert outbox.put(frame_batch([told("a", seq)]))
        await trio.testing.wait_all_tasks_blocked()
        assert nursery.child_tasks
        await outbox.take()


async def test_each_game_is_merged_on_its_own() -> None:
    outbox, other = Outbox(4, 100_000), "another game"
    for seq in (1, 2):
        outbox.put(frame_batch([told("a", seq)]))
        outbox.put(frame_batch([encode(told("b", seq + 10).body, 0, other)]))
    outbox.put(frame_batch([encode({"res": 815}, 0)]))
    positions = [(b["prev_seq"], b["seq"]) for b in bodies(outbox.take_all()) if "seq" in b]
    assert positions == [(0, 2), (10, 12)]
