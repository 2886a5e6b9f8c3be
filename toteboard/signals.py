"""The signals that stop a command: SIGINT, SIGTERM, and SIGHUP when its terminal closes.

Commands with an event loop receive them by `stop_signals.py`. This file needs no trio, so that
other commands start fast.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Raise KeyboardInterrupt at the first signal; ignore later ones, so that cleanup completes."""
    before = {each: signal.getsignal(each) for each in STOP_SIGNALS}

    def interrupt(_number: int, _frame: object) -> None:
        for each in STOP_SIGNALS:
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


def ignore_signals() -> None:
    """Ignore the stop signals for the rest of the process."""
    for each in STOP_SIGNALS:
        signal.signal(each, signal.SIG_IGN)
