"""No message is too large for a link, and no burst of messages ends one whose sides read."""

from collections.abc import Sequence
from itertools import count

import pytest
import trio

from actors.edge.connection import Connection
from actors.games.outgoing import Broadcast, Delivery, DirectMessage
from actors.games.subscribers import Subscribers
from actors.link import carrier
from actors.link.carrier import BEHIND
from actors.link.encoded_message import FrameBatch, encode, single
from actors.link.remote_client import RemoteClient
from protocol.limits import Limits
from tests.support.linked import Linked, linked, received

GAME = "the game"
MIB = 1_024 * 1_024
PADDING = "x" * MIB
MANY = 20
"""Messages of 1 MiB, which are far more than may wait for a side that does not read."""


@pytest.fixture
def small_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrier, "MOST_WAITING", 4 * MIB)


async def _join(ends: Linked, clients: int) -> tuple[Sequence[Connection], Subscribers]:
    """Sign clients in. Return their connections, and the subscribers of a game: all of them."""
    connections: list[Connection] = []

    async def connect(user_id: int) -> None:
        connections.append(await ends.connect(user_id))

    async with trio.open_nursery() as nursery:
        for user_id in range(1, clients + 1):
            nursery.start_soon(connect, user_id)
    subscribers = Subscribers(GAME, presence_limit=0)
    for client in ends.decider.clients:
        subscribers.join(client, 0, 0)
    await trio.sleep(1)
    return connections, subscribers


def _publication(seq: int, padding: str = "") -> Broadcast:
    body = {"res": 368, "prev_seq": seq - 1, "seq": seq, "padding": padding}
    return Broadcast(encode(body, 0, GAME))


def _positions(data: bytes) -> list[tuple[int, int]]:
    bodies = [message.body for message in FrameBatch(None, data).messages]
    return [(body["prev_seq"], body["seq"]) for body in bodies if "seq" in body]


async def test_12000_receivers_with_messages_of_their_own_do_not_end_a_link(
    autojump_clock: object,
) -> None:
    async with linked() as ends:
        ends.calls._numbers = count(1_000_000)  # as after a day of connections
        connections, subscribers = await _join(ends, 12_000)
        first = ends.decider.clients[0].user_id
        own: list[Delivery] = [
            DirectMessage(client, encode({"res": 815, "user_id": client.user_id}, 0))
            for client in ends.decider.clients[1:]
        ]
        await subscribers.publish(subscribers.send_own([_publication(1), *own]), 1)
        await trio.sleep(1)
        assert (ends.to_edge.ended, ends.to_decider.ended) == ("", "")
        for connection in connections:
            bodies = [each.body for each in FrameBatch(None, received(connection)).messages]
            owner = None if connection.user_id == first else connection.user_id
            assert bodies[0]["res"] == 368
            assert [body["user_id"] for body in bodies[1:]] == ([] if owner is None else [owner])


async def test_a_commit_of_more_than_may_wait_arrives_as_one_batch_in_order(
    small_link: None, autojump_clock: object
) -> None:
    """A client of a worker is `lagging` only where a client of a single process is."""
    seqs = range(1, MANY + 1)
    async with linked(Limits(outbox_size=1)) as ends:
        (connection,), subscribers = await _join(ends, 1)
        publications = [_publication(seq, PADDING) for seq in seqs]
        await subscribers.publish(subscribers.send_own(publications), max(seqs))
        await trio.sleep(1)
        assert (ends.to_edge.ended, ends.to_decider.ended) == ("", "")
        assert connection.queued_batches == 1
        assert _positions(received(connection)) == [(seq - 1, seq) for seq in seqs]


async def test_a_burst_of_replies_does_not_end_the_link_of_an_edge_that_reads(
    small_link: None, autojump_clock: object
) -> None:
    reply = single(encode({"res": 333, "padding": PADDING}, 0))
    async with linked() as ends:
        connection = await ends.connect(1)
        for _ in range(MANY):
            ends.decider.clients[0].send(reply, counted=False)
        await trio.sleep(1)
        assert (ends.to_edge.ended, ends.to_decider.ended) == ("", "")
        assert len(received(connection)) == MANY * len(reply.data)


async def test_large_messages_of_many_clients_at_once_do_not_end_a_link(
    small_link: None, autojump_clock: object
) -> None:
    """A message waits at the edge while the link is behind, whichever client has sent it."""
    lengths: list[int] = []

    def note(_client: RemoteClient, text: str | bytes) -> None:
        lengths.append(len(text))

    text = '{"op": 363, "padding": "' + PADDING + '"}'
    async with linked(Limits(max_message_size=2 * MIB)) as ends:
        ends.decider.on_message = note
        connections = [await ends.connect(user_id) for user_id in range(1, MANY + 1)]
        async with trio.open_nursery() as nursery:
            for connection in connections:
                continuation = ends.edge.receive(connection, text)
                assert ends.to_decider._bytes <= BEHIND + 2 * MIB
                if continuation is not None:
                    nursery.start_soon(continuation)
        await trio.sleep(1)
        assert (ends.to_edge.ended, ends.to_decider.ended) == ("", "")
        assert lengths == [len(text)] * MANY


async def test_queries_wait_while_the_link_to_their_edge_is_behind(
    autojump_clock: object,
) -> None:
    async with linked() as ends:
        await ends.connect(1)
        client = ends.decider.clients[0]
        client.send(single(encode({"res": 333, "padding": 2 * PADDING}, 0)), counted=False)
        assert client.is_far_behind
        with trio.fail_after(1):
            await client.drained()
        assert not client.is_far_behind
