"""Writes the server's log: one complete line for each event, without ever blocking the server.

Every module logs with `structlog.get_logger()`. Bind a logger once (`log = get_logger().bind(
game_id=...)`), because a filtered call of a bound logger costs next to nothing. This module does
not know the events; docs/reference/log-events.md lists them and their keys. `toteboard/metrics.py`
has the counts.
"""

import logging
import os
import select
import threading
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime, timedelta
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
"""Keys whose values are written in full, because the server or its libraries produce them. Any
other text may come from a client, and is shortened as in a refusal."""

_MILLISECOND: Final = timedelta(milliseconds=1)


class LineSink:
    """A queue of lines, written to a file descriptor by a thread that may block.

    At most `max_lines` and `max_bytes` wait, and as many again are being written. A line for which
    there is no room, or which the descriptor refuses, is dropped and counted. Once lines can be
    written again, the line `notice(count)` reports the dropped ones.
    """

    def __init__(
        self,
        fd: int,
        notice: Callable[[int], bytes],
        max_lines: int = 10_000,
        max_bytes: int = 4 * 1_024 * 1_024,
    ) -> None:
        # Use a copy, because another file may reuse the number before a late write.
        self._fd = os.dup(fd)
        self._notice = notice
        self._max_lines, self._max_bytes = max_lines, max_bytes
        self._lines: list[bytes] = []
        self._bytes = 0
        self._dropped = self._reported = 0
        self._closing = False
        self._error: OSError | None = None
        self._has_tried = threading.Event()
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._thread = threading.Thread(target=self._drain, name="log", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """The number of lines dropped so far."""
        return self._dropped

    def write(self, line: bytes) -> None:
        """Queue a line that ends in a newline. Never block, whatever the reader does."""
        with self._lock:  # faster than its condition
            full = len(self._lines) >= self._max_lines or (
                self._bytes + len(line) > self._max_bytes
            )
            if full or self._closing:
                self._dropped += 1
                return
            if not self._lines:
                self._changed.notify()  # otherwise the thread has been notified already
            self._lines.append(line)
            self._bytes += len(line)

    def first_error(self) -> OSError | None:
        """Wait until the first line is written or fails; return the error, or None."""
        self._has_tried.wait()
        return self._error

    def close(self, timeout_s: float) -> None:
        """Accept no more lines; wait at most `timeout_s` seconds for the queued ones."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout_s)

    def _drain(self) -> None:
        closing = torn = False
        while not closing:
            lines, unreported, closing = self._take()
            if torn and lines:
                lines[0] = b"\n" + lines[0]
            data = b"".join((*lines, self._notice(unreported) if unreported else b""))
            written = self._write_out(data)
            torn = data[written - 1 : written] != b"\n" if written else torn
            lost = sum(end > written for end in accumulate(map(len, lines)))
            with self._changed:
                self._dropped += lost
                self._reported += unreported if written == len(data) else 0
        os.close(self._fd)

    def _take(self) -> tuple[list[bytes], int, bool]:
        # Wake only for new lines, so that a descriptor that refuses everything does not cause a
        # busy loop.
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._closing)
            lines, self._lines, self._bytes = self._lines, [], 0
            return lines, self._dropped - self._reported, self._closing

    def _write_out(self, data: bytes) -> int:
        """Write all data, however long it takes; return the bytes written before an error."""
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
        except BlockingIOError:  # another process that shares the descriptor made it non-blocking
            writable = select.poll()
            writable.register(self._fd, select.POLLOUT)
            writable.poll()
            return 0


@frozen
class Logs:
    """The open log. As a context manager, it closes itself at the end."""

    sink: LineSink

    def close(self, timeout_s: float = 1.0) -> None:
        """Write the queued lines, for at most `timeout_s` seconds. Later lines are dropped."""
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


class _Timestamps:
    """The time as lines show it. Many lines share a millisecond, so the latest text is kept."""

    def __init__(self) -> None:
        start = datetime.now(UTC)
        self._latest = start, start, ""  # replaced as a whole, because any thread may log

    def now(self) -> str:
        """Return the time in ISO 8601, in UTC, with milliseconds."""
        now = datetime.now(UTC)
        start, end, text = self._latest
        if not start <= now < end:
            start = now.replace(microsecond=now.microsecond // 1_000 * 1_000)
            text = start.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
            self._latest = start, start + _MILLISECOND, text
        return text


class _Printer:
    """The end of structlog's chain: one method for each level, all of which write."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = write


def configure(format: str | None, level: str, stream_fd: int = 1) -> Logs:
    """Make every `structlog.get_logger()` write to `stream_fd`; the caller closes the result.

    `format` is json or console (None: console if `stream_fd` is a terminal). `level` is the lowest
    level that is written: debug, info, warning or error. Loggers are not cached on their first use,
    so that `structlog.testing.capture_logs` captures every logger that is made later.
    """
    chain = _chain(effective_format(format, stream_fd), colors=os.isatty(stream_fd))
    sink = LineSink(stream_fd, lambda count: _dropped_line(chain, count))
    _install(chain, level, sink.write)
    return Logs(sink)


def effective_format(format: str | None, stream_fd: int = 1) -> str:
    """Return json or console (None: console if `stream_fd` is a terminal)."""
    return format or ("console" if os.isatty(stream_fd) else "json")


def configure_worker(worker: int, write: Callable[[bytes], None], format: str, level: str) -> None:
    """Make every `structlog.get_logger()` write its lines by `write`, which must not block.

    Each line has the number of the worker.
    """

    def number(_logger: object, _method: str, event: EventDict) -> EventDict:
        event["worker"] = worker
        return event

    _install((number, *_chain(format, colors=False)), level, write)


def _install(chain: tuple[Processor, ...], level: str, write: Callable[[bytes], None]) -> None:
    structlog.configure(
        processors=list(chain),
        wrapper_class=_bound_logger(level),
        logger_factory=lambda *_: _Printer(write),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_FromLibraries()], level=logging.WARNING, force=True)


