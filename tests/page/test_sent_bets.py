"""A bet that was sent has a line until its reply comes; a refused one until it is dismissed."""

import pytest

from tests.page.browser import Browser
from tests.page.server import FIRST_POOL, HOST, PageServer

DELAY_MS = 20_000


@pytest.fixture
def game(server: PageServer) -> tuple[str, str]:
    """Return the ids of an open game and its pool."""
    server.add_user("ann")
    return server.has_a_game()


def sends_a_bet(browser: Browser) -> None:
    """Place a bet of 2.50 on Brazil in the first pool."""
    browser.find(f"[aria-label='{FIRST_POOL}'] [data-target=brazil]").click()
    browser.fill(within=".slip", amount="2.50")
    browser.press("Bet 2.50 on Brazil")


def test_a_bet_without_a_reply_has_a_line_that_neither_another_pick_nor_another_room_hides(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    browser.holds_back(392)
    sends_a_bet(browser)
    browser.sees(".slip .sent", "2.50 on Brazil · waiting for the reply")
    browser.find(".slip .invite")
    assert not browser.runs("return document.querySelectorAll('.slip .sent button').length")
    browser.find("[data-target=argentina]").click()
    browser.find(".slip [aria-label='Take Argentina off the slip']").click()
    browser.find(".slip .invite")
    browser.sees(".slip .sent", "2.50 on Brazil")
    browser.go("#/")
    browser.sees(".game", "Argentina - Brazil")
    browser.go(f"#/g/{game[0]}")
    browser.sees(".slip .sent", "2.50 on Brazil")
    browser.releases()
    browser.sees(".bets", "2.50")
    assert not browser.runs("return document.querySelectorAll('.slip .sent').length")


def test_a_bet_in_a_pool_with_a_delay_says_when_it_counts(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    slow = {"game_id": game[0], "description": "Slow?", "action": "card", "bet_delay": DELAY_MS}
    server.asks(HOST, 385, **slow)
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    browser.find("[aria-label='Slow?'] [data-target=brazil]").click()
    browser.fill(within=".slip", amount=2)
    browser.press("Bet 2.00 on Brazil")
    browser.sees(".slip .sent", "2.00 on Brazil · counts in 0:")


def test_a_bet_that_is_sent_again_after_a_cut_says_that_it_may_be_placed_already(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    slow = {"game_id": game[0], "description": "Slow?", "action": "card", "bet_delay": DELAY_MS}
    server.asks(HOST, 385, **slow)
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    browser.find("[aria-label='Slow?'] [data-target=brazil]").click()
    browser.fill(within=".slip", amount=2)
    browser.press("Bet 2.00 on Brazil")
    browser.sees(".slip .sent", "counts in 0:")
    server.kill()
    browser.sees(".slip .sent", "sent; what became of it is not known without a connection")
    server.start()
    again = "2.00 on Brazil · sent again: it is placed already, or counts within 0:"
    browser.sees(".slip .sent", again)


def test_what_becomes_of_a_bet_is_announced_in_every_room(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    browser.holds_back(392)
    sends_a_bet(browser)
    browser.go("#/")
    browser.sees(".betnews .sent", "2.50 on Brazil · waiting for the reply")
    browser.releases()
    browser.sees(".betnews [role=status]", "Bet placed: 2.50 DON on Brazil")
    browser.go(f"#/g/{game[0]}")
    browser.sees(".slip .placed", "Bet placed")
    browser.find(".slip:not(:has(.placed))")
    sends_a_bet(browser)
    browser.go("#/account")
    server.asks(HOST, 399, pool_id=game[1], reason="Rain")
    browser.releases()
    refused = "Your bet of 2.50 on Brazil was not accepted; nothing was taken."
    browser.sees(".betnews .refused[role=alert]", refused)
    browser.find(".betnews [aria-label=Dismiss]").click()
    browser.find("main:focus")
    assert not browser.sees("body").count("not accepted")


def test_the_pick_of_a_refused_bet_is_back_on_the_slip_with_its_amount(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    server.asks("ann", 8300, limits={"day": {"spend": "2.00"}})
    sends_a_bet(browser)
    browser.sees(".slip .refused", "2.00 DON a day")
    browser.find(".slip .pick")
    browser.fill(within=".slip", amount="1.50")
    browser.press("Bet 1.50 on Brazil")
    browser.sees(".slip .placed", "Bet placed: 1.50 DON on Brazil")


def test_a_bet_that_was_sent_while_the_server_was_away_says_that_it_waits(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    browser.sees(".pool", FIRST_POOL)
    server.kill()
    browser.sees(".conn", "Reconnecting")
    sends_a_bet(browser)
    browser.sees(".slip .sent", "2.50 on Brazil · waiting for the connection")
    server.start()
    browser.sees(".slip .placed", "Bet placed: 2.50 DON on Brazil")


def test_a_bet_that_is_refused_after_another_pick_says_why_until_it_is_dismissed(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    other = {"game_id": game[0], "description": "Other?", "action": "card"}
    server.asks(HOST, 385, **other)
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    browser.holds_back(392)
    sends_a_bet(browser)
    browser.find("[aria-label='Other?'] [data-target=argentina]").click()
    browser.sees(".slip .pick", "Other?")
    server.asks(HOST, 399, pool_id=game[1], reason="Rain")
    browser.releases()
    refused = "Your bet of 2.50 on Brazil was not accepted; nothing was taken."
    browser.sees(".slip .refused[role=alert]", refused)
    browser.sees(".slip .refused", f"Betting on “{FIRST_POOL}” has closed.")
    browser.sees(".slip .pick", "Other?")
    browser.find(".slip .refused [aria-label=Dismiss]").click()
    browser.find(".slip:not(:has(.refused)) .pick")
