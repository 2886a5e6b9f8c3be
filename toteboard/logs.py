"""How the server's log leaves the process: one whole line an event, never in anybody's way.

Everybody logs by `structlog.get_logger()`; bind it once (`log = get_logger().bind(game_id=...)`),
for a filtered call of a bound logger costs next to nothing. Nothing here knows what an event
means. The words to use, and the keys, are in docs/reference/log-events.md; counts are in
`metrics`.
"""

import logging
import os
import select
import threading
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from itertools import accumulate
from types import TracebackType
from typing import Any, Final, Self, cast

import orjson
import structlog
from attrs import frozen
from structlog.typing import EventDict, FilteringBoundLogger, Processor

from game.refusals import LONGEST_QUOTE, quote

ALWAYS: Final = frozenset({"listening"})
SECRET: Final = frozenset(
    {"session_key", "user_session_key", "digest", "query", "query_string", "password", "h", "key"}
)
OURS: Final = frozenset(
    {"traceback", "error", "text", "url", "http_url", "operator_url", "copy", "key_file"}
)
"""Keys whose values are written whole: the server and its libraries say these. Any other text may
be a client's, and is cut as in a refusal."""


class LineSink:
    """Lines on their way to a file descriptor, handed over by a thread that may wait for it.

    At most `max_lines` and `max_bytes` wait, and as many again are being written; a line that
    finds no room, or that the descriptor refuses, is dropped and counted. As soon as lines move
    again `notice(count)` is written, the line that tells of them.
    """

    def __init__(
        self,
        fd: int,
        notice: Callable[[int], bytes],
        max_lines: int = 10_000,
        max_bytes: int = 4 * 1_024 * 1_024,
    ) -> None:
        self._fd = os.dup(fd)  # our own: a late write must not hit what reuses the number
        self._notice = notice
        self._max_lines, self._max_bytes = max_lines, max_bytes
        self._lines: list[bytes] = []
        self._bytes = 0
        self._dropped = self._told = 0
        self._closing = False
        self._error: OSError | None = None
        self._has_tried = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._drain, name="log", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """How many lines were lost so far."""
        return self._dropped

    def write(self, line: bytes) -> None:
        """Hand over a line that ends in a newline. Returns at once, whatever the reader does."""
        with self._changed:
            full = len(self._lines) >= self._max_lines or (
                self._bytes + len(line) > self._max_bytes
            )
            if full or self._closing:
                self._dropped += 1
                return
            if not self._lines:
                self._changed.notify()  # else it has been told already
            self._lines.append(line)
            self._bytes += len(line)

    def first_error(self) -> OSError | None:
        """Wait until the first line is written, or cannot be; gives why it cannot."""
        self._has_tried.wait()
        return self._error

    def close(self, timeout_s: float) -> None:
        """Take no more lines; wait up to `timeout_s` seconds for the waiting ones to be read."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout_s)

    def _drain(self) -> None:
        closing = torn = False
        while not closing:
            lines, untold, closing = self._take()
            if torn and lines:
                lines[0] = b"\n" + lines[0]
            data = b"".join((*lines, self._notice(untold) if untold else b""))
            written = self._write_out(data)
            torn = data[written - 1 : written] != b"\n" if written else torn
            lost = sum(end > written for end in accumulate(map(len, lines)))
            with self._changed:
                self._dropped += lost
                self._told += untold if written == len(data) else 0
        os.close(self._fd)

    def _take(self) -> tuple[list[bytes], int, bool]:
        # It wakes for lines alone: a descriptor that refuses everything must not make it spin.
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._closing)
            lines, self._lines, self._bytes = self._lines, [], 0
            return lines, self._dropped - self._told, self._closing

    def _write_out(self, data: bytes) -> int:
        """Write it all, however long the reader takes; how much went out before an error."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._write_some(rest) :]
        except OSError as error:
            self._error = error
        if data:
            self._has_tried.set()
        return len(data) - len(rest)

    def _write_some(self, data: memoryview) -> int:
        try:
            return os.write(self._fd, data)
        except BlockingIOError:  # whoever shares the descriptor made it non-blocking
            writable = select.poll()
            writable.register(self._fd, select.POLLOUT)
            writable.poll()
            return 0


