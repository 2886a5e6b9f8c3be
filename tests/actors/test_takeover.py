"""Another node takes over: what the clients of the living nodes notice, and what they do not."""

from pathlib import Path

import pytest
import trio

from actors.cluster.leadership import Leader
from actors.games.local_side import LocalDecidingSide
from actors.node_edge import CUT_OFF_S, LONGEST_S
from actors.node_edges import ABSENT_S
from storage import kept_replies
from storage.errors import StorageError
from storage.store import DisableUser, MakeKey
from tests.support.cluster_match import TAKEOVER_S, Match, play_match
from tests.support.people import codes, named
from toteboard_client import Client, ConnectionClosedError, Message


async def test_clients_of_living_nodes_stay_connected_and_bet_on(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        await match.nodes.kill_leader()
        await trio.sleep(TAKEOVER_S)
        await match.nodes.lead(2)
        assert (await match.bet(match.bob))["res"] == 356
        assert (await match.bet(match.cid))["res"] == 356
        with pytest.raises(ConnectionClosedError):
            await match.dan.call(1)

    await play_match(tmp_path, play)


async def test_a_bet_without_a_key_that_the_dead_leader_did_not_answer_is_done_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    """The lease is over, so the leader's reply is not sent; but the bet is in the log."""

    async def play(match: Match) -> None:
        replies: list[Message] = []

        async def bet() -> None:
            replies.append(await match.bet(match.bob))

        async with trio.open_nursery() as nursery:
            match.nodes.may_send = lambda: match.bets() == 0
            nursery.start_soon(bet)
            await trio.sleep(0.1)
            assert (match.bets(), replies) == (1, [])
            await match.nodes.kill_leader()
            await trio.sleep(TAKEOVER_S)
            await match.nodes.lead(3)
        assert [reply["res"] for reply in replies] == [356]
        assert match.bets() == 1
        told = await match.hear()
        assert [m["res"] for m in told["cid"] if m["res"] == 361] == [361]

    await play_match(tmp_path, play)


async def test_no_client_is_told_that_nothing_has_changed_if_the_next_leader_cannot_know(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object) -> None:
        raise StorageError("unreadable")

    async def play(match: Match) -> None:
        match.nodes.may_send = lambda: match.bets() == 0
        await match.bob.send(392, pool_id=match.pool_id, target="a", amount=5)
        await trio.sleep(0.1)
        await match.nodes.kill_leader()
        monkeypatch.setattr(kept_replies, "kept_reply", unreadable)
        await trio.sleep(TAKEOVER_S)
        await match.nodes.lead(3)
        with pytest.raises(ConnectionClosedError) as closed:
            await match.bob.call(372, game_id=match.game_id)
        assert closed.value.reason.code == 1012
        assert match.bets() == 1

    await play_match(tmp_path, play)


async def test_what_is_asked_while_no_node_leads_is_answered_in_order_by_the_next(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        await match.nodes.kill_leader()
        for request_id in range(20):
            op = 392 if request_id % 2 else 810
            await match.bob.send(
                op,
                header={"request_id": request_id},
                **({"pool_id": match.pool_id, "target": "a", "amount": 5} if op == 392 else {}),
                **({"currency": "DON"} if op == 810 else {}),
            )
        await trio.sleep(TAKEOVER_S)
        await match.nodes.lead(2)
        told = await match.hear()
        answered = [m["response_header"].get("request_id") for m in told["bob"]]
        assert [each for each in answered if each is not None] == list(range(20))
        assert match.bets() == 10

    await play_match(tmp_path, play)


async def test_members_receive_what_they_missed_once_and_in_order(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        await match.bet(match.bob)
        known = {name: told[-1]["seq"] for name, told in _positions(await match.hear()).items()}
        for node in match.nodes.nodes.values():  # the leader's frames do not arrive any more
            for link in node.links:
                link.give_up("cut")
        match.nodes.nodes[2].is_cut_off = match.nodes.nodes[3].is_cut_off = True
        await match.bet(match.dan)
        await trio.sleep(0.5)
        await match.nodes.kill_leader()
        match.nodes.nodes[2].is_cut_off = match.nodes.nodes[3].is_cut_off = False
        await match.nodes.lead(3)
        await match.bet(match.cid)
        told = _positions(await match.hear(within_ms=1_000))
        for name in ("ann", "bob", "cid"):
            assert [m["res"] for m in told[name]].count(361) == 2, told[name]
            for message in told[name]:
                assert message["prev_seq"] == known[name]
                known[name] = message["seq"]

    await play_match(tmp_path, play)


async def test_a_member_that_waits_keeps_its_position_whatever_others_at_its_node_receive(
    tmp_path: Path, autojump_clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A leader ends before it has taken bob back, but after eve at the same node has joined."""

    async def play(match: Match) -> None:
        await match.bet(match.bob)
        known = _positions(await match.hear())["bob"][-1]["seq"]
        match.nodes.add_user("eve")
        eve = match.clients["eve"] = await match.nodes.connect("eve", 2)
        with monkeypatch.context() as slow:
            slow.setattr(LocalDecidingSide, "rejoin", _never)
            await match.nodes.kill_leader()
            await match.nodes.lead(3)
            assert (await eve.call(363, game_id=match.game_id))["res"] == 333
            assert (await match.bet(eve))["res"] == 356
            assert _positions(await match.hear())["bob"] == []
        await match.nodes.kill_leader()
        await match.nodes.lead(2)
        assert (await match.bet(eve))["res"] == 356
        told = _positions(await match.hear(within_ms=1_000))["bob"]
        for message in told:
            assert message["prev_seq"] <= known <= message["seq"], told
            known = message["seq"]
        assert [m["res"] for m in told].count(361) == 2

    await play_match(tmp_path, play)


async def _never(*_: object) -> None:
    await trio.sleep_forever()


def _positions(told: dict[str, list[Message]]) -> dict[str, list[Message]]:
    return {
        name: [message for message in messages if "prev_seq" in message]
        for name, messages in told.items()
    }


async def test_a_link_that_is_lost_for_a_moment_is_noticed_by_no_client(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        for link in match.nodes.nodes[3].links:
            link.give_up("cut")
        assert (await match.bet(match.cid))["res"] == 356
        await trio.sleep(2 * ABSENT_S)
        told = await match.hear()
        assert {470, 480} & {m["res"] for messages in told.values() for m in messages} == set()
        assert len(match.nodes.server.services.connections.all()) == 4

    await play_match(tmp_path, play)


async def test_what_was_missed_follows_what_a_member_knows_though_some_facts_publish_nothing(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        known = (await match.cid.call(372, game_id=match.game_id))["seq"]
        later = match.nodes.clock.now() + 60_000
        planned = await match.ann.call(397, pool_id=match.pool_id, block_at=later)
        assert planned["res"] == 368
        await match.cid.call(364, game_id=match.game_id)
        assert (await match.cid.call(363, game_id=match.game_id, since=known))["seq"] == known
        node = match.nodes.nodes[3]
        node.cut_off()
        await match.ann.call(395, game_id=match.game_id, action_id="goal", target_id="a")
        node.is_cut_off = False
        await trio.sleep(ABSENT_S / 2)
        first = next(m for m in (await match.hear())["cid"] if "prev_seq" in m)
        assert first["prev_seq"] <= known

    await play_match(tmp_path, play)


async def test_members_of_a_game_that_closed_meanwhile_hear_of_its_end_last(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        await match.ann.call(399, pool_id=match.pool_id)
        await trio.sleep(2 * ABSENT_S)
        await match.hear()
        node = match.nodes.nodes[3]
        node.cut_off()
        assert (await match.ann.call(375, game_id=match.game_id))["res"] == 341
        node.is_cut_off = False
        await trio.sleep(ABSENT_S / 2)
        told = [m["res"] for m in (await match.hear())["cid"] if m.get("game_id") == match.game_id]
        assert [res for res in told if res != 815] == [341]

    await play_match(tmp_path, play)


async def test_a_balance_that_changes_while_a_link_is_lost_is_told_when_it_is_back(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        assert (await match.bet(match.cid))["res"] == 356
        await match.hear()
        node = match.nodes.nodes[3]
        node.cut_off()
        assert (await match.ann.call(399, pool_id=match.pool_id))["res"] == 3991
        node.is_cut_off = False
        await trio.sleep(ABSENT_S / 2)
        told = named((await match.hear())["cid"], 815)
        assert [(m["cause"], m["available_balance"]) for m in told] == [("refund", 1000)]

    await play_match(tmp_path, play)


async def test_at_a_hand_over_every_socket_stays_open_and_every_request_is_answered_once(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        replies: list[Message] = []

        async def bet(client: Client) -> None:
            for _ in range(20):
                replies.append(await match.bet(client))
                await trio.sleep(0.02)

        async with trio.open_nursery() as nursery:
            for client in (match.bob, match.cid, match.dan):
                nursery.start_soon(bet, client)
            await trio.sleep(0.1)
            await match.nodes.end_term(in_order=True)
            await match.nodes.lead(3)
        assert codes(replies) == [356] * 60
        assert match.bets() == 60
        await trio.sleep(2 * ABSENT_S)
        told = await match.hear()
        assert {470, 480} & {m["res"] for messages in told.values() for m in messages} == set()

    await play_match(tmp_path, play)


@pytest.mark.parametrize("ended_by", [MakeKey("bob", None), DisableUser("bob")])
async def test_a_client_whose_sign_in_ended_meanwhile_is_disconnected(
    ended_by: MakeKey | DisableUser, tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        await match.nodes.kill_leader()
        ended_by.perform(match.nodes.operator, match.nodes.clock.now())
        await match.nodes.lead(2)
        with pytest.raises(ConnectionClosedError) as closed:
            await match.bob.call(810, currency="DON")
        assert "1008" in str(closed.value)
        assert (await match.ann.call(810, currency="DON"))["res"] == 810

    await play_match(tmp_path, play)


async def test_an_edge_keeps_its_sockets_while_it_calls_a_leader_that_is_new(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        node = match.nodes.nodes[3]
        node.is_cut_off = True
        await match.nodes.kill_leader()
        await trio.sleep(TAKEOVER_S)
        await match.nodes.lead(2)
        node.leadership.renewed_at = trio.current_time()
        await trio.sleep(1)
        node.is_cut_off = False
        assert (await match.bet(match.cid))["res"] == 356

    await play_match(tmp_path, play)


async def test_an_edge_keeps_its_sockets_while_a_new_leader_prepares_to_lead(
    tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        leadership = match.nodes.nodes[3].leadership
        await match.nodes.kill_leader()
        leadership.know(Leader(match.nodes.epoch + 1, "node 2", is_here=False))
        for _ in range(6):
            await trio.sleep(1)
            leadership.renewed_at = trio.current_time()
        await match.nodes.lead(2)
        assert (await match.bet(match.cid))["res"] == 356

    await play_match(tmp_path, play)


@pytest.mark.parametrize(
    ("renewed", "closed_after"), [(True, CUT_OFF_S), (False, LONGEST_S)], ids=["alone", "all"]
)
async def test_an_edge_that_is_cut_off_closes_its_sockets(
    renewed: bool, closed_after: float, tmp_path: Path, autojump_clock: object
) -> None:
    async def play(match: Match) -> None:
        node = match.nodes.nodes[3]
        node.cut_off()
        await trio.sleep(closed_after - 0.5)
        if renewed:
            node.leadership.renewed_at = trio.current_time()
        assert (await match.cid.call(1))["res"] == 1
        assert node.edge.readiness.status == "no link to the leader"
        await trio.sleep(1)
        with pytest.raises(ConnectionClosedError) as closed:
            await match.cid.call(1)
        assert "1012" in str(closed.value)

    await play_match(tmp_path, play)
