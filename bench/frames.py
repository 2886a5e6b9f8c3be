"""How long a frame of the page takes while a game publishes 1,000 messages a second of mixed kinds.

Each round opens a game's room in a headless Chromium and lets a crowd chat, bet in twenty pools,
come and go, and a host register events. The browser reports its tasks of 50 ms and more, and the
time between frames. Server, crowd and browser share the machine, so the figures are too high where
it has few cores. `python -m bench.frames`.
"""

import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import trio
from selenium import webdriver

from bench.question import Plan, command
from bench.sample import OURS, Sample
from tests.page.browser import Browser, start_chromium
from tests.page.server import HOST, PageServer
from toteboard_client import Client, connect

OPTIONS: Final = ("--rate-limit", "0", "--chat-limit", "0", "--distribution-interval", "20ms")
POOLS: Final = 20
NAMES: Final = ("talker", "guest", "bettor")
CHAT, BETS, PRESENCE, EVENTS = 400, 400, 150, 50
"""Publications a second of each kind. Each bet is in another pool than the one before."""
WARM_UP_S: Final = 2.0
WATCH: Final = """
    window.tasks = []; window.gaps = []; window.heard = 0;
    new PerformanceObserver(list => tasks.push(...list.getEntries().map(each => each.duration)))
        .observe({type: "longtask"});
    let before = performance.now();
    const frame = now => { gaps.push(now - before); before = now; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
"""
Send = Callable[[int], Awaitable[None]]


def ask(plan: Plan) -> Iterator[Sample]:
    """Measure a room in each round, with a new server and a new browser."""
    for number in range(plan.rounds):
        with TemporaryDirectory(prefix="toteboard-bench-") as folder:
            for figure, value in _round(Path(folder), plan.seconds):
                yield Sample(figure, OURS, number, value)


def _round(folder: Path, seconds: float) -> Iterator[tuple[str, float]]:
    server = PageServer(folder, *OPTIONS)
    for name in ("watcher", *NAMES):
        server.add_user(name)
    server.start()
    chromium = _chromium(folder)
    try:
        game_id, _ = server.has_a_game()
        pools = [_pool(server, game_id, number) for number in range(POOLS)]
        browser = Browser(chromium)
        browser.sign_in(server, "watcher", f"#/g/{game_id}")
        browser.find("#chat-text")
        trio.run(_crowd, server, game_id, pools, WARM_UP_S)
        browser.runs(WATCH)
        sent = trio.run(_crowd, server, game_id, pools, seconds)
        tasks, gaps = browser.runs("return [tasks, gaps]")
    finally:
        chromium.quit()
        server.kill()
    yield from _figures(sent / seconds, tasks, gaps)


def _figures(
    rate: float, tasks: Sequence[float], gaps: Sequence[float]
) -> Iterator[tuple[str, float]]:
    gaps = sorted(gaps)
    yield "published a second", rate
    yield "tasks over 50 ms", len(tasks)
    yield "longest task, ms", max(tasks, default=0.0)
    yield "between frames: p50, ms", gaps[len(gaps) // 2]
    yield "between frames: p99, ms", gaps[int(len(gaps) * 0.99)]


def _pool(server: PageServer, game_id: str, number: int) -> str:
    about = {"game_id": game_id, "description": f"Pool {number}", "action": "goal"}
    return str(server.asks(HOST, 385, **about)["pool_id"])


def _chromium(folder: Path) -> webdriver.Chrome:
    driver, binary = shutil.which("chromedriver"), shutil.which("chromium")
    if driver is None or binary is None:
        sys.exit("no Chromium: run `make browser` as root")
    return start_chromium(binary, driver, folder / "profile")


async def _crowd(server: PageServer, game_id: str, pools: Sequence[str], seconds: float) -> int:
    """Publish in a game for so long. Return how many publications that causes."""
    async with AsyncExitStack() as exits:
        host, talker, guest, bettor = clients = [
            await exits.enter_async_context(connect(server.url, *server.keys[name]))
            for name in (HOST, *NAMES)
        ]
        await talker.call(363, game_id=game_id)

        async def chat(number: int) -> None:
            await talker.send(900, text=f"line {number}", targets=[game_id])

        async def bet(number: int) -> None:
            target = ("argentina:10", "brazil:7")[number % 2]
            await bettor.send(392, pool_id=pools[number % POOLS], target=target, amount=0.01)

        async def come_or_go(number: int) -> None:
            await guest.send(364 if number % 2 else 363, game_id=game_id)

        async def happen(_: int) -> None:
            await host.send(366, game_id=game_id, action="card", target="brazil")

        streams = ((CHAT, chat), (BETS, bet), (PRESENCE, come_or_go), (EVENTS, happen))
        async with trio.open_nursery() as readers:
            for client in clients:
                readers.start_soon(_read, client)
            async with trio.open_nursery() as senders:
                for rate, send in streams:
                    senders.start_soon(_paced, rate, seconds, send)
            readers.cancel_scope.cancel()
    return sum(int(rate * seconds) for rate, _ in streams)


async def _read(client: Client) -> None:
    """Receive everything, or the server would disconnect a client that falls behind."""
    while True:
        await client.receive()


async def _paced(rate: int, seconds: float, send: Send) -> None:
    """Send so many times a second, each time on schedule, whatever the server does."""
    began = trio.current_time()
    for number in range(int(rate * seconds)):
        await trio.sleep_until(began + number / rate)
        await send(number)


if __name__ == "__main__":
    sys.exit(command("frames", ask, rounds=3, seconds=10.0)())
