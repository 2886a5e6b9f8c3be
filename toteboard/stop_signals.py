"""Receives the signals that stop a command in an event loop of trio's.

trio's own receiver restores the old handlers when it ends, and raises the signals that came too
late. A second Ctrl-C would then interrupt the shutdown of a server. The receiver here stays
installed until the process ends.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import trio

from toteboard.signals import STOP_SIGNALS


class StopSignals:
    """Receives the signals until the process ends, in place of their default effect.

    Make it in the main thread. An ignored SIGHUP stays ignored: with `nohup`, a command outlives
    its terminal.
    """

    def __init__(self) -> None:
        self._on_loop: Callable[[], None] | None = None
        self.has_come = False
        for each in STOP_SIGNALS:
            if each is not signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN:
                signal.signal(each, self._receive)

    @contextmanager
    def calling(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call `stop` on this event loop at each signal, and now if one has already come.

        The block must end together with the loop.
        """
        token = trio.lowlevel.current_trio_token()
        self._on_loop = lambda: token.run_sync_soon(stop, idempotent=True)
        if self.has_come:
            stop()
        try:
            yield
        finally:
            # trio closes this descriptor before it unsets it. A signal between the two would write
            # to a closed descriptor.
            signal.set_wakeup_fd(-1)

    def _receive(self, _number: int, _frame: object) -> None:
        self.has_come = True
        if self._on_loop is not None:
            with suppress(trio.RunFinishedError):
                self._on_loop()
