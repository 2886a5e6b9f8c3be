"""The entry point of the process: `toteboard`, and `python -m toteboard`.

A command that has something to clean up receives Ctrl-C itself (`toteboard/signals.py`). Before and
after that, this module makes sure that an interrupt prints no traceback, at any moment and however
often it comes: it ends the process, as SIGTERM does. Python's own handler would raise an exception
anywhere, also where none can be raised, such as in a callback of the import system.
"""

import signal
import sys
from types import TracebackType


def main() -> None:
    """Run the command line and end the process."""
    sys.excepthook = _report
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from toteboard.cli import main as run
    from toteboard.signals import ignore_signals

    try:
        run(prog_name="toteboard")
    finally:
        ignore_signals()  # the exit code is final


def _report(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Print no traceback for an interrupt; the interpreter then exits as if by SIGINT."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)


if __name__ == "__main__":
    main()
