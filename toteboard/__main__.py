"""Where the process begins and ends: `toteboard`, and `python -m toteboard`.

Between the two, Ctrl-C is the command's to deal with. Here it is seen to that however often it
comes, and at whatever moment, nothing but the command's own words is written.
"""

import signal
import sys
from types import TracebackType


def main() -> None:
    """Run the command line and end the process."""
    sys.excepthook = _report
    is_heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_heard:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # while we import, it just ends the process
    from toteboard.cli import main as run
    from toteboard.signals import ignore_from_now_on

    if is_heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        run(prog_name="toteboard")
    finally:
        ignore_from_now_on()  # the exit code is settled


def _report(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """An interrupt says nothing: the interpreter then ends the process as SIGINT would have."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)


if __name__ == "__main__":
    main()
