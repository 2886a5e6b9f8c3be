"""What must hold of the server's state on disk and in memory when no work is pending."""

from collections.abc import Collection, Iterable

from actors.games.game_actor import GameActor
from actors.games.joins import MOST_REPLAY_BYTES
from actors.local_edge import LocalEdge
from storage import journal
from storage.accounts import balances, carried
from storage.audit import audit
from storage.database import Database
from storage.own_limits import own_rules
from storage.statements import last_entry
from tests.campaigns.books import Books
from tests.campaigns.sim.device import Device, Wish
from tests.campaigns.sim.house import House, OpenServer
from tests.campaigns.sim.place import Place

A_REPLY = 1_000
"""The most bytes of the 333 that precedes a replay."""


def books_are_right(database: Database) -> None:
    """Check everything that `toteboard check` verifies: money, exposure, journals."""
    wrong = audit(database)
    assert not wrong, ("the books are wrong", wrong)
    left = database.rows("""
        SELECT * FROM accounts WHERE account GLOB 'pool:*' AND balance <> 0
        AND account NOT IN (SELECT 'pool:' || id FROM pools WHERE resolved_seq IS NULL)""")
    assert not left, ("left in a pool that has ended", left)


def nothing_has_vanished(database: Database, books: Books) -> None:
    """Check that every fact that was once seen on disk still exists."""
    known = books.read_all()
    (kept,) = database.rows("SELECT count(*) AS facts FROM facts")
    assert kept["facts"] == known, ("facts have vanished", kept, known)


def nothing_is_overdue(database: Database, now: int) -> None:
    """Check that everything due has happened."""
    late = database.rows("SELECT id, wake_at, phase FROM games WHERE wake_at <= ?", (now,))
    assert not late, ("overdue", now, late)


def replay_equals_live(server: OpenServer, database: Database) -> None:
    """Check that the state of each game in memory equals the replay of its journal."""
    for actor in actors(server):
        if actor._game is not None:
            assert actor._game == journal.load_game(database, actor.game_id), (
                "not what is stored",
                actor.game_id,
            )


def balances_are_those_on_disk(server: OpenServer, database: Database) -> None:
    """Check available balances against the disk: nothing stays reserved or moves twice."""
    for (user_id, currency), held in server.services.bank._balances.items():
        kept = balances(database, user_id, currency)
        found = (held.available, held.exposure, held.reserved, held.staking)
        assert found == (kept.available, kept.exposure, 0, 0), ("not as on disk", user_id, found)
        last = last_entry(database, user_id, currency)
        assert held.entry_id == last, ("not all of the statement", user_id, held.entry_id, last)
    for (source_id, currency), carry in server.services.bank.carries._carries.items():
        kept_carry = carried(database, source_id, currency)
        assert (carry.on_disk, carry.uncommitted) == (kept_carry, {}), ("carry", source_id)


def own_rules_are_those_on_disk(server: OpenServer, database: Database) -> None:
    """Check the limits and breaks of players in memory against the disk."""
    restraints, now = server.services.bank.restraints, server.services.clock.now()
    for user_id, kept in own_rules(database, now).items():
        held = restraints.of(user_id)
        assert held is not None, ("a limit or a break that is not known", user_id)
        assert held.limits == kept.limits, ("not the limits on disk", user_id, held, kept)
        assert kept.pause in (None, held.pause), ("not the break on disk", user_id, held, kept)


def balance_was_told(device: Device, database: Database) -> None:
    """Check that a device's last balance message (815) equals its owner's balance."""
    if device.balance is not None:
        kept = balances(database, device.user_id, "DON")
        found = [round(amount * 100) for amount in device.balance]
        assert found == [kept.current, kept.available], (
            "not the balance that was told",
            device.label,
            found,
            kept,
        )


def outboxes_are_bounded(house: House) -> None:
    """Check that the memory for slow readers stays within the limits at any moment."""
    limits = house.limits
    for connection in house.connections:
        if connection._sender._outbox is not None:
            waiting = [*connection._sender._outbox._entries]
            entries = [each.batch for each in waiting if each.counted]
            size = sum(len(batch.data) for batch in entries)
            largest = max((len(batch.data) for batch in entries), default=0)
            assert len(entries) <= limits.outbox_size + 1, ("outbox", len(entries))
            assert size <= limits.outbox_bytes + largest, ("outbox", size)
            again = [each.batch for each in waiting if not each.counted]
            size = sum(len(batch.data) for batch in again)
            assert size <= MOST_REPLAY_BYTES + A_REPLY, ("sent again", size)


def nothing_is_left_in_memory(
    server: OpenServer, edges: Collection[LocalEdge], connected: int
) -> None:
    """Check that the memory for pending requests and connections is freed with them."""
    connections = server.services.connections
    present = set(connections.all())
    assert len(present) == sum(connections._places.values()) == connected, (
        present,
        connections._places,
    )
    for actor in actors(server):
        members, users = actor._subscribers.members, actor._subscribers._users
        assert set(members) <= present, "subscribers who are gone"
        assert sum(users.values()) == len(members), "users who are gone"
        pending_bets = actor._publisher.pending_bets
        assert pending_bets.first_seq is None, "bets that are never published"
        if actor._game is not None:
            assert set(pending_bets._published_at) <= set(actor._game.pools), (
                "pools that have ended"
            )
        assert not actor.is_busy, "a mailbox that nobody empties"
    for connection in (each for edge in edges for each in edge.admission.open):
        assert connection.queued_batches == 0, "an outbox that nobody empties"
        assert connection.in_flight.is_empty, "an op that nobody answers"
    assert not server._idempotency._in_use, "keys that are under way for ever"
    assert not server.side._sign_ins.is_storing, "nonces that are in use for ever"
    for client in present:
        assert client.in_flight.is_empty, "an op that nobody answers"
    heartbeats = sum(len(edge._heartbeat._next) for edge in edges)
    assert heartbeats == connected, "heartbeats of who has gone"


def who_left_is_known_to_have(server: OpenServer, places: Iterable[Place]) -> None:
    """Check that users who were announced (470) and have not left (480) are present."""
    users = {actor.game_id: actor._subscribers._users for actor in actors(server)}
    for place in places:
        gone = place.present - set(users.get(place.game_id, ()))
        assert not gone, ("nobody was told that they left", gone, place)


def actors(server: OpenServer) -> Iterable[GameActor]:
    """Return the running game actors."""
    return tuple(server.supervisor._actors.values())


def every_wish_came_true_once(wishes: Iterable[Wish], books: Books) -> None:
    """Check each wish: at most one effect, exactly one after success, none after a refusal."""
    for wish in wishes:
        _all_replies_are_one(wish)
        if wish.mark is None:
            continue
        effects = books.effects[wish.mark]
        assert effects <= 1, ("done more than once", wish)
        assert effects or not wish.done, ("said to be done, and is not", wish)
        is_refused = bool(wish.replies) and not wish.done and len(wish.replies) == wish.sent
        assert not (effects and is_refused), ("done in spite of the no", wish)


def _all_replies_are_one(wish: Wish) -> None:
    """Check that a repeated request receives the first reply, except for its position."""
    if wish.key is None or not wish.done:
        return
    apart = ("response_header", "seq", "prev_seq")
    bodies = [{k: v for k, v in reply.items() if k not in apart} for reply in wish.done]
    is_anew = ["repeated" not in reply["response_header"] for reply in wish.done]
    if wish.done[0]["res"] not in (3411, 3361):  # these are not kept: nothing was done
        assert all(body == bodies[0] for body in bodies), ("not the first reply", wish)
        assert sum(is_anew) <= 1, ("done again under its key", wish)
