"""A progress bar on the terminal for long tasks: a check, an upgrade, a copy."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from storage.progress import OnProgress, unobserved

MOST_UPDATES = 200
"""How often the bar is drawn at most, because a check may replay very many journals."""


@contextmanager
def progress_bar(label: str) -> Iterator[OnProgress]:
    """Give a function that moves a bar on standard error. The first report draws the bar.

    Nothing is drawn if standard error is not a terminal.
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
            if done >= total or abs(done - bar.pos) * MOST_UPDATES >= total:
                bar.update(done - bar.pos)
            if done >= total:  # a later report starts another bar
                bars.clear()
                exits.close()

        yield on_progress
