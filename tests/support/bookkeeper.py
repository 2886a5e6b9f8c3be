"""Write databases to audit: games played on a real file, written as their actors write them."""

from collections.abc import Sequence
from typing import Any

import orjson

from game.commands import (
    AppointAdmin,
    BecomeAdmin,
    BlockAction,
    BlockPool,
    CancelPool,
    CloseGame,
    Command,
    ConfirmPool,
    CorrectPool,
    CreateAndOpenGame,
    DismissAdmin,
    HeatPool,
    OpenPool,
    PlaceBet,
    RegisterEvent,
    ScratchTarget,
    TakeBackEvent,
    UpdateGame,
)
from game.context import DecisionContext
from game.decide import decide, decide_creation
from game.due import with_carry
from game.facts import BetPlaced, Entry, Fact, PoolOpened
from game.ledger import Transfer, transfers
from game.limits import RuleLimits
from game.past import Past, PastPool
from game.state import apply, create
from game.vocabulary import LARGEST_TIME
from storage import journal, projection
from storage.accounts import account_rows, balances, carried, credit
from storage.chain import digest, link
from storage.changes import Change, SourceOpened
from storage.database import Database
from storage.past import moment_of, past_pool_before
from storage.store import AddUser
from tests.support.play import next_due

SOURCE = "5a1c0ab7-e45e-4c4b-8e6f-9d5f1f2f3a4b"
CUP = "6ab7e4c0-5e2c-4b6e-9f5d-1f2f3a4b5c6d"
LEAGUE = "7ab7e4c0-5e2c-4b6e-9f5d-1f2f3a4b5c6d"
REVIEW = "9ab7e4c0-5e2c-4b6e-9f5d-1f2f3a4b5c6d"
NOW = 1_800_000_000_000
HOST, ANN, BOB, CAT = 1, 2, 3, 4
EVENT, TIMED, BINARY, BINARY_TIMED = 1, 2, 3, 4


class Bookkeeper:
    """Plays a game as its actor does: decides, applies, and writes each turn in one commit.

    Times in epoch ms; every turn takes a millisecond.
    """

    def __init__(self, database: Database, game_id: str = CUP, **parameters: Any) -> None:
        self.database, self.now = database, NOW
        names = {"game_name": "Argentina - Brazil", "actions": ("Goal", "Card")}
        targets = ("Argentina:7", "Argentina:10", "Brazil:7")
        known = {"source_id": SOURCE, "targets": targets} | names
        command = CreateAndOpenGame(**(known | parameters))
        entry = Entry(1, self.now, decide_creation(command, game_id, self._occasion(HOST)))
        self.game = create(entry)
        database.write([journal.fact_row(self.game, entry), journal.game_row(self.game)])

    def do(self, command: Command, *, by: int = HOST, subject: int | None = None) -> Sequence[Fact]:
        """Act on what is due, then execute a command. Raise `Refusal`."""
        self.wait(1)
        facts = decide(self.game, command, self._occasion(by, command, subject))
        self._commit([(fact, self.now) for fact in facts])
        return facts

    def wait(self, ms: int) -> None:
        """Let `ms` milliseconds pass. Everything that becomes due has its own commit."""
        self.now += ms
        while (due := next_due(self.game, self.now)) is not None:
            carry = carried(self.database, SOURCE, self.game.currency)
            self._commit([(fact, due.at) for fact in with_carry(due.facts(), carry)])

    # Shorthand.

    def pool(self, type_: int = EVENT, **parameters: Any) -> str:
        """Open a pool on the next goal and return its id."""
        known = {"game_id": self.game.game_id, "description": "Who?", "action": "goal"}
        [fact] = self.do(OpenPool(**(known | {"pool_type": type_} | parameters)))
        assert isinstance(fact, PoolOpened)
        return fact.pool_id

    def bet(self, user_id: int, amount: int, target: str, pool_id: str) -> str:
        """Place a bet of `amount` hundredths and return its id."""
        command = PlaceBet(pool_id=pool_id, target=target, amount=amount)
        [fact] = self.do(command, by=user_id)
        assert isinstance(fact, BetPlaced)
        return fact.bet_id

    def event(self, target: str, action: str = "goal", ago: int = 0) -> None:
        """Register an event that happened `ago` milliseconds ago."""
        self.do(
            RegisterEvent(
                game_id=self.game.game_id,
                action_id=action,
                target_id=target,
                happened_at=self.now + 1 - ago,
            )
        )

    def correct(self, pool_id: str, target: str) -> None:
        """Correct the result of a pool to a target."""
        [past] = self._resolved(pool_id)
        self.do(
            CorrectPool(
                pool_id=pool_id,
                winning_target=target,
                corrects_seq=past.result_seq,
                reason="video",
            )
        )

    @property
    def last_event(self) -> str:
        """Return the id of the last event."""
        return self.game.events[-1].event_id

    def _occasion(
        self, by: int, command: Command | None = None, subject: int | None = None
    ) -> DecisionContext:
        available = carry = 0
        if isinstance(command, PlaceBet):
            available = balances(self.database, by, self.game.currency).available
        past = None
        if isinstance(command, CorrectPool | TakeBackEvent):
            past = self._past(command)
        if isinstance(command, OpenPool | CorrectPool | TakeBackEvent):
            carry = carried(self.database, SOURCE, self.game.currency)
        users = {user_id for pool in past.pools for user_id in pool.received} if past else ()
        return DecisionContext(
            now=self.now,
            user_id=by,
            limits=RuleLimits(),
            subject_id=subject,
            available=available,
            carry=carry,
            past=past,
            free={user_id: self._free(user_id) for user_id in users},
        )

    def _free(self, user_id: int) -> int:
        return balances(self.database, user_id, self.game.currency).available

    def _past(self, command: CorrectPool | TakeBackEvent) -> Past:
        if isinstance(command, CorrectPool):
            return Past(pools=self._resolved(command.pool_id))
        moment, gone, pool_ids = moment_of(self.database, self.game.game_id, command.event_id)
        return Past(pools=self._resolved(*pool_ids), moment=moment, taken_back=gone)

    def _resolved(self, *pool_ids: str) -> list[PastPool]:
        ended = [pool_id for pool_id in pool_ids if pool_id not in self.game.pools]
        found = [
            past_pool_before(self.database, self.game.game_id, each, LARGEST_TIME) for each in ended
        ]
        return [past for past in found if past is not None]

    def _commit(self, facts: Sequence[tuple[Fact, int]]) -> None:
        changes: list[Change] = []
        moved: list[Transfer] = []
        for fact, at in facts:
            entry = Entry(self.game.seq + 1, max(at, self.game.clock), fact)
            each = transfers(fact, SOURCE)
            changes += projection.rows(self.game, entry, each)
            moved += each
            apply(self.game, entry)
        changes += account_rows(moved, self.game.currency)
        self.database.write([*changes, journal.game_row(self.game)])


