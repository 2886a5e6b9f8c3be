"""Joins (363) and leaves (364): who may join, and what a client that rejoins is sent.

Contract, section 6, `since`. The messages that it missed: `protocol/resumption.py`.
"""

from collections.abc import Iterable, Sequence
from functools import partial

import trio
from attrs import define

from actors.games.outgoing import Delivery, OutgoingMessage, Position, outgoing
from actors.games.publisher import Publisher
from actors.games.queries import snapshot_of
from actors.games.server_call import ServerCall
from actors.games.signals import AbsentForgotten, Disconnected, Returned, Signal
from actors.games.subscribers import Subscribers
from actors.link.caller import SERVICE_RESTARTS
from actors.link.encoded_message import EncodedMessage, encode, frame_batch
from actors.services import Services
from game.refusals import game_already_closed, limit_reached, not_joined
from game.state import Game
from game.vocabulary import Phase
from protocol import messages
from protocol.op import Body
from protocol.resumption import resume
from storage.errors import StorageError

MOST_REPLAY_BYTES = 8 * 1_024 * 1_024
"""Bytes of a replay, which waits beside the bounds of the client's outbox."""


@define(eq=False)
class Welcome:
    """The reply to a join (333), the replay after it, and the bytes made for that replay."""

    message: OutgoingMessage
    replay: Sequence[EncodedMessage] = ()
    replay_bytes: int = 0


def join(
    call: ServerCall,
    since: int | None,
    game: Game,
    subscribers: Subscribers,
    publisher: Publisher,
) -> tuple[OutgoingMessage, Sequence[Delivery]]:
    """Subscribe the caller, and send the reply and the replay immediately.

    Publications must follow them without a gap, so everything is committed and sent before. Return
    the reply, and what the subscribers are sent about the join. Raise `Refusal`.
    """
    caller, services, is_over = call.caller, call.services, game.phase is Phase.CLOSED
    services.moderation.refuse_banned(game.source_id, call.request.user_id)
    if caller is None or (is_over and since is None):
        raise game_already_closed(game.game_id)
    is_new = caller not in subscribers.members and not is_over
    most = services.limits.joins_per_connection
    if is_new and len(caller.joined) >= most:
        raise limit_reached("games joined on one connection", most)
    reply = welcome(game, since, services, publisher.watermark(game.seq))
    batch = frame_batch([call.encode(reply.message, game.game_id), *reply.replay])
    call.charge(reply.replay_bytes)
    caller.send(batch, counted=not reply.replay)
    position = publisher.position(game.seq)
    published = subscribers.join(caller, services.clock.now(), position) if is_new else ()
    call.finish(reply.message, trio.current_time())
    return reply.message, published


def leave(call: ServerCall, game_id: str, subscribers: Subscribers) -> Sequence[Delivery]:
    """Unsubscribe the caller. Return what the others are sent about it. Raise `Refusal`."""
    if call.caller is None or call.caller not in subscribers.members:
        raise not_joined(game_id)
    return subscribers.leave(call.caller, call.services.clock.now())


def after_signal(
    signal: Signal,
    game: Game | None,
    subscribers: Subscribers,
    publisher: Publisher,
    services: Services,
) -> Sequence[Delivery]:
    """Act on what happened to members. Return what the others are sent. Raise `StorageError`."""
    now = services.clock.now()
    match signal:
        case Disconnected(caller=caller) if caller in subscribers.members:
            return subscribers.leave(caller, now)
        case Returned():
            if game is None:
                raise StorageError("the game could not be read")
            published = _rejoin(signal, game, subscribers, services, publisher)
            signal.done.set()
            return published
        case AbsentForgotten():
            return subscribers.forget_absent(now)
        case _:
            return ()


def _rejoin(
    returned: Returned,
    game: Game,
    subscribers: Subscribers,
    services: Services,
    publisher: Publisher,
) -> Sequence[Delivery]:
    """Send members that came back what they missed; they are members again.

    A connection that missed too much is closed (1012), and joins again with `since`. Return what
    the subscribers are sent about the others. Raise `StorageError`.
    """
    now, published = services.clock.now(), list[Delivery]()
    watermark, position = publisher.watermark(game.seq), publisher.position(game.seq)
    if not services.presence.is_settled:
        subscribers.expect(returned.present)
    is_over = game.phase is Phase.CLOSED
    presence = [] if is_over else subscribers.catch_up(returned.present, now)
    replays = {
        since: missed_since(game, since, services, watermark)[0]
        for since in {since for _, since in returned.members}
    }
    for client, since in returned.members:
        replay = replays[since]
        if replay is None:
            client.close(SERVICE_RESTARTS, "too much was missed")
            continue
        client.send(frame_batch([*replay, *presence]), counted=False)
        if is_over:
            client.note_left(game.game_id)
        else:
            published += subscribers.join(client, now, position)
    return published


def missed_since(
    game: Game, since: int, services: Services, watermark: int
) -> tuple[Sequence[EncodedMessage] | None, int]:
    """Return what was published after `since`, and how many bytes were encoded for it.

    Return None for a position that the game does not have, or if the client missed more than
    `resume_limit` facts or `MOST_REPLAY_BYTES`.
    """
    is_known = since <= game.seq
    since = min(since, watermark)
    if not is_known or game.seq - since > services.limits.resume_limit:  # each position is a fact
        return None, 0
    return _within_limit(_missed(game, since, services, watermark), services.clock.now())


def welcome(game: Game, since: int | None, services: Services, watermark: int) -> Welcome:
    """Return the reply, and what the client has missed after the position `since`.

    Nothing is replayed, and the reply has `resync`, if the client missed more than `resume_limit`
    facts or `MOST_REPLAY_BYTES`. `watermark` is the game's.
    """
    if since is None:
        return Welcome(outgoing(messages.game_joined(game), Position(watermark)))
    replay, size = missed_since(game, since, services, watermark)
    place = Position(min(since, watermark))
    message = outgoing(messages.game_joined(game, resync=replay is None), place)
    if game.phase is Phase.CLOSED and not replay:
        position = {"seq": game.seq, "prev_seq": game.seq}
        body = messages.game_closed(game.game_id) | position
        replay = [encode(body, services.clock.now())]
    return Welcome(message, replay or (), size)


def _missed(game: Game, since: int, services: Services, watermark: int) -> Iterable[Body]:
    reads, most = services.reads, services.limits.resume_limit
    entries = reads.entries(game.game_id, after=since, limit=most)
    snapshot = partial(snapshot_of, game=game, reads=reads)
    return resume(game, entries, since, snapshot, watermark)


def _within_limit(bodies: Iterable[Body], now: int) -> tuple[Sequence[EncodedMessage] | None, int]:
    """Encode a replay; None if it is too long. Return also how many bytes were encoded.

    The messages are never merged with others, so they have no bodies.
    """
    replay, size = [], 0
    for body in bodies:
        frame = encode(body, now).frame
        size += len(frame)
        if size > MOST_REPLAY_BYTES:
            return None, size
        replay.append(EncodedMessage(frame, {}))
    return replay, size