@frozen
class Logs:
    """The open log. As a context manager it is closed at the end."""

    sink: LineSink

    def close(self, timeout_s: float = 1.0) -> None:
        """Hand over what waits, for at most `timeout_s` seconds. Later lines are dropped."""
        self.sink.close(timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Printer:
    """What structlog calls at the end of its chain, by the name of the level."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = write


def configure(format: str | None, level: str, stream_fd: int = 1) -> Logs:
    """Make every `structlog.get_logger()` write to `stream_fd`; close what is returned at the end.

    `format` is json or console (None: console when `stream_fd` is a terminal), `level` the lowest
    that is written: debug, info, warning or error. Loggers are not cached on their first use, so
    that `structlog.testing.capture_logs` hears every one that is made after this.
    """
    terminal = os.isatty(stream_fd)
    chain = _chain(format or ("console" if terminal else "json"), colors=terminal)
    sink = LineSink(stream_fd, lambda count: _dropped_line(chain, count))
    structlog.configure(
        processors=list(chain),
        wrapper_class=_bound_logger(level),
        logger_factory=lambda *_: _Printer(sink.write),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_FromLibraries()], level=logging.WARNING, force=True)
    return Logs(sink)


class _FromLibraries(logging.Handler):
    """What libraries log by the standard library's `logging`, as lines of ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record: `library_warning`, from WARNING on."""
        error = record.exc_info[1] if record.exc_info else None
        log = structlog.get_logger()
        log.warning(
            "library_warning",
            library=record.name,
            text=record.getMessage(),
            error=None if error is None else repr(error),
        )


def _chain(format: str, colors: bool) -> tuple[Processor, ...]:
    if format == "json":
        return (_redact, _traceback, _shorten, _lead, _as_json)
    console = structlog.dev.ConsoleRenderer(
        colors=colors,
        repr_native_str=True,  # a name from outside must not steer the terminal
        exception_formatter=structlog.dev.plain_traceback,  # the others may show variables
    )
    return (_redact, _shorten, _lead, console, _as_bytes)


def _bound_logger(level: str) -> type[FilteringBoundLogger]:
    """The logger class of a level, which lets the events of ALWAYS pass at info all the same."""
    base = structlog.make_filtering_bound_logger(level)
    if level in ("debug", "info"):
        return base
    filtered = base.info

    def info(self: Any, event: str, *args: Any, **keys: Any) -> Any:
        if event in ALWAYS:
            return self._proxy_to_logger("info", event, **keys)
        return filtered(self, event, *args, **keys)

    return type("BoundLogger", (base,), {"info": info})


def _dropped_line(chain: tuple[Processor, ...], count: int) -> bytes:
    line: Any = {"event": "log_lines_dropped", "count": count}
    for process in chain:
        line = process(None, "warning", line)
    return cast(bytes, line)


def _redact(_logger: object, _method: str, event: EventDict) -> EventDict:
    """The last line of defence: nobody should log these, and nobody can."""
    if SECRET.isdisjoint(event) and dict not in map(type, event.values()):
        return event
    return _without_secrets(event)


def _without_secrets(values: MutableMapping[str, Any]) -> dict[str, Any]:
    return {
        key: "[redacted]"
        if key in SECRET
        else (_without_secrets(value) if isinstance(value, dict) else value)
        for key, value in values.items()
    }


def _shorten(_logger: object, _method: str, event: EventDict) -> EventDict:
    """A client's text may be as long as a message: a line holds as much of it as a refusal."""
    for key, value in event.items():
        if isinstance(value, str) and len(value) > LONGEST_QUOTE and key not in OURS:
            event[key] = quote(value)  # a key that is there: the loop goes on undisturbed
    return event


def _traceback(logger: object, method: str, event: EventDict) -> EventDict:
    if "exc_info" not in event:
        return event
    event = structlog.processors.format_exc_info(logger, method, event)
    if "exception" in event:
        event["traceback"] = event.pop("exception")
    return event


def _lead(_logger: object, method: str, event: EventDict) -> EventDict:
    """Every line begins with when, how grave and what; no key of a caller replaces these."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
    lead = {"timestamp": now, "level": method, "event": event["event"]}
    return {**lead, **event, **lead}  # the first for the order, the last to stay


def _as_json(_logger: object, _method: str, event: EventDict) -> bytes:
    options = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
    try:
        return orjson.dumps(event, default=repr, option=options)
    except orjson.JSONEncodeError:  # half a surrogate, a number of 70 bits: still worth a line
        readable = {key: _encodable(value) for key, value in event.items()}
        return orjson.dumps(readable, default=repr, option=options)


def _encodable(value: Any) -> Any:
    try:
        orjson.dumps(value, default=repr, option=orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError:
        return ascii(value)
    return value


def _as_bytes(_logger: object, _method: str, line: Any) -> bytes:
    return str(line).encode(errors="backslashreplace") + b"\n"