class _FromLibraries(logging.Handler):
    """Passes on what libraries log with the standard library's `logging`."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log a record as `library_warning`, from level WARNING."""
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
        repr_native_str=True,  # a client's name must not control the terminal
        exception_formatter=structlog.dev.plain_traceback,  # the others may print variables
    )
    return (_redact, _shorten, _lead, console, _as_bytes)


def _bound_logger(level: str) -> type[FilteringBoundLogger]:
    """Return the logger class of a level, which also writes the events of ALWAYS at info."""
    base = structlog.make_filtering_bound_logger(level)
    info = _info if level in ("debug", "info") else _info_if_always
    return type("BoundLogger", (base,), {"info": info})


def _info(self: Any, event: str, **keys: Any) -> None:
    """Write a line. Every bet writes one, so this skips structlog's checks of how a chain ends."""
    line: Any = {**self._context, **keys, "event": event}
    try:
        for process in self._processors:
            line = process(self._logger, "info", line)
    except structlog.DropEvent:
        return
    self._logger.info(line)


def _info_if_always(self: Any, event: str, **keys: Any) -> None:
    if event in ALWAYS:
        _info(self, event, **keys)


def _dropped_line(chain: tuple[Processor, ...], count: int) -> bytes:
    line: Any = {"event": "log_lines_dropped", "count": count}
    for process in chain:
        line = process(None, "warning", line)
    return cast(bytes, line)


def _redact(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace secret values. No module should log them; this is the last line of defence."""
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
    """Shorten texts that may come from a client, as a refusal does."""
    for key, value in event.items():
        if isinstance(value, str) and len(value) > LONGEST_QUOTE and key not in OURS:
            event[key] = quote(value)  # replacing a value does not disturb the iteration
    return event


def _traceback(logger: object, method: str, event: EventDict) -> EventDict:
    if "exc_info" not in event:
        return event
    event = structlog.processors.format_exc_info(logger, method, event)
    if "exception" in event:
        event["traceback"] = event.pop("exception")
    return event


_TIMESTAMPS: Final = _Timestamps()


def _lead(_logger: object, method: str, event: EventDict) -> EventDict:
    """Put timestamp, level and event first in each line; no key of a caller replaces them."""
    lead = {"timestamp": _TIMESTAMPS.now(), "level": method, "event": event["event"]}
    return {**lead, **event, **lead}  # the first sets the order, the last the values


def _as_json(_logger: object, _method: str, event: EventDict) -> bytes:
    options = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
    try:
        return orjson.dumps(event, default=repr, option=options)
    except orjson.JSONEncodeError:  # such as a lone surrogate, or a number of 70 bits
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
