"""Every call over a link is answered or refused, whatever happens to it."""

from collections.abc import Mapping
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs

from actors.link.calls import CallFailedError, CallRefusedError
from actors.link.claim import Claim, Identity, NotAdmittedError
from storage.errors import StorageError
from tests.support.linked import linked

PATIENCE_S = 1
"""Far less than an edge would wait for a call without an answer."""


async def _double(arguments: Mapping[str, Any]) -> int:
    return 2 * int(arguments["number"])


async def _refuse(_: Mapping[str, Any]) -> None:
    raise CallRefusedError("name_taken", {"name": "ann"})


async def _break(_: Mapping[str, Any]) -> None:
    raise StorageError("no disk")


async def _hang(_: Mapping[str, Any]) -> None:
    await trio.sleep_forever()


CALLS = {"double": _double, "refuse": _refuse, "break": _break, "hang": _hang}


async def test_a_call_returns_its_answer(autojump_clock: object) -> None:
    async with linked(calls=CALLS) as ends:
        assert await ends.calls.call("double", {"number": 7}) == 14


async def test_a_call_raises_its_refusal(autojump_clock: object) -> None:
    async with linked(calls=CALLS) as ends:
        with pytest.raises(CallRefusedError) as refused:
            await ends.calls.call("refuse", {})
        assert (refused.value.error, refused.value.details) == ("name_taken", {"name": "ann"})
        with pytest.raises(StorageError, match="no disk"):
            await ends.calls.call("break", {})


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("double", {}), ("double", {"number": "x"}), ("unknown", {})],
    ids=["a missing argument", "a bad argument", "an unknown name"],
)
async def test_a_call_that_fails_by_a_bug_is_refused_at_once_and_logged(
    name: str, arguments: Mapping[str, Any], autojump_clock: object
) -> None:
    async with linked(calls=CALLS) as ends:
        failing = pytest.raises(CallFailedError)
        with capture_logs() as lines, trio.fail_after(PATIENCE_S), failing as failed:
            await ends.calls.call(name, arguments)
        (line,) = lines
        assert (line["event"], line["trace_id"]) == ("internal_error", failed.value.trace_id)
        assert await ends.calls.call("double", {"number": 7}) == 14


async def test_a_sign_in_that_fails_by_a_bug_is_refused_at_once(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with linked() as ends:

        async def admit(_claim: Claim, *_: object) -> Identity:
            raise ZeroDivisionError

        monkeypatch.setattr(ends.decider, "admit", admit)
        with trio.fail_after(PATIENCE_S), pytest.raises(CallFailedError):
            await ends.connect(1)


async def test_a_sign_in_raises_its_refusal(
    autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with linked() as ends:

        async def admit(_claim: Claim, *_: object) -> Identity:
            raise NotAdmittedError(429, "too many connections")

        monkeypatch.setattr(ends.decider, "admit", admit)
        with pytest.raises(NotAdmittedError) as refused:
            await ends.connect(1)
        assert (refused.value.status, refused.value.text) == (429, "too many connections")


async def test_calls_without_an_answer_fail_when_the_link_ends(autojump_clock: object) -> None:
    async with linked(calls=CALLS) as ends, trio.open_nursery() as nursery:

        async def ask() -> None:
            with pytest.raises(StorageError, match="not available"):
                await ends.calls.call("hang", {})

        nursery.start_soon(ask)
        await trio.sleep(1)
        ends.to_decider.give_up("cut")
        ends.calls.ended()
