"""Messages that are encoded and framed once for all their receivers.

A message knows its frame. Its body is needed again only if the message waits for a slow client:
then waiting odds updates are merged, and encoded again (`coalesce`).

Many requests get the same reply but for its `response_header`. An `EncodedBody` is encoded once for
all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define

from protocol.codec import from_json, to_json, with_header
from protocol.frames import read_frame_header, text_frame
from protocol.joining import merge_updates
from protocol.op import Body, Response


@define(eq=False)  # not frozen: one is made for every message, and freezing doubles the time
class EncodedMessage:
    """A message as a frame. `game_id` is the game whose positions it carries, if any.

    The body is read from the frame if it is needed and was not given.
    """

    frame: bytes
    _body: Body | None = None
    game_id: str | None = None

    @property
    def body(self) -> Body:
        """The message before it was encoded."""
        if self._body is None:
            header = read_frame_header(self.frame)
            assert header is not None, "a message has a whole frame"
            self._body = from_json(self.frame[header.length :])
        return self._body


@define(eq=False)
class FrameBatch:
    """Messages that leave in one write. `data` is their frames, one after the other.

    A batch that came over a link has only `data`, and the game of its positions. Its messages are
    read from the frames if they are needed: if they wait for a slow client.
    """

    _messages: Sequence[EncodedMessage] | None
    data: bytes
    game_id: str | None = None

    @property
    def messages(self) -> Sequence[EncodedMessage]:
        """The messages."""
        if self._messages is None:
            self._messages = tuple(_read(self.data, self.game_id))
        return self._messages


def _read(data: bytes, game_id: str | None) -> Iterator[EncodedMessage]:
    """Yield the messages of frames that this server has made."""
    at = 0
    while (header := read_frame_header(data, at)) is not None:
        start = at + header.length
        at = start + header.size
        yield EncodedMessage(data[start - header.length : at], None, game_id)


def encode(
    body: Body, now: int, game_id: str | None = None, header: Mapping[str, Any] | None = None
) -> EncodedMessage:
    """Encode a message sent at `now` (epoch ms). `header` is added to its `response_header`."""
    head = {"t": now, **header} if header else {"t": now}
    body = {"response_header": head, **body}
    return EncodedMessage(text_frame(to_json(body)), body, game_id)


@define(eq=False)
class EncodedBody:
    """The body of a reply, encoded once for many requests. `game_id`: as in `EncodedMessage`."""

    res: Response
    text: bytes
    game_id: str | None = None

    def with_header(self, now: int, request_id: int | str | None) -> EncodedMessage:
        """Return the reply to one request, sent at `now` (epoch ms)."""
        return EncodedMessage(
            text_frame(with_header(self.text, now, request_id)), None, self.game_id
        )


def encode_body(body: Body, game_id: str | None = None) -> EncodedBody:
    """Encode the body of a reply."""
    return EncodedBody(body["res"], to_json(body), game_id)


def without_position(body: Body) -> Body:
    """Return a body that moves no watermark."""
    return {name: value for name, value in body.items() if name not in ("seq", "prev_seq")}


def single(message: EncodedMessage) -> FrameBatch:
    """Return a batch of one message."""
    return FrameBatch((message,), message.frame)


def frame_batch(messages: Iterable[EncodedMessage]) -> FrameBatch:
    """Return a batch of several messages."""
    messages = tuple(messages)
    return FrameBatch(messages, b"".join([message.frame for message in messages]))


def merge(batches: Sequence[FrameBatch]) -> FrameBatch:
    """Return several batches as one."""
    if len(batches) == 1:
        return batches[0]
    messages = [message for batch in batches for message in batch.messages]
    return FrameBatch(messages, b"".join(batch.data for batch in batches))


def coalesce(batches: Sequence[FrameBatch]) -> list[FrameBatch]:
    """Return the batches with the waiting 361s of each pool merged (contract, section 9)."""
    left = iter(_merged([message for batch in batches for message in batch.messages]))
    shorter = [[kept for _, kept in zip(each.messages, left, strict=False)] for each in batches]
    return [frame_batch(filter(None, messages)) for messages in shorter if any(messages)]


def _merged(messages: Sequence[EncodedMessage]) -> list[EncodedMessage | None]:
    """Return each message as it is to be sent, None if it was merged into a later one."""
    merged: list[EncodedMessage | None] = list(messages)
    for game_id in {message.game_id for message in messages if message.game_id is not None}:
        places = [i for i, message in enumerate(messages) if message.game_id == game_id]
        bodies = merge_updates([messages[i].body for i in places])
        for place, body in zip(places, bodies, strict=True):
            merged[place] = _with_body(messages[place], body)
    return merged


def _with_body(message: EncodedMessage, body: Body | None) -> EncodedMessage | None:
    if body is None or body is message.body:
        return None if body is None else message
    return EncodedMessage(text_frame(to_json(body)), body, message.game_id)
