"""A new user finds a game with only an address or an id."""

import pytest

from tests.page.browser import Browser
from tests.page.server import FIRST_POOL, HOST, PageServer

NAME = "Argentina - Brazil"
NEXT = "Chile - Peru"


@pytest.fixture
def match(server: PageServer) -> tuple[str, str, str]:
    """Create an open game. Return it with its pool and its source."""
    game, pool = server.has_a_game()
    return game, pool, server.asks(HOST, 372, game_id=game)["source_id"]


def test_a_link_to_a_source_leads_there_once_one_has_signed_up(
    browser: Browser, server: PageServer, match: tuple[str, str, str]
) -> None:
    browser.open(f"{server.page}#/games/{match[2]}")
    browser.press("Sign up")
    browser.fill(username="ann", password="correct horse battery")
    browser.press("Sign up", within="form")
    browser.sees("h1", "Games of this source")
    browser.sees("table", NAME)


def test_a_link_to_a_source_leads_there_once_one_has_signed_in(
    browser: Browser, server: PageServer, match: tuple[str, str, str]
) -> None:
    browser.sign_in(server, HOST, f"#/games/{match[2]}")
    browser.sees("table", NAME)


def test_an_id_is_found_whether_it_is_a_games_or_a_sources(
    browser: Browser, server: PageServer, match: tuple[str, str, str]
) -> None:
    game, _, source = match
    browser.sign_in(server, HOST)
    browser.fill(id=game)
    browser.press("Go")
    browser.sees(".pool", FIRST_POOL)
    browser.go("#/games")
    browser.fill(id=source)
    browser.press("Go")
    browser.sees("h1", "Games of this source")
    browser.sees("table", NAME)
    browser.go("#/games")
    browser.fill(id="nobody's")
    browser.press("Go")
    browser.sees("form .error", "No game or source has this ID.")


def test_a_board_without_pools_and_one_that_is_closed_lead_to_the_next_match(
    browser: Browser, server: PageServer, match: tuple[str, str, str]
) -> None:
    game, pool, source = match
    browser.sign_in(server, HOST, f"#/board/{game}")
    server.asks(HOST, 399, pool_id=pool)
    browser.sees(".empty", "No pool is open.")
    browser.find(f".empty [href='#/games/{source}']")
    server.asks(HOST, 375, game_id=game)
    server.asks(HOST, 370, source_id=source, game_name=NEXT)
    browser.sees(".empty", "The game is closed.")
    browser.find(".empty a").click()
    browser.sees("table", NEXT)


def test_a_user_with_a_key_sees_the_balance_and_keeps_the_learned_name(
    browser: Browser, server: PageServer, match: tuple[str, str, str]
) -> None:
    server.add_user("ann")
    browser.sign_in(server, "ann", "#/games")
    browser.sees(".balance", "1,000.00 DON")
    browser.go(f"#/board/{match[0]}")
    browser.sees(".me .name", "ann")
    browser.go("#/games")
    browser.chromium.refresh()
    browser.sees(".me .name", "ann")
