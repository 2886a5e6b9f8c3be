"""What everybody is asked, and what our server says to it, which the peers are taught.

So everybody's messages are the same, but for times and ids.
"""

from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from bench.betting_database import Generated
from bench.field import ours
from bench.line import Line, call, connected, frame, mark_of, texts, wait
from bench.question import Plan

CHAT_TEXT = "What a match! " * 7
"""Makes a publication of about 300 bytes."""


@frozen
class Requests:
    """The frames of one game."""

    join: bytes
    become_admin: bytes
    chat: bytes
    event: bytes
    bet: bytes
    ping: bytes
    details: bytes


def requests(game: tuple[str, list[str]]) -> Requests:
    """What is asked of a game with a pool."""
    game_id, pool_ids = game
    return Requests(
        join=frame(363, game_id=game_id),
        become_admin=frame(616, game_id=game_id),
        chat=frame(900, text=CHAT_TEXT, targets=[game_id]),
        event=frame(395, game_id=game_id, action_id="corner", target_id="brazil"),
        bet=frame(392, pool_id=pool_ids[0], target="brazil", amount=1),
        ping=frame(1),
        details=frame(372, game_id=game_id),
    )


def rehearse(plan: Plan, made: Generated, path: Path) -> None:
    """Ask our server everything once, and write what it said as the script of the peers."""
    asked = requests(made.games[0])
    with (
        ours("ours", plan.tree, made.path) as server,
        connected(server.port, made.people[:2]) as (speaker, listener),
    ):
        path.write_bytes(orjson.dumps(_said(asked, speaker, listener)))


def _said(asked: Requests, speaker: Line, listener: Line) -> dict[str, Any]:
    """A publication is heard by one who has joined: the speaker does for the chat alone."""
    script = {"363": _entry(call(listener, asked.join, 333), 333)}
    script["616"] = _entry(call(speaker, asked.become_admin, 640), 640)
    script["1"] = _entry(call(speaker, asked.ping, 1), 1)
    script["372"] = _entry(call(speaker, asked.details, 342), 342)
    for op, request, reply, publication in (
        (392, asked.bet, 356, 361),
        (395, asked.event, 366, 366),
    ):
        entry = _entry(call(speaker, request, reply), reply)
        script[str(op)] = entry | _entry(wait(listener, publication), publication, "publication")
    call(speaker, asked.join, 333)
    wait(listener, 470)
    entry = _entry(call(speaker, asked.chat, 901), 901)
    return script | {"900": entry | _entry(wait(listener, 901), 901, "publication")}


def _entry(heard: bytes, res: int, what: str = "reply") -> dict[str, Any]:
    text = next(text for text in texts(heard) if mark_of(res) in text)
    body = orjson.loads(text)
    del body["response_header"]
    return {"publication": None, what: body}
