"""The entry point of a worker, which ends with the deciding process from its first moment on.

`toteboard/workers.py` starts it as `python -m toteboard.worker PARENT NUMBER LINK LISTENING...`:
the process id of the deciding process, the worker's number, and file descriptors. A worker holds
the public port from its start, and does not look at its link before everything is imported. So
until then the kernel kills it when the deciding process ends, even if it is stopped (SIGSTOP).

A worker that serves has clients to say goodbye to. It notices the end of its link; if it is
stopped, the kernel continues it (SIGCONT). To one that runs, SIGCONT does nothing.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from typing import Final

PR_SET_PDEATHSIG: Final = 1
"""The option of prctl(2) that names a signal for the end of the parent."""


def main(arguments: Sequence[str]) -> None:
    """Run a worker of a process."""
    parent, number, link, *listening = map(int, arguments)
    _when_the_parent_ends(signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the kernel was asked: end without a word, too
        sys.exit(1)
    from toteboard.worker_process import run

    _when_the_parent_ends(signal.SIGCONT)
    run(number, link, listening)


def _when_the_parent_ends(how: signal.Signals) -> None:
    """Have the kernel send a signal to this process when the thread that started it ends.

    That is the main thread of the deciding process, where the event loop runs.
    """
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
