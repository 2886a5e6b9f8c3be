"""The transfers of a settlement: every stake leaves the pool exactly once (section 7)."""

import pytest

from game.facts import PoolResolved, Settlement
from game.ledger import Transfer, transfers

POOL = "5c0ab7e4-5e2c-4b6e-9f5d-1f2f3a4b5c6d"
ANN = 7
AVAILABLE, EXPOSURE, THROUGH = f"player:{ANN}:available", f"player:{ANN}:exposure", f"pool:{POOL}"


def moved(**settlement: int) -> list[Transfer]:
    """Return the amounts that the end of a pool moves for one user, in hundredths."""
    one = Settlement(ANN, **settlement)
    return transfers(
        PoolResolved(
            pool_id=POOL,
            description="Who is next?",
            winning_target="a",
            is_money_return=False,
            settlements=(one,),
        )
    )


@pytest.mark.parametrize(("first", "second"), [(1, 2), (3, 5), (7, 7), (100, 300)])
def test_refunds_for_two_reasons_are_one_transfer(first: int, second: int) -> None:
    [refund] = moved(void_stake=first, returned_stake=second)
    assert refund == Transfer(EXPOSURE, AVAILABLE, first + second, "refund")


@pytest.mark.parametrize(("won", "lost"), [(1, 2), (3, 5), (7, 7), (100, 300)])
def test_what_won_and_what_lost_leave_together_and_the_payout_comes_back(
    won: int, lost: int
) -> None:
    assert moved(won_stake=won, lost_stake=lost, paid=9_000) == [
        Transfer(EXPOSURE, THROUGH, won + lost, "stake"),
        Transfer(THROUGH, AVAILABLE, 9_000, "payout"),
    ]
