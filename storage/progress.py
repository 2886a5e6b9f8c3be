"""The progress of a long task, reported to a waiting person by `toteboard/progress.py`."""

from collections.abc import Callable

OnProgress = Callable[[int, int], None]
"""Called with the amount done and the total amount, both in a unit that the task names."""


def unobserved(done: int, total: int) -> None:
    """Ignore the progress."""
