"""The tables of pools beside their facts: resolved pools, their bets, leaderboards."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest

from game.money import as_text
from storage.changes import PointsMoved
from storage.database import Database
from storage.pools import (
    bet_count,
    bets_of_pool,
    final_snapshot,
    game_of_pool,
    game_ranking,
    ranking,
    resolved_pool_count,
    resolved_pools_of,
)
from storage.store import AddUser, NewUser
from tests.support.bookkeeper import ANN, BOB, CAT, CUP, LEAGUE, Bookkeeper, people
from tests.support.reads import reads_told

EVERYTHING = {"offset": 0, "limit": 1_000}


@pytest.fixture
def cup(database: Database) -> Bookkeeper:
    """Return an open game, with a host and three players."""
    people(database)
    return Bookkeeper(database)


def places(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return [(row["rank"], row["username"], row["points"]) for row in rows]


def three_pools(cup: Bookkeeper) -> list[str]:
    """Play three pools that end one after the other. Ann bets in all, Bob in the second."""
    pools = []
    for number in range(3):
        pools.append(cup.pool(description=f"pool {number}"))
        cup.bet(ANN, 100 + number, "brazil", pools[-1])
        if number == 1:
            cup.bet(BOB, 50, "argentina", pools[-1])
        cup.event("brazil:7")
    return pools


def test_a_pool_belongs_to_the_game_in_which_it_was_opened(cup: Bookkeeper) -> None:
    league = Bookkeeper(cup.database, LEAGUE)
    ours, theirs = cup.pool(), league.pool()
    assert game_of_pool(cup.database, ours) == CUP
    assert game_of_pool(cup.database, theirs) == LEAGUE
    cup.event("brazil:7")
    assert game_of_pool(cup.database, ours) == CUP
    assert game_of_pool(cup.database, "no such pool") is None


def test_a_resolved_pool_is_kept_as_it_stood_before_its_end(cup: Bookkeeper) -> None:
    pool_id = cup.pool()
    cup.bet(ANN, 300, "brazil", pool_id)
    cup.bet(ANN, 5, "brazil", pool_id)
    cup.bet(BOB, 40, "none", pool_id)
    assert final_snapshot(cup.database, pool_id) is None
    snapshot = cup.game.pools[pool_id].snapshot()
    cup.event("brazil:7")
    kept = final_snapshot(cup.database, pool_id)
    assert kept == snapshot
    assert kept is not None
    assert (kept.participants, kept.amount_total) == (2, 345)
    assert kept.distribution == {"none": (1, 40), "argentina": (0, 0), "brazil": (1, 305)}
    assert final_snapshot(cup.database, "no such pool") is None


def test_my_resolved_pools_are_those_i_bet_in_the_newest_first(cup: Bookkeeper) -> None:
    pools = three_pools(cup)
    running = cup.pool()
    cup.bet(ANN, 1, "brazil", running)
    mine = list(resolved_pools_of(cup.database, CUP, ANN, **EVERYTHING))
    assert [snapshot.opened.pool_id for snapshot, _ in mine] == pools[::-1]
    assert [row["backed"] for _, row in mine] == [{"brazil": n} for n in (102, 101, 100)]
    assert [row["given_back"] for _, row in mine] == [102, 151, 100]
    [(snapshot, row)] = resolved_pools_of(cup.database, CUP, BOB, **EVERYTHING)
    assert snapshot.opened.description == "pool 1"
    assert (row["winning_target"], row["backed"]) == ("brazil", {"argentina": 50})
    assert (row["given_back"], row["resolved_at"]) == (0, mine[1][1]["resolved_at"])
    assert list(resolved_pools_of(cup.database, CUP, CAT, **EVERYTHING)) == []


def test_my_resolved_pools_are_those_of_one_game(cup: Bookkeeper) -> None:
    three_pools(cup)
    league = Bookkeeper(cup.database, LEAGUE)
    pools = three_pools(league)
    mine = resolved_pools_of(cup.database, LEAGUE, ANN, **EVERYTHING)
    assert [snapshot.opened.pool_id for snapshot, _ in mine] == pools[::-1]


def test_my_resolved_pools_come_in_pages(cup: Bookkeeper) -> None:
    three_pools(cup)
    assert resolved_pool_count(cup.database, CUP, ANN) == 3
    everything = list(resolved_pools_of(cup.database, CUP, ANN, **EVERYTHING))
    pages = [list(resolved_pools_of(cup.database, CUP, ANN, offset=n, limit=2)) for n in (0, 2, 4)]
    assert pages == [everything[:2], everything[2:], []]


@pytest.mark.parametrize("at_once", [1, 2, 3, 4])
def test_a_page_of_resolved_pools_is_the_same_however_it_is_read(
    cup: Bookkeeper, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    pools = three_pools(cup)[::-1]
    monkeypatch.setattr("storage.pools.READ_AT_ONCE", at_once)
    for offset, limit in product(range(5), range(1, 5)):
        page = resolved_pools_of(cup.database, CUP, ANN, offset=offset, limit=limit)
        ids = [snapshot.opened.pool_id for snapshot, _ in page]
        assert ids == pools[offset : offset + limit]


def test_the_bets_of_a_pool_come_in_pages_in_the_order_of_their_acceptance(
    cup: Bookkeeper,
) -> None:
    pool_id, other = cup.pool(), cup.pool(action="card")
    placed = []
    for user_id, amount in ((CAT, 30), (ANN, 10), (CAT, 20), (BOB, 40), (ANN, 50)):
        placed.append((cup.bet(user_id, amount, "brazil", pool_id), user_id, amount, cup.now))
        cup.bet(user_id, 1, "none", other)
    for is_resolved in (False, True):
        if is_resolved:
            cup.event("brazil:7")
        pages = [bets_of_pool(cup.database, pool_id, offset=n, limit=2) for n in (0, 2, 4, 6)]
        assert [len(page) for page in pages] == [2, 2, 1, 0]
        bets = [bet for page in pages for bet in page]
        assert [(fact.bet_id, fact.user_id, fact.amount, at) for fact, at in bets] == placed
        assert bet_count(cup.database, pool_id) == 5
    assert bet_count(cup.database, "no such pool") == 0


def test_bets_are_counted_and_skipped_without_reading_a_fact(
    cup: Bookkeeper,
) -> None:
    """So the last page of a large pool costs about as much as the first."""
    pool_id = cup.pool()
    asked: list[tuple[str, Sequence[Any]]] = []
    with reads_told(lambda *read: asked.append(read)):
        bets_of_pool(cup.database, pool_id, offset=1, limit=1)
        bet_count(cup.database, pool_id)
    assert len(asked) >= 2
    for sql, parameters in asked:
        plan = [row["detail"] for row in cup.database.rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]
        assert any("USING COVERING INDEX facts_by_pool" in step for step in plan), plan


def test_points_are_won_beyond_stakes_less_stakes_lost_over_resolved_pools(
    cup: Bookkeeper,
) -> None:
    pool_id, running = cup.pool(), cup.pool(action="card")
    cup.bet(ANN, 100, "brazil", pool_id)
    cup.bet(ANN, 30, "argentina", pool_id)
    cup.bet(BOB, 50, "argentina", pool_id)
    cup.bet(CAT, 999, "brazil", running)
    cup.event("brazil:7")
    expected = [(1, "ann", 50), (2, "bob", -50)]
    assert places(ranking(cup.database, "DON", 0, 100)) == expected
    assert places(game_ranking(cup.database, CUP, 0, 100)) == expected


def test_points_are_kept_by_currency_and_by_game(cup: Bookkeeper) -> None:
    others = (
        Bookkeeper(cup.database, LEAGUE),
        Bookkeeper(cup.database, CUP.replace("6", "8"), currency="EUR"),
    )
    for game, stake in zip((cup, *others), (1, 20, 300), strict=True):
        pool_id = game.pool()
        game.bet(ANN, 10, "brazil", pool_id)
        game.bet(BOB, stake, "argentina", pool_id)
        game.event("brazil:7")
    assert places(ranking(cup.database, "DON", 0, 9)) == [
        (1, "ann", 21),
        (2, "bob", -21),
    ]
    assert places(ranking(cup.database, "EUR", 0, 9)) == [
        (1, "ann", 300),
        (2, "bob", -300),
    ]
    assert places(ranking(cup.database, "XYZ", 0, 9)) == []
    assert places(game_ranking(cup.database, CUP, 0, 9)) == [(1, "ann", 1), (2, "bob", -1)]
    assert places(game_ranking(cup.database, LEAGUE, 0, 9))[0] == (1, "ann", 20)


def scored(database: Database, **points: int) -> None:
    """Add users with these points, in this order."""
    for name, amount in points.items():
        new = NewUser(**AddUser(name, False, {}, None).perform(database, 1))
        database.write([PointsMoved("DON", new.id, amount)])


def test_equal_points_share_a_rank_and_stand_by_name(database: Database) -> None:
    scored(database, Zoe=5, ann=5, Bob=5, dan=-3, cat=7, eve=-3, fay=-9, gil=7)
    expected = [
        (1, "cat", 7),
        (1, "gil", 7),
        (3, "ann", 5),
        (3, "Bob", 5),
        (3, "Zoe", 5),
        (6, "dan", -3),
        (6, "eve", -3),
        (8, "fay", -9),
    ]
    assert places(ranking(database, "DON", 0, 100)) == expected


def test_every_part_of_a_leaderboard_is_as_it_is_in_the_whole(database: Database) -> None:
    scored(database, a=5, b=5, c=5, d=-3, e=7, f=-3, g=-9, h=7, i=0)
    whole = ranking(database, "DON", 0, 1_000)
    assert len(whole) == 9
    for start in range(11):
        for end in range(start, 12):
            assert ranking(database, "DON", start, end) == whole[start:end], (start, end)


def test_a_leaderboard_names_people_as_they_spell_themselves(database: Database) -> None:
    scored(database, THE_Foozle=1)
    [row] = ranking(database, "DON", 0, 1)
    assert (row["username"], as_text(row["points"])) == ("THE_Foozle", "0.01")
