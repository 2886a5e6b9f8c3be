"""A node's part in comparing the files of all nodes (`storage/cluster/checks.py`)."""

from pathlib import Path

import structlog
import trio

from actors.cluster.engine_thread import EngineThread, OffLoop
from storage.cluster.checks import FileReport, PinnedFile
from storage.cluster.engine import ClusterEngine
from storage.errors import StorageError

log = structlog.get_logger()


class Checker:
    """Pins the node's file at marks, and reports what it holds. `on_disk` runs work on the file."""

    def __init__(
        self,
        path: Path,
        address: str,
        engine: ClusterEngine,
        thread: EngineThread,
        on_disk: OffLoop,
    ) -> None:
        self._path, self._address = path, address
        self._engine, self._thread, self._on_disk = engine, thread, on_disk
        self._send, self._receive = trio.open_memory_channel[tuple[str, PinnedFile]](1)

    async def pin(self, check_id: str) -> None:
        """Pin the file as it is now, for a check. If another check is waiting, do nothing."""
        try:
            pinned = await self._on_disk(PinnedFile, self._path)
        except StorageError as error:
            log.error("storage_failed", error=str(error))
            return
        try:
            self._send.send_nowait((check_id, pinned))
        except trio.WouldBlock:
            pinned.close()

    async def run(self) -> None:
        """Report what was pinned, until cancelled."""
        async for check_id, pinned in self._receive:
            try:
                digests = await trio.to_thread.run_sync(pinned.digests)
                report = FileReport(self._address, pinned.idx, digests)
                await self._thread.ask(self._engine.report_check, check_id, report)
            except StorageError as error:
                log.error("storage_failed", error=str(error))
            finally:
                pinned.close()
