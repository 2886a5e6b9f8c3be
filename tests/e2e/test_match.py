"""Matches from beginning to end, message by message on every connection."""

from pathlib import Path

import pytest
import trio

from actors.clock import SystemClock
from tests.support.playbook import Conversation, Rules, Stage, read
from tests.support.process import Process
from tests.support.world import NOW, World

BY_THE_CLOCK = """
00:00 ann   3701 game_name="Argentina - Brazil" live_start_at=@00:30 close_at=@00:55 -> 3401
00:01 ann   363 -> 333:betting_not_yet_active; ann: 470
00:01 bob   363 -> 333; ann bob: 470
00:02 bob.2 363 -> 333             # bob is there already
00:02 cat   363 -> 333; ann bob bob.2 cat: 470
00:02 cat.2 363 -> 333
00:03 cat   363 -> 333             # joining twice changes nothing
00:03 bob   3702 -> 666:not_authorized
00:04 ann   3702 actions=Goal targets=Argentina,Brazil:7 -> 3402; \
ann bob bob.2 cat cat.2: 342:pre_game_betting_active
00:05 ann   3702 -> 666:game_already_open
00:06 bob   616 -> 645
00:06 cat   372 -> 342:pre_game_betting_active
00:06 ann   617 username=bob -> 617; bob bob.2: 640
00:07 bob   373 targets=Argentina:10 -> 343; ann bob bob.2 cat cat.2: 342
00:07 cat   373 targets=Chile -> 666:not_authorized
00:07 cat   373 -> 342             # brings nothing: a question
00:08 bob   618 username=bob -> 618
00:08 bob   373 targets=Chile -> 666:not_authorized
00:09 bob.2 364 -> 334
00:09 bob.2 364 -> 666:not_joined
00:10 bob   364 -> 334; ann cat cat.2: 480
00:11 cat   hangs-up ->
00:12 cat.2 hangs-up -> ; ann: 480
00:13 bob   363 -> 333; ann bob: 470
00:30 time  -> ; ann bob: 342:game_in_progress_betting_active
00:31 ann   373 close_at=@00:45 -> 343; ann bob: 342
00:45 time  -> ; ann bob: 341
00:46 bob   363 -> 666:game_closed
00:46 ann   375 -> 666:game_closed
00:46 bob   364 -> 666:not_joined
00:47 ann   372 -> 342:game_closed
00:47 bob   363 since=0 -> 333:game_closed; bob: 342, 341
00:48 ann   380 -> 345
"""

BY_HAND = """
00:00 ann 370 game_name=Final open_at=@00:20 live_start_at=@00:30 actions=Goal -> 340
00:01 cat 363 -> 333:betting_not_yet_active; cat: 470
00:01 bob 363 -> 333; bob cat: 470
00:02 ann 616 -> 640
00:02 ann 616 -> 640               # admin already
00:03 cat 375 -> 666:not_authorized
00:04 ann 3702 -> 666:game_already_open
00:05 ann 373 open_at=@00:25 -> 343; bob cat: 342:betting_not_yet_active
00:25 time -> ; bob cat: 342:pre_game_betting_active
00:26 ann 373 open_at=@00:40 -> 666:game_already_open
00:27 ann 373 close_at=@00:24 -> 666:invalid_parameter
00:30 time -> ; bob cat: 342:game_in_progress_betting_active
00:31 ann 363 -> 333; ann bob cat: 470
00:32 ann 375 -> 341; bob cat: 341
00:33 bob 375 -> 666:not_authorized
00:34 ann 373 hashtag=late -> 666:game_closed
"""

NEVER_OPENED = """
00:00 ann 3701 game_name=Upcoming open_at=@00:10 live_start_at=@00:15 close_at=@00:20 -> 3401
00:01 bob 363 -> 333; bob: 470
00:01 ann 3811 -> 3461
00:20 time -> ; bob: 341           # an upcoming game is not opened by its times, but closed
00:21 ann 3702 -> 666:game_closed
00:21 ann 3811 -> 3461
"""

PLAYBOOKS = pytest.mark.parametrize("text", [BY_THE_CLOCK, BY_HAND, NEVER_OPENED])
FASTER = 10
"""How many times faster than written a playbook runs in real time."""


@PLAYBOOKS
def test_a_match_on_the_rules(text: str) -> None:
    Rules(NOW).play(read(text))


@PLAYBOOKS
async def test_a_match_in_simulated_time(
    text: str, tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with World(tmp_path) as world:
        for name in ("ann", "bob", "cat"):
            world.add_user(name, can_host=name == "ann")
        began = world.now()

        async def until(at: int) -> None:
            await trio.sleep_until(world.clock.deadline(began + at))

        stage = Stage(world.connect, lambda at: began + at, until)
        await Conversation(stage).play(read(text))


@PLAYBOOKS
async def test_a_match_on_real_sockets(text: str, tmp_path: Path) -> None:
    async with Process(tmp_path) as server:
        for name in ("ann", "bob", "cat"):
            server.add_user(name, can_host=name == "ann")
        began = SystemClock().now()

        async def until(at: int) -> None:
            """Return immediately: on real sockets, each line waits for its messages."""

        stage = Stage(server.dial, lambda at: began + at // FASTER, until)
        await Conversation(stage).play(read(text))
        assert [line for line in server.lines if line["level"] in ("warning", "error")] == []
