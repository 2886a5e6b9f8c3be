"""The log: whole JSON lines, and no task ever waits for it (docs/reference/log-events.md)."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from tests.support.terminal import opened_terminal, shown_on
from toteboard.logs import LineSink, Logs, configure


class Pipe:
    """A pipe that is read when the test calls for it."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()

    def close_reader(self) -> None:
        with suppress(OSError):
            os.close(self.reader)

    def close_writer(self) -> None:
        with suppress(OSError):
            os.close(self.writer)

    def rest(self) -> bytes:
        """Return everything until the last writer has closed the pipe."""
        self.close_writer()
        return b"".join(iter(lambda: os.read(self.reader, 65_536), b""))


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close_writer()
    pipe.close_reader()


@pytest.fixture
def opened(pipe: Pipe) -> Iterator[Callable[..., Logs]]:
    """Yield a function that opens a log on the pipe. Restore structlog afterwards."""
    yield lambda format="json", level="info": configure(format, level, pipe.writer)
    structlog.reset_defaults()


Open = Callable[..., Logs]


def notice(count: int) -> bytes:
    return b'{"dropped":%d}\n' % count


def said(pipe: Pipe, logs: Logs) -> list[dict[str, Any]]:
    logs.close()
    return [json.loads(line) for line in pipe.rest().splitlines()]


def test_a_line_is_one_json_object_that_begins_with_when_how_grave_and_what(
    pipe: Pipe, opened: Open
) -> None:
    with opened() as logs:
        structlog.get_logger().bind(game_id="g").info("bet_placed", pool_id=5, text="a\nb")
    (line,) = said(pipe, logs)
    assert list(line) == ["timestamp", "level", "event", "game_id", "pool_id", "text"]
    assert (line["level"], line["event"], line["text"]) == ("info", "bet_placed", "a\nb")


def test_the_timestamp_is_iso_8601_in_utc_with_milliseconds(pipe: Pipe, opened: Open) -> None:
    logs = opened()
    structlog.get_logger().info("shutdown", timestamp="mine", level="mine")
    (line,) = said(pipe, logs)
    moment = datetime.strptime(line["timestamp"], "%Y-%m-%dT%H:%M:%S.%f%z")
    assert line["timestamp"].endswith("Z")
    assert line["timestamp"] == moment.isoformat(timespec="milliseconds")[:-6] + "Z"
    assert line["level"] == "info"


def test_each_timestamp_is_the_millisecond_of_its_line(pipe: Pipe, opened: Open) -> None:
    logs, moments = opened(), [datetime.now(UTC)]
    while moments[-1] - moments[0] < timedelta(milliseconds=3):
        structlog.get_logger().info("shutdown")
        moments.append(datetime.now(UTC))
    for line, before, after in zip(said(pipe, logs), moments, moments[1:], strict=False):
        moment = datetime.fromisoformat(line["timestamp"])
        assert before - timedelta(milliseconds=1) < moment <= after


