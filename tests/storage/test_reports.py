"""Reports and bets of pools with policies: all money is somewhere, and each bet has its price."""

from collections import defaultdict

from game.ledger import house_of
from game.money import amount
from storage.bets import Outcomes
from storage.database import Database
from storage.exports import EXPORTS
from storage.listings import bets_of_player
from storage.reports import source_report
from tests.support.bookkeeper import ANN, BOB, CAT, NOW, SOURCE, meeting

DAY_MS = 86_400_000
LATER = NOW + 10 * DAY_MS


def test_a_report_has_what_the_house_and_the_carry_took(database: Database) -> None:
    meeting(database)
    [day] = source_report(database, SOURCE, 0, LATER)["days"]
    assert day["check"]["holds"]
    by_cause = {
        row["cause"]: amount(row["n"])
        for row in database.rows("SELECT cause, sum(amount) AS n FROM transfers GROUP BY cause")
    }
    for cause in ("takeout", "breakage", "minus"):
        assert day[cause] == by_cause[cause] > 0
    assert day["carried_out"] == by_cause["carry_out"]
    # What the pool that is still open was carried counts when it ends.
    assert 0 < day["carried_in"] < by_cause["carry_in"]


def test_a_house_balance_is_that_at_the_end_of_the_day(database: Database) -> None:
    cup = meeting(database)
    sql = "SELECT balance FROM accounts WHERE account = ?"
    [before] = database.rows(sql, (house_of(SOURCE),))
    cup.wait(DAY_MS)
    pool_id = cup.pool(policy="us")
    cup.bet(ANN, 1_000, "argentina", pool_id)
    cup.bet(BOB, 1_000, "brazil", pool_id)
    cup.event("brazil:7")
    [after] = database.rows(sql, (house_of(SOURCE),))
    assert after != before
    shown = [day["house_balance"] for day in source_report(database, SOURCE, 0, LATER)["days"]]
    assert shown == [amount(before["balance"]), amount(after["balance"])]
    [alone] = source_report(database, SOURCE, 0, NOW + DAY_MS // 2)["days"]
    assert alone["house_balance"] == amount(before["balance"])


def test_bets_on_scratched_targets_are_refunded_and_not_in_the_report(database: Database) -> None:
    meeting(database)
    bets, _ = bets_of_player(database, CAT)
    [scratched] = [bet for bet in bets if bet["target"] == "brazil:7"]
    assert (scratched["status"], scratched["returned"]) == ("refunded", scratched["amount"])
    [row] = database.rows("SELECT at FROM facts WHERE kind = 'target_scratched'")
    assert scratched["resolved_at"] == row["at"]
    [counted] = database.rows("""
        SELECT count(*) AS n, sum(body ->> '$.amount') AS staked FROM facts
        WHERE kind = 'bet_placed' AND body ->> '$.target_id' <> 'brazil:7'""")
    [day] = source_report(database, SOURCE, 0, LATER)["days"]
    assert (day["bets"], day["staked"]) == (counted["n"], amount(counted["staked"]))
    [results] = EXPORTS["results"](database, 0, LATER)
    assert sum(row["amount_total"] for row in results) == day["staked"]


def test_every_winner_of_a_dead_heat_has_won_and_each_bet_returns_its_price(
    database: Database,
) -> None:
    meeting(database)
    for user_id, target in ((ANN, "argentina:7"), (BOB, "argentina:10")):
        bets, _ = bets_of_player(database, user_id)
        [tied] = [bet for bet in bets if bet["target"] == target]
        assert tied["status"] == "won"
        assert tied["returned"] > 0


def test_what_the_bets_of_a_user_return_is_what_the_user_received(database: Database) -> None:
    meeting(database)
    returned: defaultdict[int, float] = defaultdict(float)
    outcomes = Outcomes(database)
    for row in database.rows("SELECT * FROM player_entries WHERE cause = 'bet'"):
        bet = outcomes.bet(row["game_id"], row["seq"], row["currency"])
        returned[row["user_id"]] += bet["returned"] or 0
    received = database.rows("""
        SELECT user_id, sum(available_change) AS n FROM player_entries
        WHERE cause IN ('payout', 'refund', 'loss') GROUP BY user_id""")
    assert {user: round(100 * total) for user, total in returned.items()} == {
        row["user_id"]: row["n"] for row in received
    }
