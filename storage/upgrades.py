"""What SQL alone cannot do in an upgrade: a step in Python after the script of the same number.

A step runs in the upgrade's transaction, so that all is done or nothing. It has the bare
connection, because classes and queries of today may not fit the tables of then, and reads in pages,
to keep memory bounded.
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Final

from attrs import frozen

from storage.progress import OnProgress, unobserved


@frozen
class Upgrade:
    """What a step works on."""

    connection: sqlite3.Connection
    on_progress: OnProgress = unobserved


Step = Callable[[Upgrade], None]

STEPS: Final[Mapping[int, Step]] = {}
"""The steps, by the number of the script in `schema` that each follows."""
