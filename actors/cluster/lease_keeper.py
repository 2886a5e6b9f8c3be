"""Renews the lease of a leader, in a thread of its own.

    event loop                              thread `lease`, with a session of its own
    ----------                              ----------------------------------------
    alive, every LOOP_LOOK_S          --->  every RENEW_S: renew the lease, note the report,
    on_renewed                        <---  extend the margin

A leader that takes over has much to do at once: games to replay, all clients of the dead node to
sign in, all that was not answered to be asked again. On a busy machine its event loop is late by
seconds then. If the loop renewed the lease, the leader would lose it just when it has begun to
lead, and so would the next one. A thread has its turn within milliseconds.

The lease is for liveness, so a leader whose event loop hangs must lose it: the thread renews only
while the loop was alive within `LOOP_S`.
"""

import threading
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Final

import structlog
import trio
from attrs import frozen

from actors.cluster.engine_thread import TRY_S
from actors.cluster.margin import Margin
from storage.cluster.connection import Deadline
from storage.cluster.engine import ClusterEngine
from storage.cluster.lease import Lease
from storage.cluster.nodes import NodeReport
from storage.errors import LeadershipLostError, StorageError

log = structlog.get_logger()

RENEW_S: Final = 1.0
"""Seconds between two renewals."""
RENEW_AGAIN_S: Final = 0.1
"""The pause before a renewal that failed is tried again, in seconds."""
LOOP_LOOK_S: Final = 0.25
LOOP_S: Final = 10.0
"""How late the event loop may be while its leader leads, in seconds."""


@frozen
class Renewal:
    """A lease that was renewed at `at`, in the time of `elapsed`."""

    lease: Lease
    at: float


class LeaseKeeper:
    """Keeps the lease of one term. `report` returns what the node reports.

    `engine` is used by the thread alone, and closed at the end.
    """

    def __init__(
        self,
        engine: ClusterEngine,
        epoch: int,
        margin: Margin,
        report: Callable[[], NodeReport],
        elapsed: Callable[[], float],
    ) -> None:
        self._engine, self._epoch, self._margin = engine, epoch, margin
        self._report, self._elapsed = report, elapsed
        self._stop = threading.Event()
        self._send, self._receive = trio.open_memory_channel[Renewal | StorageError | None](100)

    async def run(
        self, on_renewed: Callable[[Renewal], None], on_started: Callable[[], None]
    ) -> None:
        """Keep the lease until cancelled. Raise LeadershipLostError if another node has it."""
        self._token = trio.lowlevel.current_trio_token()
        self._now, self._loop_seen_at = self._report(), self._elapsed()
        thread = threading.Thread(target=self._keep, name="lease", daemon=True)
        thread.start()
        on_started()
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._show_life)
                async for each in self._receive:
                    if each is None:
                        raise LeadershipLostError("another node has the lease")
                    if isinstance(each, StorageError):
                        log.warning("lease_not_renewed", error=str(each))
                    else:
                        on_renewed(each)
        finally:
            self._stop.set()
            with trio.CancelScope(shield=True):  # nothing is renewed after the end
                await trio.to_thread.run_sync(thread.join, 2 * TRY_S)

    async def _show_life(self) -> None:
        while True:
            self._now, self._loop_seen_at = self._report(), self._elapsed()
            await trio.sleep(LOOP_LOOK_S)

    # The thread.

    def _keep(self) -> None:
        with closing(self._engine):
            while not self._stop.is_set():
                began = self._elapsed()
                pause = RENEW_S
                if began - self._loop_seen_at < LOOP_S and not self._renewed(began):
                    pause = RENEW_AGAIN_S
                self._stop.wait(max(RENEW_AGAIN_S, began + pause - self._elapsed()))

    def _renewed(self, began: float) -> bool:
        """Renew once. Return whether the engine has answered."""
        deadline = Deadline(self._elapsed, began + TRY_S)
        try:
            lease = self._engine.renew(deadline, self._epoch, self._now)
        except StorageError as error:
            self._tell(error)
            return False
        if lease is None:
            self._tell(None)
            return True
        self._margin.renewed(began)
        self._tell(Renewal(lease, (began + self._elapsed()) / 2))
        return True

    def _tell(self, what: Renewal | StorageError | None) -> None:
        with suppress(trio.RunFinishedError):
            self._token.run_sync_soon(self._note, what)

    def _note(self, what: Renewal | StorageError | None) -> None:
        with suppress(trio.WouldBlock):
            self._send.send_nowait(what)