def seal(database: Database) -> None:
    """Recompute all digests, as an attacker who knows about them could."""
    head, game_id = b"", None
    for row in database.rows("SELECT * FROM facts ORDER BY game_id, seq"):
        head = head if row["game_id"] == game_id else b""
        game_id, place = row["game_id"], (row["game_id"], row["seq"])
        head = link(head, *place, row["at"], row["kind"], row["pool_id"], row["body"])
        sql = "UPDATE facts SET digest = ? WHERE game_id = ? AND seq = ?"
        database.execute(sql, (head, *place))
    last = "SELECT digest FROM facts WHERE game_id = games.id AND seq = last_seq"
    database.execute(f"UPDATE games SET head = coalesce(({last}), x'')")
    for row in database.rows("SELECT * FROM operator_acts"):
        made = digest(row["at"], row["kind"], row["body"])
        database.execute("UPDATE operator_acts SET digest = ? WHERE id = ?", (made, row["id"]))
    for row in database.rows("SELECT * FROM answers"):
        del row["digest"]
        key = row["user_id"], row["idempotency_key"]
        sql = "UPDATE answers SET digest = ? WHERE user_id = ? AND idempotency_key = ?"
        database.execute(sql, (digest(*row.values()), *key))


def people(database: Database) -> None:
    """Add a host, three players with credits in two currencies, and a source."""
    for name in ("host", "ann", "bob", "cat"):
        start = {"DON": 100_000, "EUR": 5_000}
        AddUser(name, False, start, None).perform(database, 1)
    database.write(credit(ANN, "DON", 2_500, NOW - 1))
    database.write([SourceOpened(SOURCE, "League", None, 1)])


def acts_of(database: Database) -> list[tuple[int, str, dict[str, Any]]]:
    """Return the operators' acts in order: time, kind and values."""
    rows = database.rows("SELECT * FROM operator_acts ORDER BY id")
    return [(row["at"], row["kind"], orjson.loads(row["body"])) for row in rows]


def season(database: Database) -> tuple[Bookkeeper, Bookkeeper]:
    """Play two games, one closed and one running, whose pools end in every possible way."""
    people(database)
    return _cup(Bookkeeper(database)), _league(Bookkeeper(database, LEAGUE, currency="EUR"))


def meeting(database: Database) -> Bookkeeper:
    """Run pools in which every kind of transfer occurs, and leave one with a carry open."""
    people(database)
    cup = Bookkeeper(database)
    broken = cup.pool(policy="us")
    for user_id, amount, target in ((ANN, 3_000, "argentina"), (BOB, 7_000, "brazil")):
        cup.bet(user_id, amount, target, broken)
    cup.event("brazil:7")
    minus = cup.pool(policy="us")
    cup.bet(ANN, 900, "argentina", minus)
    cup.bet(BOB, 100, "brazil", minus)
    cup.event("argentina:7")
    unbacked = cup.pool(policy="tote")
    cup.bet(CAT, 5_000, "none", unbacked)
    cup.event("brazil:7")
    returned = cup.pool(policy="tote")
    cup.do(CancelPool(pool_id=returned))
    tied = cup.pool(policy="tote", targets=("Argentina:7", "Argentina:10", "Brazil:7"))
    for user_id, target in ((ANN, "argentina:7"), (BOB, "argentina:10"), (CAT, "brazil:7")):
        cup.bet(user_id, 1_000, target, tied)
    cup.do(ScratchTarget(pool_id=tied, target="brazil:7", reason="fog"))
    both = {"target_id": "argentina:7", "also": ("argentina:10",)}
    cup.do(RegisterEvent(game_id=CUP, action_id="goal", **both))  # type: ignore[arg-type]
    unbacked = cup.pool(policy="tote")
    cup.bet(CAT, 250, "none", unbacked)
    cup.event("brazil:7")
    cup.pool(policy="tote")
    return cup


