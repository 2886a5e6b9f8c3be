"""Sends a connection's messages: directly if the socket takes them, else through the outbox.

Theory of operation
===================

    send --> corked?  -- yes -->  held back until `uncork`, which sends them as one batch
               | no
               v
             behind?  -- yes -->  outbox  --> the writing task --> flush
               | no                  ^
               v                     |
             write_now  -- not taken +
                        -- taken in part: the writing task flushes the rest of the frame

- Messages leave in the order of the calls of `send`. So nothing is written directly while anything
  is in the outbox or a frame is half written.
- `Receiver` corks while it handles the messages of one read, so their replies leave in one write.
- The outbox and the writing task exist only once a client has been behind. Most clients never are,
  so most connections do not pay for them.
- If the outbox has no room, the client is lagging: its connection is closed (1008 `lagging`).
"""

import structlog

from actors.edge.closing import GONE, LAGGING, NORMAL, Closing
from actors.edge.connection_tasks import ConnectionTasks
from actors.edge.frame_writer import FrameWriter
from actors.edge.outbox import Outbox
from actors.link.caller import POLICY_VIOLATION
from actors.link.encoded_message import FrameBatch, merge
from protocol.limits import Limits

log = structlog.get_logger()


class Sender:
    """The output of one connection. Before `attach` everything is queued."""

    __slots__ = (
        "_closing",
        "_connection_id",
        "_corked",
        "_has_task",
        "_limits",
        "_outbox",
        "_tasks",
        "_user_id",
        "_writer",
        "corked_bytes",
    )

    def __init__(self, limits: Limits, closing: Closing, connection_id: str, user_id: int) -> None:
        self._limits, self._closing = limits, closing
        self._connection_id, self._user_id = connection_id, user_id
        self._outbox: Outbox | None = None
        self._corked: list[FrameBatch] | None = None
        self.corked_bytes = 0
        self._writer: FrameWriter | None = None
        self._tasks: ConnectionTasks | None = None
        self._has_task = False

    def attach(self, writer: FrameWriter, tasks: ConnectionTasks) -> None:
        """Write by `writer` from now on. The writing task, if it is needed, is one of `tasks`."""
        self._writer, self._tasks = writer, tasks
        if self.queued:
            self._write_later()

    def detach(self) -> None:
        """Drop the references to the stream and the tasks."""
        self._writer = self._tasks = None

    def send(self, batch: FrameBatch, *, counted: bool = True) -> None:
        """Send a batch, or hold it back while corked. `counted`: see `Outbox`."""
        if self._closing.has_begun or not batch.data:
            return
        if self._corked is None:
            self._send(batch, counted=counted)
        else:
            self._corked.append(batch)
            self.corked_bytes += len(batch.data)

    def cork(self) -> None:
        """Hold back what is sent from now on."""
        self._corked, self.corked_bytes = [], 0

    def uncork(self) -> None:
        """Send what was held back, as one batch."""
        corked, self._corked = self._corked, None
        if corked and not self._is_written(b"".join([batch.data for batch in corked])):
            self._enqueue(merge(corked))

    def _send(self, batch: FrameBatch, *, counted: bool = True) -> None:
        if not (counted and self._is_written(batch.data)):
            self._enqueue(batch, counted=counted)

    def _is_written(self, data: bytes) -> bool:
        """Write to the socket, unless that would block or something waits in the outbox."""
        writer, is_queued = self._writer, self._outbox is not None and self._outbox.queued
        if writer is None or is_queued or not writer.write_now(data):
            return False
        if writer.is_behind:
            self._write_later()
        return True

    def _enqueue(self, batch: FrameBatch, *, counted: bool = True) -> None:
        if self._queue.put(batch, counted=counted):
            self._write_later()
        else:
            log.warning(
                "subscriber_lagging", connection_id=self._connection_id, user_id=self._user_id
            )
            self._queue.clear()
            self._closing.begin(POLICY_VIOLATION, LAGGING)

    @property
    def _queue(self) -> Outbox:
        if self._outbox is None:
            self._outbox = Outbox(self._limits.outbox_size, self._limits.outbox_bytes)
        return self._outbox

    @property
    def queued(self) -> int:
        """How many batches wait in the outbox."""
        return 0 if self._outbox is None else self._outbox.queued

    @property
    def is_behind(self) -> bool:
        """Whether output waits for the client, be it half a frame."""
        return self.queued > 0 or (self._writer is not None and self._writer.is_behind)

    @property
    def is_far_behind(self) -> bool:
        """Whether so much waits that a request is not answered before the client reads."""
        return self._outbox is not None and self._outbox.is_long

    @property
    def chunks_taken(self) -> int:
        """How many chunks the client has taken from the outbox."""
        return 0 if self._outbox is None else self._outbox.chunks_taken

    async def drained(self) -> None:
        """Wait until the client is no longer far behind."""
        if self._outbox is not None:
            await self._outbox.drained()

    def take_all(self) -> bytes:
        """Remove and return the frames that wait in the outbox."""
        return b"" if self._outbox is None else self._outbox.take_all()

    def _write_later(self) -> None:
        """Start the writing task, or wake it."""
        if not self._has_task and self._tasks is not None:
            self._has_task = True
            self._tasks.start_soon(self._write)
        self._queue.wake()

    async def _write(self) -> None:
        """Write the outbox until the connection closes."""
        try:
            while not self._closing.has_begun:
                data = await self._queue.take()
                if self._writer is not None and (data or self._writer.is_behind):
                    await self._writer.flush(data)
        except GONE:  # the reading task may be waiting for the client, and would not notice
            self._closing.begin(NORMAL, "lost")
