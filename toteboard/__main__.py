"""The entry point of the process: `toteboard`, and `python -m toteboard`.

Each command handles Ctrl-C while it runs. Before and after that, this module makes sure that an
interrupt prints no traceback, at any moment and however often it comes.
"""

import signal
import sys
from types import TracebackType


def main() -> None:
    """Run the command line and end the process."""
    sys.excepthook = _report
    has_default_handler = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if has_default_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # end the process during the imports
    from toteboard.cli import main as run
    from toteboard.signals import ignore_signals

    if has_default_handler:
        signal.signal(signal.SIGINT, signal.default_int_handler)
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