@pytest.mark.parametrize(
    ("level", "heard"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_a_level_and_those_above_it_are_written(
    pipe: Pipe, opened: Open, level: str, heard: list[str]
) -> None:
    logs = opened(level=level)
    log = structlog.get_logger()
    log.debug("op_handled")
    log.info("game_created")
    log.warning("subscriber_lagging")
    log.error("actor_restarted")
    assert [line["level"] for line in said(pipe, logs)] == heard


@pytest.mark.parametrize("level", ["debug", "info", "warning", "error"])
def test_listening_is_written_at_every_level(pipe: Pipe, opened: Open, level: str) -> None:
    logs = opened(level=level)
    structlog.get_logger().bind(pid=1).info("listening", url="ws://127.0.0.1:9999")
    (line,) = said(pipe, logs)
    assert line["event"] == "listening"
    assert line["level"] == "info"
    assert line["url"] == "ws://127.0.0.1:9999"


@pytest.mark.parametrize("format", ["json", "console"])
def test_no_secret_is_in_a_line(pipe: Pipe, opened: Open, format: str) -> None:
    logs = opened(format)
    keys = ("session_key", "user_session_key", "digest", "query", "password", "h", "key")
    secrets = dict.fromkeys(keys, "hunter2")
    log = structlog.get_logger()
    log.info("op_refused", **secrets, parameters={"nested": secrets})
    password = "".join(("hunter", "2"))  # a variable, so the line of source does not show it
    try:
        raise LookupError(len(password))
    except LookupError:
        log.exception("actor_restarted")
    logs.close()
    written = pipe.rest()
    assert b"hunter2" not in written
    assert written.count(b"[redacted]") == 2 * len(keys)


@pytest.mark.parametrize("format", ["json", "console"])
def test_a_clients_text_is_cut_to_100_code_points(pipe: Pipe, opened: Open, format: str) -> None:
    logs = opened(format)
    log = structlog.get_logger()
    log.info("http_handled", path="/" + "é" * 40_000, request_id=7)
    log.error("storage_failed", error="x" * 300)
    logs.close()
    written = pipe.rest().decode()
    assert "/" + "é" * 99 + "…" in written
    assert "é" * 100 not in written
    assert "x" * 300 in written, "what the server says itself is written whole"


def test_a_traceback_is_a_text_in_the_one_line(pipe: Pipe, opened: Open) -> None:
    logs = opened()
    log = structlog.get_logger()
    try:
        raise LookupError("no such pool")
    except LookupError as error:
        log.error("actor_restarted", exc_info=True)
        log.error("actor_restarted", exc_info=error)
    lines = said(pipe, logs)
    assert len(lines) == 2
    for line in lines:
        assert line["traceback"].startswith("Traceback (most recent call last):\n")
        assert line["traceback"].endswith("LookupError: no such pool")
        assert "exc_info" not in line


@pytest.mark.parametrize("value", [2**70, "\ud800", {2**70: 1}, object(), float("nan"), b"\xff"])
def test_a_value_that_json_does_not_know_is_still_worth_a_line(
    pipe: Pipe, opened: Open, value: object
) -> None:
    logs = opened()
    structlog.get_logger().info("op_refused", value=value, user_id=7)
    (line,) = said(pipe, logs)
    assert (line["event"], line["user_id"]) == ("op_refused", 7)


def test_without_a_format_a_pipe_gets_json(pipe: Pipe, opened: Open) -> None:
    logs = opened(None)
    structlog.get_logger().info("shutdown")
    assert said(pipe, logs)[0]["event"] == "shutdown"


def test_without_a_format_a_terminal_gets_the_console() -> None:
    with opened_terminal() as (screen, stderr):
        try:
            with configure(None, "info", stderr):
                structlog.get_logger().info("shutdown", reason="asked")
        finally:
            structlog.reset_defaults()
        shown = shown_on(screen, "asked")
    assert "shutdown" in shown
    assert not shown.startswith("{")


def test_a_name_from_outside_does_not_steer_the_terminal(pipe: Pipe, opened: Open) -> None:
    logs = opened("console")
    structlog.get_logger().info("op_refused", name="\x1b[2J")
    logs.close()
    assert b"\x1b" not in pipe.rest()


def test_tests_can_capture_what_is_logged(opened: Open) -> None:
    early = structlog.get_logger()
    with opened():
        early.info("game_created")
    opened().close()  # loggers must not stay bound to the first log
    bound = structlog.get_logger().bind(game_id="g")
    with capture_logs() as captured:
        early.info("game_opened")
        bound.info("game_closed")
        bound.debug("op_handled")
    assert [(line["event"], line.get("game_id")) for line in captured] == [
        ("game_opened", None),
        ("game_closed", "g"),
    ]


def test_a_reader_that_stopped_delays_nobody_and_every_line_is_accounted_for(pipe: Pipe) -> None:
    sink = LineSink(pipe.writer, notice, max_lines=100)
    line = json.dumps({"padding": "x" * 1_000}).encode() + b"\n"
    for _ in range(5_000):
        sink.write(line)
    dropped = sink.dropped
    assert dropped > 4_000
    sink.close(0)
    lines = [json.loads(each) for each in pipe.rest().splitlines()]
    whole = sum("padding" in each for each in lines)
    assert sum(each.get("dropped", 0) for each in lines) == dropped
    assert whole + dropped == 5_000


def test_dropped_lines_are_told_as_soon_as_lines_move_again(pipe: Pipe) -> None:
    sink = LineSink(pipe.writer, notice, max_bytes=200_000)
    for _ in range(500):
        sink.write(b"x" * 999 + b"\n")
    seen = b""
    while b"dropped" not in seen:  # it needs neither another line nor a close
        seen += os.read(pipe.reader, 65_536)
    sink.write(b"next\n")
    sink.close(5)
    assert pipe.rest().endswith(b"next\n")


def test_what_is_dropped_by_the_log_is_said_as_log_lines_dropped(pipe: Pipe, opened: Open) -> None:
    logs = opened(level="error")
    log = structlog.get_logger()
    for _ in range(30_000):
        log.error("actor_restarted", padding="x" * 1_000)
    dropped = logs.sink.dropped
    assert dropped > 0
    logs.close(0)
    told = [json.loads(each) for each in pipe.rest().splitlines() if b"log_lines_dropped" in each]
    assert sum(each["count"] for each in told) == dropped
    assert list(told[0]) == ["timestamp", "level", "event", "count"]
    assert told[0]["level"] == "warning"


def test_closing_ends_though_nobody_reads(pipe: Pipe) -> None:
    sink = LineSink(pipe.writer, notice)
    sink.write(b"x" * 1_000_000 + b"\n")
    sink.close(0.01)
    assert len(pipe.rest()) == 1_000_001


def test_closing_hands_over_what_waits_and_takes_no_more(pipe: Pipe) -> None:
    sink = LineSink(pipe.writer, notice)
    for number in range(50):
        sink.write(b"%d\n" % number)
    sink.close(5)
    sink.close(5)
    sink.write(b"late\n")
    assert sink.dropped == 1
    assert pipe.rest().split() == [b"%d" % number for number in range(50)]


def test_a_reader_that_is_gone_costs_the_lines_and_nothing_else(pipe: Pipe) -> None:
    notices: list[int] = []

    def noted(count: int) -> bytes:
        notices.append(count)
        return b"notice\n"

    sink = LineSink(pipe.writer, noted)
    pipe.close_reader()
    sink.write(b"lost\n")
    while sink.dropped == 0:
        os.sched_yield()
    for _ in range(1_000):  # a spinning thread would take these turns
        os.sched_yield()
    assert notices == []
    sink.write(b"lost as well\n")
    sink.close(5)
    assert sink.dropped == 2
    assert notices[0] == 1


def test_a_line_that_was_torn_by_an_error_does_not_spoil_the_next(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failed, results = os.write, threading.Event(), iter((3, OSError()))

    def full_disk(fd: int, data: memoryview) -> int:
        match next(results, None):
            case None:
                return real(fd, data)
            case int(size):
                return real(fd, data[:size])
            case error:
                failed.set()
                raise error

    monkeypatch.setattr(os, "write", full_disk)
    sink = LineSink(pipe.writer, notice)
    sink.write(b"torn line\n")
    assert failed.wait(5)
    sink.write(b"whole line\n")
    sink.close(5)
    assert pipe.rest() == b'tor\nwhole line\n{"dropped":1}\n'


def test_a_descriptor_that_somebody_made_non_blocking_is_waited_for(pipe: Pipe) -> None:
    os.set_blocking(pipe.writer, False)
    sink = LineSink(pipe.writer, notice)
    sink.write(b"x" * 1_000_000 + b"\n")
    sink.close(0)
    assert len(pipe.rest()) == 1_000_001
    assert sink.dropped == 0
