"""Things to say, encoded and framed once for everybody who is told them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import define

from actors.edge.frames import text_frame
from protocol.codec import to_json
from protocol.joining import merge_updates
from protocol.op import Body


@define(eq=False)  # not frozen, as what is made for every message: that takes twice the time
class EncodedMessage:
    """One message: its frame, and its body in case that it has to be said again, joined.

    `game_id`: the game whose positions it carries, if it is a publication or reply of one.
    """

    frame: bytes
    body: Body
    game_id: str | None = None


@define(eq=False)
class FrameBatch:
    """What is said in one go: the messages, and their frames one after the other."""

    messages: Sequence[EncodedMessage]
    data: bytes


def encode(
    body: Body, now: int, game_id: str | None = None, header: Mapping[str, Any] | None = None
) -> EncodedMessage:
    """A reply or publication at a time (epoch ms); `header` goes into its `response_header`."""
    head = {"t": now, **header} if header else {"t": now}
    body = {"response_header": head, **body}
    return EncodedMessage(text_frame(to_json(body)), body, game_id)


def without_position(body: Body) -> Body:
    """A reply that moves no watermark: its caller is no subscriber, or it is of another time."""
    return {name: value for name, value in body.items() if name not in ("seq", "prev_seq")}


def single(said: EncodedMessage) -> FrameBatch:
    """A message that leaves by itself."""
    return FrameBatch((said,), said.frame)


def frame_batch(messages: Iterable[EncodedMessage]) -> FrameBatch:
    """Messages that leave together."""
    messages = tuple(messages)
    return FrameBatch(messages, b"".join(said.frame for said in messages))


def merge(batches: Sequence[FrameBatch]) -> FrameBatch:
    """Batches that leave as one."""
    if len(batches) == 1:
        return batches[0]
    messages = [said for each in batches for said in each.messages]
    return FrameBatch(messages, b"".join(each.data for each in batches))


def coalesce(batches: Sequence[FrameBatch]) -> list[FrameBatch]:
    """The same in fewer words: the waiting 361s of each pool as one (contract, section 9)."""
    left = iter(_fewer([said for each in batches for said in each.messages]))
    shorter = [[said for _, said in zip(each.messages, left, strict=False)] for each in batches]
    return [frame_batch(filter(None, messages)) for messages in shorter if any(messages)]


def _fewer(messages: Sequence[EncodedMessage]) -> list[EncodedMessage | None]:
    """Each message as it is said now, None if it is said with a later one."""
    shorter: list[EncodedMessage | None] = list(messages)
    for game_id in {said.game_id for said in messages if said.game_id is not None}:
        places = [i for i, said in enumerate(messages) if said.game_id == game_id]
        bodies = merge_updates([messages[i].body for i in places])
        for place, body in zip(places, bodies, strict=True):
            shorter[place] = _again(messages[place], body)
    return shorter


def _again(said: EncodedMessage, body: Body | None) -> EncodedMessage | None:
    if body is None or body is said.body:
        return None if body is None else said
    return EncodedMessage(text_frame(to_json(body)), body, said.game_id)
