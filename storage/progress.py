"""How far something that takes long has come, for a person who waits; shown by `toteboard`."""

from collections.abc import Callable

OnProgress = Callable[[int, int], None]
"""Called with how much is done and how much there is, in a unit of the caller's."""


def unobserved(done: int, total: int) -> None:
    """Show nothing."""
