"""What waits for one connection is bounded, and joined before it is too much (contract, 9)."""

from typing import Any

import orjson
import trio
import trio.testing

from actors.edge.outbox import CHUNK_BYTES, Outbox
from actors.link.encoded_message import EncodedMessage, FrameBatch, encode, frame_batch
from tests.actors.raw_client import said, split

GAME = "the game"


def block(size: int) -> FrameBatch:
    """A message of so many bytes on the wire."""
    return frame_batch([EncodedMessage(b"x" * size, {"res": 368})])


def told(pool: str, seq: int) -> EncodedMessage:
    """A 361 of one bet, the fact `seq`."""
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
    """Whether a question would have to wait until the reader has taken what is there."""
    with trio.move_on_after(0.001) as patience:
        await outbox.drained()
    return patience.cancelled_caught


async def test_an_outbox_is_full_by_messages_or_by_size() -> None:
    by_messages, by_size = Outbox(2, 1_000), Outbox(100, 10)
    assert [by_messages.put(block(1)) for _ in range(3)] == [True, True, False]
    assert [by_size.put(block(5)) for _ in range(3)] == [True, True, False]
    await by_size.take()
    assert by_size.put(block(5))


async def test_what_is_said_in_one_go_counts_as_one_message() -> None:
    outbox, three = Outbox(1, 1_000), frame_batch([*said("a").messages, *said("b").messages])
    assert outbox.put(three)
    assert not outbox.put(said("c"))
    assert await outbox.take() == three.data


async def test_a_reader_that_has_taken_everything_has_room_for_one_more_however_large() -> None:
    outbox = Outbox(10, 10)
    assert outbox.put(block(11))
    assert not outbox.put(block(1))
    await outbox.take()
    assert outbox.put(block(11))


async def test_what_is_not_counted_takes_no_room_and_is_waited_for(autojump_clock: object) -> None:
    outbox = Outbox(2, 10)
    assert outbox.put(block(CHUNK_BYTES + 1), counted=False)
    assert outbox.put(block(1))
    assert outbox.put(block(1))
    assert not outbox.put(block(1))
    assert await is_waiting(outbox)
    await outbox.take()
    assert not await is_waiting(outbox)


async def test_what_is_sent_again_leaves_by_the_gulp_so_that_pings_come_in_between(
    autojump_clock: object,
) -> None:
    outbox = Outbox(1, 1)
    again = frame_batch(EncodedMessage(bytes([65 + i]) * (CHUNK_BYTES // 2), {}) for i in range(5))
    assert outbox.put(again, counted=False)
    with trio.fail_after(1):
        gulps = [await outbox.take() for _ in range(3)]
    assert b"".join(gulps) == again.data
    assert max(map(len, gulps)) <= CHUNK_BYTES


async def test_who_is_woken_before_waiting_does_not_wait(autojump_clock: object) -> None:
    outbox = Outbox(1, 1)
    outbox.wake()
    with trio.fail_after(1):
        assert await outbox.take() == b""
    with trio.move_on_after(1) as patience:
        await outbox.take()
    assert patience.cancelled_caught, "woken once, not for ever"


async def test_waiting_361s_are_joined_before_there_is_no_room() -> None:
    outbox = Outbox(3, 100_000)
    for seq in range(1, 51):
        assert outbox.put(frame_batch([told("a" if seq % 2 else "b", seq)]))
    messages = bodies(outbox.take_all())
    named = [bet["bet_id"] for body in messages for bet in body["new_bets"]]
    assert sorted(named) == sorted(f"bet {seq}" for seq in range(1, 51))
    assert len(messages) <= 3
    assert [body["prev_seq"] for body in messages] == [0, *(b["seq"] for b in messages)][:-1]
    assert messages[-1]["seq"] == 50


async def test_joining_makes_room_by_size_too() -> None:
    size = len(told("a", 1).frame)
    outbox = Outbox(1_000, 4 * size)
    assert all(outbox.put(frame_batch([told("a", 1)])) for _ in range(4))
    assert outbox.put(frame_batch([told("a", 2)]))


async def test_what_cannot_be_joined_fills_the_outbox() -> None:
    outbox = Outbox(3, 100_000)
    for seq in range(1, 4):
        assert outbox.put(frame_batch([blocked(seq)]))
    assert not outbox.put(frame_batch([told("a", 4)]))
    assert [body["seq"] for body in bodies(outbox.take_all())] == [1, 2, 3], "as they were"


async def test_what_was_said_in_one_go_still_counts_as_one_when_it_is_joined() -> None:
    outbox = Outbox(3, 100_000)
    for seq in (1, 4, 7):
        assert outbox.put(frame_batch([blocked(seq), blocked(seq + 1), told("a", seq + 2)]))
    assert not outbox.put(frame_batch([blocked(10)])), "joining has emptied no batch"
    for_bets_only = Outbox(3, 100_000)
    assert for_bets_only.put(frame_batch([blocked(1), blocked(2), blocked(3)]))
    assert for_bets_only.put(frame_batch([told("a", 4)]))
    assert for_bets_only.put(frame_batch([blocked(5), told("a", 6)]))
    assert for_bets_only.put(frame_batch([blocked(7)])), "joining has emptied one"
    assert not for_bets_only.put(frame_batch([blocked(8)]))


async def test_joining_lets_nothing_pass_what_is_sent_again(autojump_clock: object) -> None:
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


async def test_whoever_waits_for_the_reader_goes_on_waiting_while_others_are_joined(
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


async def test_games_are_joined_each_by_itself() -> None:
    outbox, other = Outbox(4, 100_000), "another game"
    for seq in (1, 2):
        outbox.put(frame_batch([told("a", seq)]))
        outbox.put(frame_batch([encode(told("b", seq + 10).body, 0, other)]))
    outbox.put(frame_batch([encode({"res": 815}, 0)]))
    positions = [(b["prev_seq"], b["seq"]) for b in bodies(outbox.take_all()) if "seq" in b]
    assert positions == [(0, 2), (10, 12)]
