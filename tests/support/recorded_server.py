"""Run the command line of any checkout, and record on request which of its functions are called.

    python -P recorded_server.py TREE DESCRIPTOR ARGUMENT...

TREE is the checkout. ARGUMENTs go to its command line. DESCRIPTOR is a connected socket: a line
`begin` on it starts a recording, a line `end` ends it, and the reply to each is one line of JSON.
The counterpart is tests/support/house_walks.py, which says what a recording holds.

This file imports nothing else of the repository, so that it runs on a checkout of any age.
"""

import json
import socket
import sys
import threading
from types import FrameType
from typing import Any, Final

FLOORS: Final = ("game", "protocol", "storage", "actors", "toteboard")
SENDS: Final = {"socket.send", "socket.sendmsg", "write", "writev"}
"""The qualified names of the C functions by which bytes leave the process."""

Call = tuple[str, str, int]
"""File below TREE, qualified name, first line."""


class Recorder:
    """The profile function of every thread but the one that controls it."""

    def __init__(self, tree: str) -> None:
        self._tree = f"{tree}/"
        self._floors = tuple(f"{tree}/{floor}/" for floor in FLOORS)
        self._is_recording = False
        self._calls: list[Call] = []
        self._sent = 0

    def begin(self) -> list[Call]:
        """Start a recording. Return its calls, of which there are none."""
        self._calls, self._sent, self._is_recording = [], 0, True
        return []

    def end(self) -> list[Call]:
        """End the recording. Return the calls of all threads before the last bytes were sent."""
        self._is_recording = False
        return self._calls[: self._sent]

    def profile(self, frame: FrameType, event: str, argument: Any) -> None:
        """Record a call of a named function of ours, and when bytes were last sent."""
        if not self._is_recording:
            return
        if event == "c_call" and argument.__qualname__ in SENDS:
            self._sent = len(self._calls)
        elif event == "call":
            code = frame.f_code
            if code.co_filename.startswith(self._floors) and not code.co_name.startswith("<"):
                file = code.co_filename.removeprefix(self._tree)
                self._calls.append((file, code.co_qualname, code.co_firstlineno))

    def obey(self, control: socket.socket) -> None:
        """Begin and end recordings as `control` says, until it is closed, unrecorded."""
        sys.setprofile(None)
        with control, control.makefile("rw") as lines:
            for line in lines:
                result = self.begin() if line == "begin\n" else self.end()
                print(json.dumps(result), file=lines, flush=True)


def main() -> None:
    """Start to listen to the control socket, then run the command line."""
    _, tree, descriptor, *arguments = sys.argv
    recorder = Recorder(tree)
    control = socket.socket(fileno=int(descriptor))
    threading.Thread(target=recorder.obey, args=(control,), daemon=True).start()
    sys.path.insert(0, tree)
    sys.argv[1:] = arguments
    threading.setprofile(recorder.profile)
    sys.setprofile(recorder.profile)
    from toteboard.__main__ import main as run

    run()


if __name__ == "__main__":
    main()