def review(database: Database) -> Bookkeeper:
    """Play a game whose results are held, taken back and corrected; `people` are there."""
    game = Bookkeeper(database, REVIEW)
    held, paid = game.pool(confirm_for=60_000), game.pool()
    for pool_id in (held, paid):
        for user_id, amount, target in ((ANN, 400, "argentina"), (BOB, 300, "brazil")):
            game.bet(user_id, amount, target, pool_id)
    game.event("argentina:7")
    game.do(TakeBackEvent(game_id=REVIEW, event_id=game.last_event, reason="offside"))
    tied = game.pool()
    for user_id, target in ((ANN, "argentina"), (BOB, "brazil"), (CAT, "none")):
        game.bet(user_id, 200, target, tied)
    both = {"target_id": "brazil:7", "also": ("argentina:10",)}
    game.do(RegisterEvent(game_id=REVIEW, action_id="goal", **both))  # type: ignore[arg-type]
    game.do(TakeBackEvent(game_id=REVIEW, event_id=game.last_event, reason="foul"))
    game.do(ConfirmPool(pool_id=held))
    # Bob stakes nearly all that he has, so that not all can be had back.
    game.bet(BOB, game._free(BOB) - 100, "none", game.pool(action="card"))
    for target in ("argentina", "none"):
        game.correct(held, target)
    carried_over = game.pool(policy="tote")
    game.bet(CAT, 500, "argentina", carried_over)
    game.event("brazil:7")
    game.correct(carried_over, "argentina")
    waiting = game.pool(confirm_for=60_000)
    game.bet(ANN, 50, "argentina", waiting)
    game.event("argentina:7")
    return game


def _cup(cup: Bookkeeper) -> Bookkeeper:
    cup.do(BecomeAdmin(game_id=CUP))
    for user_id, command in ((ANN, AppointAdmin), (BOB, AppointAdmin), (ANN, DismissAdmin)):
        cup.do(command(game_id=CUP, username="-"), subject=user_id)
    won = cup.pool(recreate_on_end=True)
    for user_id, amount, target in (
        (ANN, 1_000, "argentina"),
        (BOB, 1_001, "argentina"),
        (CAT, 1_000, "brazil"),
        (ANN, 333, "none"),
    ):
        cup.bet(user_id, amount, target, won)
    cup.bet(CAT, 500, "argentina", won)
    cup.event("argentina:7", ago=2)  # the last bet was too late
    cup.event("brazil:7")  # ends the next pool, which has no bets
    returned, cancelled = cup.pool(action="card"), cup.pool(action="card", targets=("Brazil",))
    cup.bet(ANN, 700, "argentina", returned)
    cup.bet(BOB, 50, "brazil", cancelled)
    cup.do(CancelPool(pool_id=cancelled, reason="rain"))
    cup.event("brazil:7", "card")
    cup.event("argentina:10")  # ends the recreated pool, again without bets
    _run_out(cup)
    manual = cup.pool(BINARY)
    cup.bet(ANN, 900, "yes", manual)
    cup.bet(BOB, 300, "no", manual)
    cup.do(CloseGame(game_id=CUP))
    cup.event("yes", f"pool-{manual}")
    cup.do(CloseGame(game_id=CUP))
    return cup


def _run_out(cup: Bookkeeper) -> None:
    """Let two pools time out and a third end with its game."""
    ends = {"finish_at": cup.now + 5_000, "recreate_on_end": False}
    pools = cup.pool(TIMED, **ends), cup.pool(BINARY_TIMED, **ends)
    for pool_id, target in zip(pools, ("none", "yes"), strict=True):
        cup.bet(ANN, 100, target, pool_id)
        cup.bet(CAT, 77, "no" if target == "yes" else "brazil", pool_id)
    cup.wait(6_000)
    cup.bet(BOB, 40, "none", cup.pool())
    cup.do(BlockAction(game_id=CUP, action="goal"))


def _league(league: Bookkeeper) -> Bookkeeper:
    later = league.now + 10_000
    league.do(UpdateGame(game_id=LEAGUE, hashtag="#l", close_at=later + 10_000))
    ended = league.pool()
    league.bet(ANN, 210, "argentina", ended)
    league.bet(BOB, 100, "brazil", ended)
    league.event("brazil:7")
    running = league.pool()
    league.bet(ANN, 11, "brazil", running)
    league.bet(BOB, 22, "brazil", running)
    league.bet(ANN, 33, "argentina", running)
    league.do(HeatPool(pool_id=running, likely_to_happen_at=later))
    league.do(BlockPool(pool_id=running, block_at=later))
    return league
