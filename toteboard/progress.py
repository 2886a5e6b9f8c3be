"""A bar on a terminal for what takes long: a check, an upgrade, a copy."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from storage.progress import OnProgress, unobserved

STEPS = 200
"""How often the bar is drawn at most: a game's journal may be one of very many."""


@contextmanager
def progress_bar(label: str) -> Iterator[OnProgress]:
    """Give what moves a bar on standard error; it appears with the first report.

    Nothing is shown if standard error is not a terminal.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        yield unobserved
        return
    with ExitStack() as exits:
        bars: list[Any] = []

        def on_progress(done: int, total: int) -> None:
            if not bars:
                shown = click.progressbar(length=total, label=label, file=sys.stderr)
                bars.append(exits.enter_context(shown))
            [bar] = bars
            bar.length = total
            if done >= total or abs(done - bar.pos) * STEPS >= total:
                bar.update(done - bar.pos)
            if done >= total:  # another bar may follow
                bars.clear()
                exits.close()

        yield on_progress
