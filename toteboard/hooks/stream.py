"""The event stream of a server: a reader for each hook of the settings."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack, closing
from typing import Any

import httpx
import trio
from attrs import frozen

from actors.services import Services
from storage.database import Database
from storage.hooks import AddHook
from toteboard.hook_settings import Hook
from toteboard.hooks.endpoint import Endpoint
from toteboard.hooks.reader import HookReader


@frozen
class HookFigures:
    """How a hook is doing. `lag_s`: how long the oldest fact that is being posted has waited."""

    lag_s: float
    is_stopped: bool


class EventStream:
    """Posts facts to the receivers of all hooks.

    `open_file` opens a connection for reading. `off_loop` runs blocking work and waits for it.
    `transport`: None for the network.
    """

    def __init__(
        self,
        hooks: Sequence[Hook],
        services: Services,
        open_file: Callable[[], Database],
        *,
        off_loop: Callable[..., Any] = trio.to_thread.run_sync,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._hooks, self._services = hooks, services
        self._open_file, self._off_loop, self._transport = open_file, off_loop, transport
        self._readers: dict[str, HookReader] = {}

    async def note_hooks(self) -> None:
        """Note the hooks that are new, before the first fact. Raise StorageError."""
        for hook in self._hooks:
            write = AddHook(hook.name, hook.from_beginning)
            await self._services.writer.perform(write, self._services.clock.now())

    async def run(self, stop: trio.Event) -> None:
        """Post until `stop` is set."""
        async with trio.open_nursery() as nursery:
            for hook in self._hooks:
                nursery.start_soon(self._run, hook)
            await stop.wait()
            nursery.cancel_scope.cancel()

    def figures(self) -> Mapping[str, HookFigures]:
        """Return how each hook is doing, by name."""
        return {
            name: HookFigures(reader.lag_ms / 1_000, reader.is_stopped)
            for name, reader in self._readers.items()
        }

    async def _run(self, hook: Hook) -> None:
        async with AsyncExitStack() as until_the_end:
            endpoint = await until_the_end.enter_async_context(Endpoint(hook, self._transport))
            database = until_the_end.enter_context(closing(self._open_file()))
            watch = self._services.fact_watches.add(hook.name, hook.sources)
            parts = hook, endpoint, watch, self._services, database
            self._readers[hook.name] = HookReader(*parts, self._off_loop)
            await self._readers[hook.name].run()
