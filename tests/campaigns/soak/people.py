"""Well-behaved clients: hosts, players, listeners and new users."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import count, takewhile
from typing import Final

import httpx
import trio

from tests.campaigns.soak.town import Guest, Person, Role, Town
from toteboard_client import ConnectionClosedError, connect, log_in

ACTIONS: Final = ("goal", "corner")
TARGETS: Final = ("argentina", "brazil:7", "brazil:9", "chile")
TOPS: Final = ("argentina", "brazil", "chile", "none")
YES_NO: Final = ("yes", "no")
PARIMUTUEL, TIMED, BINARY = 1, 2, 3
MOMENT_S: Final = 1.5
"""The average pause between a user's actions."""
SCENES: Final = 20
"""The number of a host's actions in a game."""
SCENE_S: Final = 3.0
PASSWORD: Final = "correct horse"
NEWCOMER_S: Final = 30.0


async def host(town: Town, person: Person, name: str) -> None:
    """Run one game after the other until the town is over."""
    async with town.session(person) as guest:
        source = await guest.ask(365, source_name=name)
        assert source is not None
        for number in takewhile(lambda _: not town.is_over, count(1)):
            await _game(town, guest, source["source_id"], f"{name}, {number}")
        await guest.ask(366, source_id=source["source_id"])


async def _game(town: Town, guest: Guest, source_id: str, name: str) -> None:
    game = await guest.ask(
        370, source_id=source_id, game_name=name, actions=list(ACTIONS), targets=list(TARGETS)
    )
    assert game is not None
    game_id = game["game_id"]
    await guest.ask(616, game_id=game_id)
    town.games[game_id] = {}
    for _ in takewhile(lambda _: not town.is_over, range(SCENES)):
        await _scene(town, guest, game_id)
        await town.wait(SCENE_S)
    del town.games[game_id]
    while (closed := await guest.ask(375, game_id=game_id)) and closed["res"] == 3411:
        for pool_id in closed["pools"]:
            await _resolve(town, guest, game_id, pool_id)


async def _scene(town: Town, guest: Guest, game_id: str) -> None:
    """Do one action of a host. If there is no pool, open one first."""
    pools = town.games[game_id]
    pool_id = town.dice.choice([*pools, ""])
    if not pool_id or len(pools) < 2:
        await _open_pool(town, guest, game_id)
        return
    target = town.dice.choice(TARGETS)
    action = town.dice.choice(ACTIONS)
    scenes: list[Callable[[], Awaitable[object]]] = [
        partial(guest.ask, 395, game_id=game_id, action_id=action, target_id=target),
        partial(guest.ask, 396, pool_id=pool_id),
        partial(_block_and_allow, town, guest, pool_id),
        partial(_resolve, town, guest, game_id, pool_id),
        partial(guest.ask, 373, game_id=game_id, hashtag=f"#{town.dice.random()}"),
        partial(guest.ask, 387, game_id=game_id),
    ]
    await town.dice.choice(scenes)()


async def _open_pool(town: Town, guest: Guest, game_id: str) -> None:
    type_ = town.dice.choice([PARIMUTUEL, PARIMUTUEL, TIMED, BINARY])
    about = {"game_id": game_id, "description": "what comes?", "type": type_}
    about |= {"action": town.dice.choice(ACTIONS), "recreate_on_end": town.dice.random() < 0.3}
    if type_ == TIMED:
        about["finish_at"] = await _now_ms(guest) + town.dice.randrange(5_000, 40_000)
    if pool := await guest.ask(385, **about):
        town.games[game_id][pool["pool_id"]] = YES_NO if type_ == BINARY else TOPS


async def _now_ms(guest: Guest) -> int:
    pong = await guest.ask(1)
    assert pong is not None
    return int(pong["response_header"]["t"])


