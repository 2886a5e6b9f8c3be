"""A time beyond the range of a Date is shown as such, and hides nothing else."""

from typing import Final

from tests.page.browser import Browser
from tests.page.server import HOST, PageServer

LARGEST_TIME: Final = 2**53 - 1
BEYOND: Final = "after the year 275760"


def test_a_game_that_closes_beyond_all_dates_is_listed_among_the_others(
    browser: Browser, server: PageServer
) -> None:
    usual, _ = server.has_a_game()
    source = server.asks(HOST, 372, game_id=usual)["source_id"]
    names = {"source_id": source, "targets": "Argentina, Brazil", "actions": "Goal"}
    far = server.asks(HOST, 370, game_name="Forever", close_at=LARGEST_TIME, **names)["game_id"]
    server.asks(HOST, 616, game_id=far)
    last_bets = {"stop_accepting_bets_at": LARGEST_TIME, "finish_at": LARGEST_TIME}
    pool = {"game_id": far, "description": "Ever?", "action": "goal", "pool_type": 2}
    server.asks(HOST, 385, **pool, **last_bets)
    browser.sign_in(server, HOST)
    browser.sees(".game", "Argentina - Brazil")
    browser.sees(".games", "Forever")
    browser.go(f"#/g/{far}")
    browser.sees(".facts", BEYOND)
    browser.sees(".pool", f"closes {BEYOND}")
    browser.go(f"#/desk/{far}")
    browser.sees(".line", "Ever?")
