"""Copies of a node's database for nodes without a usable one: giving them, and taking one.

    giver                                       taker
    -----                                       -----
    VACUUM INTO a draft, in a thread            calls the nodes that live, one after the other,
    sends the draft (actors/link/file_copy.py)  until one has given a whole copy

The giver serves on meanwhile, and gives one copy at a time: each needs room on its disk. The draft
has no name any more while it is sent, so that nothing is left of it, whatever happens.
"""

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog
import trio

from actors.cluster.calling import called
from actors.edge.addresses import peer_address
from actors.link.file_copy import CopyFailedError, CopySender, receive_copy
from actors.link.node_auth import NotTrustedError, call_for_copy
from storage.errors import StorageError
from storage.files import private_draft
from storage.lock import real
from storage.snapshots import make_snapshot

log = structlog.get_logger()

BUSY: Final = "the node is making another copy"
HUNG_UP: Final = (trio.BrokenResourceError, trio.ClosedResourceError, trio.TooSlowError)


class CopyGiver:
    """Gives copies of the database at `path` to other nodes."""

    def __init__(self, path: Path) -> None:
        self._path = real(path)
        self._is_busy = False

    async def give(self, stream: trio.abc.Stream, key: bytes) -> None:
        """Give a copy to a node that has proved itself. `key` is that of the frames."""
        sender, address = CopySender(stream, key), peer_address(stream)
        try:
            if self._is_busy:
                await sender.refuse(BUSY)
                return
            self._is_busy = True
            try:
                await self._give(sender)
            finally:
                self._is_busy = False
        except HUNG_UP:
            log.warning("copy_failed", address=address, reason="the other node has hung up")
        else:
            log.info("copy_given", address=address)

    async def _give(self, sender: CopySender) -> None:
        with private_draft(self._path) as draft:
            try:
                await self._make(draft, sender)
                file = draft.open("rb")
            except (StorageError, OSError) as error:
                log.error("storage_failed", error=str(error))
                await sender.refuse(f"the node cannot make a copy: {error}")
                return
            draft.unlink()
            with file:
                await sender.send_file(file.read)

    async def _make(self, draft: Path, sender: CopySender) -> None:
        """Make the copy, and send signs of life meanwhile. Raise StorageError and `HUNG_UP`."""
        is_made, failures = trio.Event(), list[Exception]()

        async def stay_alive() -> None:
            try:
                await sender.stay_alive(is_made)
            except HUNG_UP as error:
                failures.append(error)
                nursery.cancel_scope.cancel()

        async with trio.open_nursery() as nursery:
            nursery.start_soon(stay_alive)
            try:
                await trio.to_thread.run_sync(_make, self._path, draft)
            except StorageError as error:
                failures.append(error)
            is_made.set()
        for failure in failures:
            raise failure


def _make(path: Path, draft: Path) -> None:
    """Make a snapshot in a thread. Stop if the task that waits for it is cancelled."""
    try:
        make_snapshot(path, draft, lambda _done, _total: trio.from_thread.check_cancelled())
    except KeyboardInterrupt as error:  # what SQLite makes of any exception
        trio.from_thread.check_cancelled()
        raise StorageError("the copy was interrupted") from error


async def take_copy(
    draft: Path,
    addresses: Sequence[str],
    secret: bytes,
    tls: ssl.SSLContext | None,
) -> str:
    """Write a copy of the database of one of the nodes to a draft; return its address.

    Raise CopyFailedError with the reason of each if none has given one, and OSError of the draft.
    """
    reasons = []
    for address in addresses:
        try:
            await _take(draft, address, secret, tls)
        except CopyFailedError as error:
            reasons.append(f"{address}: {error}")
        else:
            return address
    raise CopyFailedError("; ".join(reasons) or "no node is running")


async def _take(
    draft: Path,
    address: str,
    secret: bytes,
    tls: ssl.SSLContext | None,
) -> None:
    try:
        stream, key = await called(address, tls, lambda stream: call_for_copy(stream, secret))
    except (OSError, NotTrustedError, *HUNG_UP) as error:
        raise CopyFailedError(str(error) or "it does not answer") from error
    try:
        with draft.open("wb", buffering=0) as file:
            await receive_copy(stream, key, file)
    finally:
        await trio.aclose_forcefully(stream)