async def _block_and_allow(town: Town, guest: Guest, pool_id: str) -> None:
    await guest.ask(397, pool_id=pool_id)
    await town.wait(MOMENT_S)
    await guest.ask(398, pool_id=pool_id)


async def _resolve(town: Town, guest: Guest, game_id: str, pool_id: str) -> None:
    """Resolve a pool by hand: answer a binary one, cancel another."""
    if town.games.get(game_id, {}).get(pool_id, YES_NO) == YES_NO:
        answer = town.dice.choice(YES_NO)
        await guest.ask(395, game_id=game_id, action_id=f"pool-{pool_id}", target_id=answer)
    else:
        await guest.ask(399, pool_id=pool_id)
    town.games.get(game_id, {}).pop(pool_id, None)


async def player(town: Town, person: Person) -> None:
    """Connect, bet for a while in one game or another, and leave."""
    while True:
        async with town.session(person) as guest:
            for _ in range(town.dice.randint(3, 20)):
                await _move(town, guest)
                await town.wait(MOMENT_S)
        await town.wait(MOMENT_S)


async def _move(town: Town, guest: Guest) -> None:
    game_id = await town.a_game()
    what = town.dice.random()
    if what < 0.15:
        await guest.ask(363, game_id=game_id)
    elif what < 0.2:
        await guest.ask(364, game_id=game_id)
    elif what < 0.3:
        await guest.ask(town.dice.choice([2, 450, 611, 800, 810, 840]))
    elif what < 0.35:
        await guest.ask(900, text="Did you see that?", targets=[game_id])
    elif what < 0.4:
        await guest.ask(town.dice.choice([372, 387, 388, 389, 390, 451]), game_id=game_id)
    elif pools := town.games[game_id]:
        pool_id = town.dice.choice([*pools])
        target, amount = town.dice.choice(pools[pool_id]), town.dice.randint(1, 500) / 100
        if await guest.ask(392, pool_id=pool_id, target=target, amount=amount) is None:
            pools.pop(pool_id, None)  # an event may have resolved it


async def listener(town: Town, person: Person) -> None:
    """Receive one game after the other to its end, on a raw connection.

    If this process has no time to read, the server closes it as lagging. That is counted, not a
    failure.
    """
    while True:
        game_id = await town.a_game()
        try:
            async with connect(town.url, *person) as client:
                if (await client.call(363, game_id=game_id))["res"] == 333:
                    while (await client.receive())["res"] != 341:
                        pass
                    town.done["games heard to the end"] += 1
        except ConnectionClosedError as closed:
            town.done[f"listeners closed: {closed.reason}"] += 1
        await town.wait(1)


async def newcomers(town: Town, name: str) -> None:
    """Sign up, sign in and play as a new user every now and then, and never return."""
    async with httpx.AsyncClient(base_url=town.http_url) as http, trio.open_nursery() as nursery:
        for number in count(1):
            given = {"username": f"{name}-{number}", "password": PASSWORD}
            said = await http.post("/r/signup/", json=given)
            town.done[f"sign-ups: {said.status_code}"] += 1
            if said.status_code == 200:
                nursery.start_soon(_newcomer, town, given["username"])
            await town.wait(NEWCOMER_S)


async def _newcomer(town: Town, name: str) -> None:
    key = await log_in(town.http_url, name, PASSWORD)
    async with town.session((key.user_id, key.session_key)) as guest:
        for _ in range(5):
            await _move(town, guest)
            await town.wait(MOMENT_S)


def hosts(town: Town, people: Sequence[Person]) -> list[Role]:
    """Return the roles that end by themselves when the town is over."""
    return [partial(host, town, each, f"source {number}") for number, each in enumerate(people)]


def others(town: Town, people: Sequence[Person]) -> list[Role]:
    """Return the roles that never end."""
    half = len(people) // 2
    return [
        *(partial(player, town, each) for each in people[:half]),
        *(partial(listener, town, each) for each in people[half:]),
        partial(newcomers, town, "newcomer"),
    ]
