"""What happened in a world, to be read, and to be compared with another run of the same seed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import structlog
from attrs import Factory, define, field


@define
class Story:
    """The lines of a world. `digest` is equal for two runs exactly if the same happened."""

    step: int = 0
    lines: list[str] = Factory(list)
    _hash: Any = field(factory=sha256)

    def tell(self, at_s: float, line: str) -> None:
        """Record a line."""
        line = f"{self.step:4} {at_s:9.4f} {line}"
        self._hash.update(line.encode())
        self.lines.append(line)

    @property
    def digest(self) -> str:
        """The digest of all lines."""
        return str(self._hash.hexdigest())


@contextmanager
def logs_to(story: Story, now: Callable[[], float]) -> Iterator[None]:
    """Record what the nodes log, apart from their usual work, instead of printing it."""

    def note(_: object, level: str, event: Any) -> Any:
        if level in ("warning", "error"):
            about = " ".join(f"{name}={value}" for name, value in event.items() if name != "event")
            story.tell(now(), f"{event['event']} {about}")
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[note], cache_logger_on_first_use=False)
    try:
        yield
    finally:
        structlog.configure(**before)
