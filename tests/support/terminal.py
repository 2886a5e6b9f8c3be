"""A pseudo-terminal: what a program shows on it."""

import os
import re
import select
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.process import PATIENCE_S


@contextmanager
def opened_terminal() -> Iterator[tuple[int, int]]:
    """Open a terminal; give its screen, to read from, and the end that a program writes to."""
    screen, terminal = os.openpty()
    try:
        yield screen, terminal
    finally:
        os.close(terminal)
        os.close(screen)


def shown_on(screen: int, last: str) -> str:
    """Return what the screen shows, once it matches `last`, a regular expression.

    The kernel passes it on in its own time.
    """
    text = ""
    while not re.search(last, text) and select.select([screen], [], [], PATIENCE_S)[0]:
        text += os.read(screen, 65_536).decode()
    return text
