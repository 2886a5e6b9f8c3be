"""Compare the file after each life with clients' messages, and with the file before."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from attrs import Factory, define, frozen

from game.facts import BetPlaced, Entry, PoolResolved
from game.revisions import PoolCorrected
from storage.accounts import balances
from storage.audit import audit
from storage.database import Database
from storage.journal import MOST_FACTS, entries
from storage.opening import open_for_reading
from tests.campaigns.kills.bettor import INITIAL, Bettor, Expected, Place
from tests.campaigns.kills.findings import Broken, Findings

CURRENCY = "DON"


@define
class Money:
    """The results of one user's bets in a season, in hundredths."""

    exposure: int = 0
    points: int = 0
    bets: dict[int, BetPlaced] = Factory(dict)


@frozen
class Journal:
    """A game as the file contains it."""

    place: Place
    entries: list[Entry]

    @property
    def bets(self) -> list[BetPlaced]:
        """Return every bet, in order."""
        return [entry.fact for entry in self.entries if isinstance(entry.fact, BetPlaced)]

    @property
    def results(self) -> dict[str, PoolResolved | PoolCorrected]:
        """Return the pools that have ended, with the results that stand."""
        facts = (entry.fact for entry in self.entries)
        return {
            fact.pool_id: fact for fact in facts if isinstance(fact, PoolResolved | PoolCorrected)
        }


@define
class Reckoning:
    """Compares the file after each life. `won`: each user's net result in earlier seasons."""

    _path: Path
    _findings: Findings
    won: defaultdict[int, int] = Factory(lambda: defaultdict(int))
    _before: dict[str, list[Entry]] = Factory(dict)

    def after_life(
        self, bettors: Sequence[Bettor], places: Iterable[Place], *, is_audited: bool
    ) -> dict[int, Money]:
        """Compare, and set what each bettor has to expect. Return the money of each user."""
        with closing(open_for_reading(self._path)) as database:
            if is_audited:
                self._audit(database)
            journals = [Journal(place, _whole(database, place.game_id)) for place in places]
        for journal in journals:
            self._nothing_is_lost_of(journal)
        money = _money(journals)
        heights = {journal.place.game_id: journal.entries[-1].seq for journal in journals}
        for bettor in bettors:
            self._agrees(bettor, money[bettor.user_id], heights[bettor.place.game_id])
        return money

    def after_season(self, bettors: Sequence[Bettor], places: Sequence[Place]) -> None:
        """Check the final books of all games, and that every bettor knows its balance."""
        money = self.after_life(bettors, places, is_audited=True)
        for bettor in bettors:
            mine = money[bettor.user_id]
            self._was_told_everything(bettor, mine)
            self.won[bettor.user_id] += mine.points
        about = "won and lost", sum(self.won.values())
        self._findings.expect(not sum(self.won.values()), Broken.MONEY, *about)
        with closing(open_for_reading(self._path)) as database:
            for bettor in bettors:
                self._is_paid(database, bettor)
        self._before.clear()

    def after_all(self, bettors: Iterable[Bettor]) -> None:
        """Check that every acknowledged bet is there once, and no other."""
        with closing(open_for_reading(self._path)) as database:
            games = [row["game_id"] for row in database.rows("SELECT DISTINCT game_id FROM facts")]
            facts = (entry.fact for game_id in games for entry in _whole(database, game_id))
            kept = [fact for fact in facts if isinstance(fact, BetPlaced)]
        there = {(bet.user_id, bet.amount): bet.bet_id for bet in kept}
        self._findings.expect(len(there) == len(kept), Broken.TWICE, "of", len(kept), len(there))
        for bettor in bettors:
            for number, bet_id in bettor.acknowledged.items():
                found = there.pop((bettor.user_id, number), None)
                about = bettor.user_id, number, bet_id, "found", found
                self._findings.expect(found == bet_id, Broken.LOST, *about)
        self._findings.expect(not there, Broken.TWICE, "never acknowledged", there)

    def _audit(self, database: Database) -> None:
        for line in audit(database):
            self._findings.add(Broken.BOOKS, line)

    def _nothing_is_lost_of(self, journal: Journal) -> None:
        """Check that positions have no gap, and that earlier facts are unchanged."""
        game_id, now = journal.place.game_id, journal.entries
        before = self._before.get(game_id, [])
        self._findings.expect(now[: len(before)] == before, Broken.LOST, "facts of", game_id)
        counted = [entry.seq for entry in now] == list(range(1, len(now) + 1))
        self._findings.expect(counted, Broken.GAP, "in the journal of", game_id)
        self._before[game_id] = now
        asked = [(bet.user_id, bet.amount) for bet in journal.bets]
        about = "bets in", game_id, len(asked), "wagers", len({*asked})
        self._findings.expect(len({*asked}) == len(asked), Broken.TWICE, *about)

    def _agrees(self, bettor: Bettor, mine: Money, height: int) -> None:
        """Check a bettor's acknowledged bets, refusals and position against the file."""
        who = bettor.user_id
        for number in bettor.asked.keys() & bettor.acknowledged.keys():
            about = who, number, "was acknowledged and is not kept"
            self._findings.expect(number in mine.bets, Broken.LOST, *about)
        for number, bet in mine.bets.items():
            first = bettor.acknowledged.get(number, bet.bet_id)
            self._findings.expect(first == bet.bet_id, Broken.TWICE, who, first, bet)
            refused = number in bettor.refused
            self._findings.expect(not refused, Broken.REFUSED, who, "refused and kept", bet)
            wager = bettor.asked[number]
            same = (wager.pool_id, wager.target) == (bet.pool_id, bet.target_id)
            self._findings.expect(same, Broken.BOOKS, who, wager, bet)
        heard = bettor.seq <= height
        self._findings.expect(heard, Broken.LOST, who, "heard", bettor.seq, "kept", height)
        kept = {number: bet.bet_id for number, bet in mine.bets.items()}
        before = INITIAL + self.won[who]
        available = before + mine.points - mine.exposure
        bettor.begin_life(Expected(kept, before, mine.exposure, available))

    def _was_told_everything(self, bettor: Bettor, mine: Money) -> None:
        """Check that a bettor received each of its bets by id, and its results."""
        who, won = bettor.user_id, sum(bettor.won.values())
        self._findings.expect(won == mine.points, Broken.MONEY, who, "told", won, mine.points)
        if bettor.was_told_all:
            kept = {bet.bet_id for bet in mine.bets.values()}
            self._findings.expect(bettor.told_own == kept, Broken.GAP, who, "not told of a bet")

    def _is_paid(self, database: Database, bettor: Bettor) -> None:
        held, won = balances(database, bettor.user_id, CURRENCY), self.won[bettor.user_id]
        paid = (held.available, held.exposure) == (INITIAL + won, 0)
        self._findings.expect(paid, Broken.MONEY, bettor.user_id, "has", held, "won", won)


def _whole(database: Database, game_id: str) -> list[Entry]:
    found: list[Entry] = []
    while page := entries(database, game_id, after=found[-1].seq if found else 0, limit=MOST_FACTS):
        found += page
    return found


def _money(journals: Iterable[Journal]) -> defaultdict[int, Money]:
    """Return the results of the bets in these journals so far, by user."""
    money: defaultdict[int, Money] = defaultdict(Money)
    for journal in journals:
        results = journal.results
        for bet in journal.bets:
            mine = money[bet.user_id]
            mine.bets[bet.amount] = bet
            mine.exposure += bet.amount if bet.pool_id not in results else 0
        for result in results.values():
            for each in result.settlements:
                money[each.user_id].points += each.points
    return money
