"""What must hold of bets that wait for the delay of their pool."""

from collections import defaultdict
from collections.abc import Collection, Iterable

import orjson
from attrs import Factory, define

from actors.games.game_actor import GameActor
from actors.games.pending_commit import PendingCommit
from game.ledger import Movement
from game.refusals import something_happened
from storage.database import Database
from tests.campaigns.books import Books, Message
from tests.campaigns.sim.device import Wish
from tests.campaigns.sim.house import OpenServer

SOMETHING_HAPPENED = something_happened().text


def stakes_are_set_aside(server: OpenServer, actors: Iterable[GameActor]) -> None:
    """Check at any moment that the bank has reserved the stakes that wait, and no others."""
    reserved = sum(balance.reserved for balance in server.services.bank._balances.values())
    stakes = sum(map(_not_on_disk, actors))
    assert reserved == stakes, ("set aside", reserved, "waiting or uncommitted", stakes)


def nothing_waits(actors: Iterable[GameActor]) -> bool:
    """Return whether no bet waits for its delay."""
    return not any(actor.has_delayed_bets for actor in actors)


def _not_on_disk(actor: GameActor) -> int:
    """Return the hundredths of bets that wait for their delay or for their commit."""
    delayed = [move for bet in actor._delayed._bets for move in bet.moves]
    commits = [each for each in (actor.pending, actor.committing) if each is not None]
    return _stakes(delayed) + sum(map(_uncommitted, commits))


def _uncommitted(commit: PendingCommit) -> int:
    return 0 if commit.is_committed else _stakes(commit.movements)


def _stakes(moves: Iterable[Movement]) -> int:
    return sum(max(0, -move.available) for move in moves)


@define
class _Game:
    """What has been read of a game's journal. Times are in epoch ms.

    `immaterial`: when the events happened that refuse no bets, except those in pools that they end.
    """

    immaterial: Collection[int]
    live_start_at: int = 0
    event_at: int = 0
    blocked_at: dict[str, int] = Factory(lambda: defaultdict(int))
    delays: dict[str, int] = Factory(dict)

    def read(self, kind: str, at: int, fact: Message) -> None:
        """Read the next fact. No bet may have waited while something happened that refuses it."""
        match kind:
            case "game_created":
                self.live_start_at = fact["live_start_at"]
            case "pool_opened":
                self.delays[fact["pool_id"]] = fact["bet_delay"]
            case "event_registered" if fact["happened_at"] not in self.immaterial:
                self.event_at = at
            case "betting_blocked":
                self.blocked_at[fact["pool_id"]] = at
            case "bet_placed" if at >= self.live_start_at and self.delays[fact["pool_id"]]:
                asked_at = at - self.delays[fact["pool_id"]]
                happened = max(self.event_at, self.blocked_at[fact["pool_id"]])
                assert happened <= asked_at, ("it waited while something happened", fact, happened)


def no_bet_profits_from_waiting(database: Database, immaterial: Collection[int]) -> None:
    """Check that every delayed bet was asked for after the last event and block before it.

    Immaterial events are left out.
    """
    kinds = "game_created", "pool_opened", "event_registered", "betting_blocked", "bet_placed"
    sql = f"""SELECT game_id, kind, at, body FROM facts
              WHERE kind IN ({", ".join("?" * len(kinds))}) ORDER BY game_id, seq"""
    games: defaultdict[str, _Game] = defaultdict(lambda: _Game(immaterial))
    for row in database.rows(sql, kinds):
        games[row["game_id"]].read(row["kind"], row["at"], orjson.loads(row["body"]))


def immaterial_events_refuse_no_bets(
    wishes: Iterable[Wish], books: Books, database: Database, immaterial: Collection[int]
) -> None:
    """Check that bets are refused for an event only if a material one came while they waited."""
    sql = """SELECT game_id, at, body ->> '$.happened_at' AS happened_at FROM facts
             WHERE kind = 'event_registered'"""
    material: defaultdict[str | None, list[int]] = defaultdict(list)
    for row in database.rows(sql):
        if row["happened_at"] not in immaterial:
            material[row["game_id"]].append(row["at"])
    for wish in wishes:
        for reply in wish.replies:
            if reply.get("text") == SOMETHING_HAPPENED:
                since, until = wish.sent_at or 0, reply["response_header"]["t"]
                events = material[books.game_of(wish.parameters)]
                assert any(since <= at <= until for at in events), ("refused for nothing", wish)
