"""The requests to every contender, and our server's replies, recorded for the peers.

All contenders therefore send the same messages, except for times and ids.
"""

from pathlib import Path
from typing import Any

import orjson
from attrs import frozen

from bench.betting_database import Generated
from bench.field import ours
from bench.line import CODES, Line, call, connected, mark_of, request, texts, wait
from bench.question import Plan
from protocol.op import Response

ADMIN = Response.BECOME_AN_ADMIN_FOR_GAME_SUCCESS
CHAT = Response.TEXT_MESSAGE
DISTRIBUTION = Response.BETS_DISTRIBUTION_CHANGED
EVENT = Response.GAME_EVENT_REGISTERED

CHAT_TEXT = "What a match! " * 7
"""Produces a publication of about 300 bytes."""


@frozen
class Requests:
    """The framed requests for one game."""

    join: bytes
    become_admin: bytes
    chat: bytes
    event: bytes
    bet: bytes
    ping: bytes
    details: bytes


def requests(game: tuple[str, list[str]]) -> Requests:
    """Return the requests for a game with a pool."""
    game_id, pool_ids = game
    place = {"game_id": game_id}
    return Requests(
        join=request("join_game", game_id=game_id),
        become_admin=request("become_an_admin_for_game", game_id=game_id),
        chat=request("text_message", text=CHAT_TEXT, targets=[game_id]),
        event=request("register_game_event", **place, action_id="corner", target_id="brazil"),
        bet=request("place_bet_in_betting_pool", pool_id=pool_ids[0], target="brazil", amount=1),
        ping=request("ping"),
        details=request("get_game_details", game_id=game_id),
    )


def rehearse(plan: Plan, made: Generated, path: Path) -> None:
    """Send each request to our server once, and write its messages as the peers' script."""
    asked = requests(made.games[0])
    with (
        ours("ours", plan.tree, made.path) as server,
        connected(server.port, made.people[:2]) as (speaker, listener),
    ):
        path.write_bytes(orjson.dumps(_said(asked, speaker, listener)))


def said_of_a_bet(asked: Requests, line: Line) -> dict[str, Any]:
    """Place a bet. Return our server's reply, and the balance that the bettor receives."""
    line.socket.sendall(asked.bet)
    heard = wait(line, Response.BET_PLACED)
    while mark_of(Response.USER_BALANCE_UPDATE) not in heard or not heard.endswith(b"}"):
        heard += line.take()
    return {
        **_entry(heard, Response.BET_PLACED),
        **_entry(heard, Response.USER_BALANCE_UPDATE, "balance"),
    }


def _said(asked: Requests, speaker: Line, listener: Line) -> dict[str, Any]:
    """Return our server's reply to each request, and the publication that the listener receives."""
    script = {}
    for line, op, sent, reply, publication in (
        (listener, "join_game", asked.join, Response.GAME_JOINED, None),
        (speaker, "become_an_admin_for_game", asked.become_admin, ADMIN, None),
        (speaker, "ping", asked.ping, Response.PONG, None),
        (speaker, "get_game_details", asked.details, Response.GAME_DETAILS, None),
        (speaker, "place_bet_in_betting_pool", asked.bet, Response.BET_PLACED, DISTRIBUTION),
        (speaker, "register_game_event", asked.event, EVENT, EVENT),
    ):
        entry = _entry(call(line, sent, reply), reply)
        if publication is not None:
            entry |= _entry(wait(listener, publication), publication, "publication")
        script[str(CODES[op])] = entry
    # Only a user who has joined may chat.
    call(speaker, asked.join, Response.GAME_JOINED)
    wait(listener, Response.USER_JOINED_GAME)
    entry = _entry(call(speaker, asked.chat, CHAT), CHAT)
    entry |= _entry(wait(listener, CHAT), CHAT, "publication")
    return script | {str(CODES["text_message"]): entry}


def _entry(heard: bytes, res: Response, what: str = "reply") -> dict[str, Any]:
    text = next(text for text in texts(heard) if mark_of(res) in text)
    body = orjson.loads(text)
    del body["response_header"]
    return {"publication": None, what: body}
