"""A disk that is full as far as SQLite can tell: the system lets no file grow."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.process import Process, toteboard

NO_MORE = 4_096
"""The size in bytes beyond which no file grows. The WAL is far larger once there are games."""


@contextmanager
def full_disk(server: Process) -> Iterator[None]:
    """Fill the disk for the running server alone."""
    pid, limit = server.process.pid, resource.RLIMIT_FSIZE
    before = resource.prlimit(pid, limit, (NO_MORE, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.prlimit(pid, limit, before)


async def test_a_full_disk_refuses_clearly_and_when_there_is_room_it_goes_on(
    tmp_path: Path,
) -> None:
    async with Process(tmp_path) as server:
        server.add_user("ann", can_host=True)
        async with server.connect("ann") as ann:
            source = await ann.call(365, source_name="the source")
            game = await ann.call(370, source_id=source["source_id"], game_name="final")
            new = {"game_id": game["game_id"], "actions": ["goal"]}
            with full_disk(server):
                for _ in range(3):
                    refused = await ann.call(373, key="k", **new)
                    assert (refused["code"], refused["retryable"]) == ("overloaded", True)
                details = await ann.call(372, game_id=game["game_id"])
                assert (details["actions"], details["seq"]) == ({}, 1)
            done = await ann.call(373, key="k", **new)
            assert (done["res"], "repeated" in done["response_header"]) == (343, False)
            again = await ann.call(373, key="k", **new)
            assert again["response_header"]["repeated"] is True
        failed = await server.logged("journal_commit_failed")
        assert failed["level"] == "error"
        assert await server.stop() == 0
        checked = await toteboard(tmp_path, "check")
        assert (checked.returncode, checked.stderr) == (0, b""), checked.stdout
