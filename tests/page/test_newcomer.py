"""A new user finds a game without an account, and by a link that was shared."""

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


def test_the_lobby_moves_by_itself_and_finds_by_name_and_hashtag(
    browser: Browser, server: PageServer, match: tuple[str, str, str]
) -> None:
    server.add_user("bob")
    browser.open(server.page)
    browser.sees(".game", NAME)
    server.asks("bob", 392, pool_id=match[1], target="brazil", amount=25)
    browser.sees(".game footer", "25.00 staked")
    later = {"live_start_at": 4_000_000_000_000, "hashtag": "#Andes"}
    server.asks(HOST, 3701, source_id=match[2], game_name=NEXT, **later)
    browser.sees(".departures", NEXT)
    browser.fill(within=".find", query="#andes")
    browser.sees(".departures", NEXT)
    browser.sees("main", "Coming up")
    browser.fill(within=".find", query="nothing like it")
    browser.sees(".empty", "No game matches")


def test_the_lobby_says_that_bets_are_closed_while_the_pool_is_blocked(
    browser: Browser, server: PageServer, match: tuple[str, str, str]
) -> None:
    browser.open(server.page)
    browser.sees(".game .q", "until it is decided")
    server.asks(HOST, 397, pool_id=match[1])
    browser.sees(".game .q", "Betting is blocked")
    timed = {
        "description": "In time?",
        "action": "card",
        "stop_accepting_bets_at": 4_000_000_000_000,
    }
    pool = server.asks(HOST, 385, game_id=match[0], is_hot=True, **timed)["pool_id"]
    browser.sees(".game .q", "left")
    server.asks(HOST, 397, pool_id=pool)
    browser.sees(".game .q", "Betting is blocked")


def test_a_shared_link_leads_to_the_board_without_an_account(
    browser: Browser, server: PageServer, match: tuple[str, str, str]
) -> None:
    browser.open(f"{server.page}#/g/{match[0]}")
    browser.sees(".pool", FIRST_POOL)
    browser.sees(".side", "Sign in to bet")


def test_a_board_without_pools_and_one_that_is_closed_lead_to_the_other_games(
    browser: Browser, server: PageServer, match: tuple[str, str, str]
) -> None:
    game, pool, source = match
    browser.open(f"{server.page}#/g/{game}")
    browser.sees(".pool", FIRST_POOL)
    server.asks(HOST, 399, pool_id=pool, reason="Rain")
    browser.sees("[aria-label=Results]", "stakes went back: “Rain”")
    browser.sees(".empty", "No pool is open")
    server.asks(HOST, 370, source_id=source, game_name=NEXT)
    server.asks(HOST, 375, game_id=game)
    browser.sees(".empty", "This game is closed.")
    browser.sees(".empty .primary", f"Next: {NEXT}, in play")
    browser.find(".empty a:not(.primary)").click()
    browser.sees(".game", NEXT)


def test_a_game_that_does_not_exist_is_reported(browser: Browser, server: PageServer) -> None:
    browser.open(f"{server.page}#/g/nobody's")
    browser.sees("[role=alert]", "This game does not exist, or it has ended.")
    browser.find("main a.btn").click()
    browser.find(".hero")


def test_a_game_that_does_not_exist_is_reported_also_after_a_key_has_ended(
    browser: Browser, server: PageServer
) -> None:
    browser.open(f"{server.page}#/g/nobody's")
    browser.keeps({"id": 1, "username": HOST, "key": "not the key"})
    browser.chromium.refresh()
    browser.sees("main [role=alert]", "This game does not exist, or it has ended.")


def test_where_guests_are_refused_the_page_asks_to_sign_in(
    browser: Browser, server: PageServer
) -> None:
    server.kill()
    server.options = ("--no-guests",)
    server.start()
    browser.open(server.page)
    browser.sees("h1", "Toteboard")
    browser.press("Sign up", within=".door")


@pytest.mark.parametrize("option", ["--guests", "--no-guests"])
def test_a_refused_key_asks_again_with_the_id_that_was_typed(
    browser: Browser, server: PageServer, option: str
) -> None:
    server.add_user("ann")
    server.kill()
    server.options = (option,)
    server.start()
    browser.open(server.page)
    if option == "--guests":
        browser.press("Sign in", within="header")
    browser.press("Session key", within=".door")
    user_id, key = server.keys["ann"]
    browser.fill(within=".door", id=user_id, key="0" * len(key))
    browser.press("Sign in", within=".door form")
    browser.sees(".door .notice", "The server refused this sign-in.")
    assert browser.find(".door [name=id]").get_attribute("value") == str(user_id)
    assert browser.find(".door [name=key]").get_attribute("value") == ""
    browser.fill(within=".door", key=key)
    browser.press("Sign in", within=".door form")
    browser.sees(".purse", "1,000.00")


def test_a_name_stays_when_the_way_to_sign_in_changes(browser: Browser, server: PageServer) -> None:
    browser.open(server.page)
    browser.press("Sign in", within="header")
    browser.fill(within=".door", username="ann", password="not to be kept")
    browser.press("Sign up", within=".door .seg")
    assert browser.find(".door [name=username]").get_attribute("value") == "ann"
    assert browser.find(".door [name=password]").get_attribute("value") == ""


def test_a_host_without_a_source_reaches_the_desk_and_others_learn_how_to(
    browser: Browser, server: PageServer
) -> None:
    server.add_user("ann")
    browser.sign_in(server, HOST)
    browser.find("nav[aria-label=Rooms] a[href='#/desk']").click()
    browser.fill(source_name="Sunday league")
    browser.press("Open source")
    browser.sees("h2", "Create a game")
    browser.sign_in(server, "ann", "#/desk")
    browser.sees("main", "ask the operator of this server")
    assert not browser.runs("return document.querySelectorAll('[name=source_name]').length")
    assert not browser.runs("return document.querySelectorAll('nav [href*=desk]').length")


def test_a_user_with_a_key_sees_the_balance_and_keeps_the_learned_name(
    browser: Browser, server: PageServer, match: tuple[str, str, str]
) -> None:
    server.add_user("ann")
    browser.sign_in(server, "ann", f"#/g/{match[0]}")
    browser.sees(".purse", "1,000.00")
    browser.sees("[aria-label=Chat]", "1 watching")
    browser.go("#/account")
    browser.sees(".money", "Signed in as ann")
    browser.chromium.refresh()
    browser.sees(".money", "Signed in as ann")
