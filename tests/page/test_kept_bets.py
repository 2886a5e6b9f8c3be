"""A bet without a reply is kept in the tab: after a reload the page finds out what became of it."""

import pytest

from tests.page.browser import Browser
from tests.page.server import HOST, PageServer

LONG_MS = 20_000
SHORT_MS = 1_000
KEPT = "toteboard-sent-bets-2"


@pytest.fixture
def game(server: PageServer) -> str:
    """Return the id of an open game."""
    for name in ("ann", "bob"):
        server.add_user(name)
    return server.has_a_game()[0]


def bets_with_a_delay(browser: Browser, server: PageServer, game: str, delay: int) -> str:
    """Let ann bet 2.00 on Brazil in a new pool with a delay in ms. Return the pool."""
    slow = {"game_id": game, "description": "Slow?", "action": "card", "bet_delay": delay}
    pool = str(server.asks(HOST, 385, **slow)["pool_id"])
    browser.sign_in(server, "ann", f"#/g/{game}")
    browser.find("[aria-label='Slow?'] [data-target=brazil]").click()
    browser.fill(within=".slip", amount=2)
    browser.press("Bet 2.00 on Brazil")
    browser.find(".slip .sent")
    return pool


def test_after_a_reload_a_delayed_bet_has_its_line_in_every_room_and_its_money_is_not_offered(
    browser: Browser, server: PageServer, game: str
) -> None:
    bets_with_a_delay(browser, server, game, LONG_MS)
    browser.chromium.refresh()
    line = "2.00 on Brazil · counts in 0:"
    browser.sees(".slip .sent", line)
    browser.find("[data-target=argentina]").click()
    browser.sees(".slip form", "998.00 DON to bet with, besides 2.00")
    browser.go("#/")
    browser.sees(".betnews .sent", line)


def test_a_bet_that_was_placed_after_a_reload_is_found_and_placed_once(
    browser: Browser, server: PageServer, game: str
) -> None:
    pool = bets_with_a_delay(browser, server, game, SHORT_MS)
    browser.chromium.refresh()
    browser.sees(".slip .placed", "Bet placed: 2.00 DON on Brazil")
    browser.sees(".bets", "2.00")
    assert not browser.runs("return document.querySelectorAll('.sent').length")
    assert server.asks("ann", 393, pool_id=pool)["bets_total"] == 1
    browser.chromium.refresh()
    browser.sees(".bets", "2.00")
    assert not browser.runs("return document.querySelectorAll('.sent, .placed').length")


def test_a_bet_that_never_reached_the_server_is_said_to_be_refused_and_its_pick_is_back(
    browser: Browser, server: PageServer, game: str
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game}")
    browser.holds_back(392)
    browser.find("[data-target=brazil]").click()
    browser.fill(within=".slip", amount=2)
    browser.press("Bet 2.00 on Brazil")
    browser.find(".slip .sent")
    browser.chromium.refresh()
    browser.sees(".slip .sent", "its reply was lost, looking for it among your bets")
    refused = "Your bet of 2.00 on Brazil was not found."
    browser.sees(".slip .refused", refused)
    browser.find(".slip .primary:enabled")
    browser.chromium.refresh()
    browser.sees(".slip .refused", refused)


def test_a_wrong_clock_of_the_user_does_not_end_the_search_before_the_bet_is_decided(
    browser: Browser, server: PageServer, game: str
) -> None:
    pool = bets_with_a_delay(browser, server, game, 5 * SHORT_MS)
    browser.runs_first("const now = Date.now; Date.now = () => now() + 60_000;")
    browser.chromium.refresh()
    browser.sees(".slip .placed", "Bet placed: 2.00 DON on Brazil")
    assert server.asks("ann", 393, pool_id=pool)["bets_total"] == 1


def test_a_bet_that_is_submitted_twice_at_once_is_placed_once(
    browser: Browser, server: PageServer, game: str
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game}")
    browser.find("[data-target=brazil]").click()
    browser.fill(within=".slip", amount=3)
    browser.runs(
        "const form = document.querySelector('.slip form');"
        "form.requestSubmit(); form.requestSubmit();"
    )
    browser.sees(".slip .placed", "Bet placed: 3.00 DON on Brazil")
    browser.sees(".purse", "997.00")


def test_a_sign_out_hides_the_bet_from_others_and_the_same_user_sees_it_again(
    browser: Browser, server: PageServer, game: str
) -> None:
    bets_with_a_delay(browser, server, game, LONG_MS)
    for name, lines in (("ann", 1), ("bob", 0), ("ann", 1)):
        browser.go("#/account")
        browser.press("Sign out", within="main")
        browser.sees("header", "Sign in")
        assert not browser.runs("return document.querySelectorAll('.sent').length")
        browser.press("Sign in", within="header")
        browser.enter_key(server, name)
        assert browser.runs("return document.querySelectorAll('.betnews .sent').length") == lines


def test_a_damaged_or_full_store_of_the_tab_costs_only_what_is_kept(
    browser: Browser, server: PageServer, game: str
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game}")
    for rubbish in ("{", "7", "[{}]"):
        browser.runs(f"sessionStorage.setItem({KEPT!r}, {rubbish!r})")
        browser.chromium.refresh()
        browser.sees(".purse", "1,000.00")
    for rubbish in ("{", "7"):
        browser.runs(f"sessionStorage.setItem('toteboard-session', {rubbish!r})")
        browser.chromium.refresh()
        browser.press("Sign in", within="header")
    browser.runs("Storage.prototype.setItem = () => { throw new Error('full'); }")
    browser.enter_key(server, "ann")
    browser.find("[data-target=brazil]").click()
    browser.fill(within=".slip", amount=2)
    browser.press("Bet 2.00 on Brazil")
    browser.sees(".slip .placed", "Bet placed: 2.00 DON on Brazil")
