"""What happened in a world, to be read, and to be compared with another run of the same seed."""

from collections.abc import Iterator
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
def silent_logs() -> Iterator[None]:
    """Print nothing of what the nodes log."""

    def drop(_: object, __: str, _event: Any) -> Any:
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(processors=[drop], cache_logger_on_first_use=False)
    try:
        yield
    finally:
        structlog.configure(**before)
