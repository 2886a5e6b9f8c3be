"""The board of a game: results on hold, the count of watchers, and the way to the next game."""

from tests.page.browser import Browser
from tests.page.server import HOST, PageServer

PLACES = """
    const top = (selector) => document.querySelector(selector).getBoundingClientRect().top;
    return [".strip", "[aria-label='Results on hold']", ".pool"].map(top)
"""


def test_a_result_on_hold_is_above_the_pools_and_its_winner_is_marked(
    browser: Browser, server: PageServer
) -> None:
    game, _ = server.has_a_game()
    pool = {"game_id": game, "description": "Held?", "action": "card", "confirm_for": 600_000}
    server.asks(HOST, 385, **pool)
    server.asks(HOST, 395, game_id=game, action_id="card", target_id="brazil:7")
    with browser.as_wide_as(390):
        browser.open(f"{server.page}#/g/{game}")
        browser.sees("[aria-label='Results on hold']", "Held?")
        browser.sees("[aria-label='Results on hold'] b", "Brazil")
        browser.sees("[aria-label='Held?'] [data-target=brazil]", "provisional winner")
        assert len(browser.chromium.find_elements("css selector", ".runner.held")) == 1
        places = browser.runs(PLACES)
        assert places == sorted(places)
