"""What ends a command in order: SIGINT, SIGTERM, and SIGHUP when its terminal goes away.

trio's own receiver puts the former handlers back when it ends, and raises again what came too
late: so a second Ctrl-C would end a server in the middle of its end. This one stays.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import trio

STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignals:
    """Hears the signals from now on, until the process ends; then they do nothing else.

    Made in the main thread. SIGHUP stays ignored if it is: `nohup` has the command outlive its
    terminal.
    """

    def __init__(self) -> None:
        self._on_loop: Callable[[], None] | None = None
        self.has_come = False
        for each in STOPPING:
            if each is not signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN:
                signal.signal(each, self._hear)

    @contextmanager
    def calling(self, stop: Callable[[], None]) -> Iterator[None]:
        """Have `stop` called on this loop at each signal, and if one has come; until the end of
        the block, which is to be that of the loop."""
        token = trio.lowlevel.current_trio_token()
        self._on_loop = lambda: token.run_sync_soon(stop, idempotent=True)
        if self.has_come:
            stop()
        try:
            yield
        finally:
            # trio closes this descriptor before it unsets it: a signal would find it closed.
            signal.set_wakeup_fd(-1)

    def _hear(self, _number: int, _frame: object) -> None:
        self.has_come = True
        if self._on_loop is not None:
            with suppress(trio.RunFinishedError):
                self._on_loop()


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first signal; later ones do not disturb the undoing."""
    before = {each: signal.getsignal(each) for each in STOPPING}

    def interrupt(_number: int, _frame: object) -> None:
        for each in STOPPING:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each, handler in before.items():
        if handler is not signal.SIG_IGN:  # nohup
            signal.signal(each, interrupt)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def end_at_once() -> None:
    """Let SIGINT end the process, as SIGTERM does: there is nothing yet to be put in order."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def ignore_from_now_on() -> None:
    """The process ends: no signal changes how."""
    for each in STOPPING:
        signal.signal(each, signal.SIG_IGN)
