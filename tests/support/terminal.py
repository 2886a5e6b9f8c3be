"""A pseudo-terminal, to test what a program shows on it."""

import os
import re
import select
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.process import PATIENCE_S


@contextmanager
def opened_terminal() -> Iterator[tuple[int, int]]:
    """Open a terminal and yield its screen, to read from, and the end for the program."""
    screen, terminal = os.openpty()
    try:
        yield screen, terminal
    finally:
        os.close(terminal)
        os.close(screen)


def shown_on(screen: int, last: str) -> str:
    """Return what the screen shows once it matches the regular expression `last`.

    The kernel may pass the bytes on with a delay.
    """
    text = ""
    while not re.search(last, text) and select.select([screen], [], [], PATIENCE_S)[0]:
        text += os.read(screen, 65_536).decode()
    return text
