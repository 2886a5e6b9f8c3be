"""A bound on the real time of a simulated world."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

REAL_S: Final = 60
"""Real seconds that a seed may take, because some bugs make the loop busy forever."""


class StuckError(BaseException):
    """The loop is busy forever. It is no `Exception`, because the server would catch it."""


@contextmanager
def bounded_real_time() -> Iterator[None]:
    """Raise StuckError if the block takes longer than `REAL_S`."""

    def give_up(*_: object) -> None:
        raise StuckError(f"still busy after {REAL_S} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(REAL_S)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
