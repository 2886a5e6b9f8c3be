"""Follows the journals for one hook, and posts their facts: each at least once, in order.

    watch: a game has more facts, or all games are to be looked through
       |
    _next_batch: at most 100 facts of the game behind the cursor, read in a thread
       |
    post, again and again: 1 s, 2 s, 4 s ... 1 h until the receiver takes them (2xx)
       |                                          +-- 410: the hook is stopped until a replay
    HookAdvanced: the cursor, on disk

Nothing waits for a reader. Facts wait in the file, so a receiver that is away for a day costs no
memory. Games take turns, a page each. A crash between a post and its cursor posts a page again.

Facts that the hook does not want move the cursor too, but not at once: how far they were skipped is
kept in memory, and written with the next page, or for `MOST_SKIPPED` games or facts together.

A replay deletes the cursors while a page may be in progress. So the cursor of that page is written
only if there was no replay since it was read (`HookAdvanced`).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import orjson
import structlog
import trio
from attrs import frozen

from actors.fact_watches import FactWatch
from actors.services import Services
from actors.survival import survive
from protocol.fact_bodies import fact_body
from storage.database import Database
from storage.errors import StorageError
from storage.hook_changes import HookAdvanced, HookStopped
from storage.hooks import (
    MOST_GAMES,
    FactPage,
    HookState,
    games_behind,
    hook_state,
    next_page,
)
from toteboard.hook_settings import Hook
from toteboard.hooks.endpoint import Endpoint, PostOutcome

log = structlog.get_logger()

FIRST_RETRY_S: Final = 1.0
LONGEST_RETRY_S: Final = 3_600.0
FAILED_PAUSE_S: Final = 5.0
"""How long to wait after a failure of our own: of the storage, or by a bug."""
PACE_S: Final = 0.01
"""The shortest time from one post to the next, because each takes the loop a millisecond."""
MOST_SKIPPED: Final = 1_000


@frozen
class Batch:
    """What is posted: facts of one game. `at` is the time of the first one (epoch ms)."""

    message_id: str
    body: bytes
    at: int


class HookReader:
    """Sends the facts of all games to one receiver.

    `database` is a connection that nothing else uses. `off_loop` runs blocking work and waits for
    it.
    """

    def __init__(
        self,
        hook: Hook,
        endpoint: Endpoint,
        watch: FactWatch,
        services: Services,
        database: Database,
        off_loop: Callable[..., Any],
    ) -> None:
        self._hook, self._endpoint, self._watch = hook, endpoint, watch
        self._services, self._database, self._off_loop = services, database, off_loop
        self._skipped: dict[str, int] = {}
        self._skipped_facts = self._replays = self._round = 0
        self._posting: Batch | None = None
        self.is_stopped = False

    @property
    def lag_ms(self) -> int:
        """How long the oldest fact that is being posted has waited, in milliseconds."""
        posting = self._posting
        return 0 if posting is None else max(0, self._services.clock.now() - posting.at)

    async def run(self) -> None:
        """Follow until cancelled. After a failure, begin with all games again."""
        while True:
            await survive(self._follow, event="hook_failed")
            self._skipped.clear()
            self._watch.look_at_all()
            await trio.sleep(FAILED_PAUSE_S)

    async def _follow(self) -> None:
        try:
            self._round = self._watch.rounds
            await self._obey(await self._read(hook_state))
            while True:
                game_id = await self._next_game()
                self._round = self._watch.rounds
                known = self._skipped.get(game_id, 0)
                page, batch = await self._read(_next_batch, self._hook.kinds, game_id, known)
                if await self._obey(page.hook):
                    await self._handle(page, batch)
                else:
                    self._watch.note(game_id)  # it was read from where it should not be
        except StorageError as error:
            log.error("storage_failed", error=str(error))

    async def _next_game(self) -> str:
        """Return a game that may have more facts. Wait until there is one. Raise StorageError."""
        watch = self._watch
        while (game_id := watch.next()) is None:
            await watch.wait()
            if (after := watch.look_after) is not None:
                watch.look_after = None
                found = await self._read(games_behind, self._hook.sources, after)
                for each in found:
                    watch.note(each.game_id)
                if len(found) == MOST_GAMES and watch.look_after is None:
                    watch.look_after = found[-1].number
        return game_id

    async def _read(self, question: Callable[..., Any], *arguments: Any) -> Any:
        return await self._off_loop(question, self._database, self._hook.name, *arguments)

    async def _obey(self, hook: HookState) -> bool:
        """Wait while the hook is stopped. Return False if it was replayed or stopped."""
        is_as_before = hook.replays == self._replays and hook.stopped_at is None
        if not is_as_before:
            self._skipped.clear()
            self._replays = hook.replays
        if hook.stopped_at is not None:
            self.is_stopped = True
            await self._watch.begins_again(self._round)
            self.is_stopped, self._posting = False, None
        return is_as_before

    async def _handle(self, page: FactPage, batch: Batch | None) -> None:
        """Post a page, or note that it was skipped. Raise StorageError."""
        if batch is None:
            await self._skip(page)
        elif await self._is_taken(batch):
            self._skipped[page.game_id] = page.last
            await self._save()
        else:
            return
        if page.has_more:
            self._watch.note(page.game_id)

    async def _is_taken(self, batch: Batch) -> bool:
        """Post a batch until the receiver takes it. Return False if it is not to have it now."""
        self._posting = batch
        for pause_s in pauses():
            now = self._services.clock.now()
            answer = await self._endpoint.post(batch.message_id, batch.body, now)
            if answer.outcome is PostOutcome.TAKEN:
                self._posting = None
                await trio.sleep(PACE_S)
                return True
            if answer.outcome is PostOutcome.GONE:
                log.error("hook_stopped", hook=self._hook.name)
                await self._services.writer.commit([HookStopped(now, self._hook.name)])
                self._watch.note(batch.message_id.partition(":")[0])
                return False
            log.warning(
                "hook_post_failed",
                hook=self._hook.name,
                webhook_id=batch.message_id,
                error=answer.why,
                again_s=pause_s,
            )
            with trio.move_on_after(pause_s):
                await self._watch.begins_again(self._round)
                break
        self._posting = None
        return False

    async def _skip(self, page: FactPage) -> None:
        self._skipped[page.game_id] = page.last
        self._skipped_facts += max(1, len(page.entries))
        if self._skipped_facts >= MOST_SKIPPED:
            await self._save()

    async def _save(self) -> None:
        """Write how far the hook has come. Raise StorageError."""
        name, replays = self._hook.name, self._replays
        cursors = [HookAdvanced(name, *each, replays) for each in self._skipped.items()]
        await self._services.writer.commit(cursors)
        self._skipped.clear()
        self._skipped_facts = 0


def pauses() -> Iterator[float]:
    """Yield how long to wait after each failure in a row, in seconds."""
    pause_s = FIRST_RETRY_S
    while True:
        yield pause_s
        pause_s = min(LONGEST_RETRY_S, 2 * pause_s)


def _next_batch(
    database: Database, hook: str, kinds: Sequence[str], game_id: str, known: int
) -> tuple[FactPage, Batch | None]:
    """Return the next page of a game, and what the hook wants of it; None if it wants nothing."""
    page = next_page(database, hook, game_id, known)
    wanted = [each for each in page.entries if not kinds or each.fact.kind in kinds]
    if not wanted:
        return page, None
    first, last = wanted[0].seq, wanted[-1].seq
    place = str(first) if first == last else f"{first}-{last}"
    body = orjson.dumps({"facts": [fact_body(game_id, each) for each in wanted]})
    return page, Batch(f"{game_id}:{place}", body, wanted[0].at)
