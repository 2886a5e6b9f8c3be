"""The bet slip says what became of its pool, goes away by itself, and keeps the focus in place."""

import pytest

from tests.page.browser import Browser
from tests.page.server import FIRST_POOL, HOST, PageServer

ESCAPE = "\ue00c"


@pytest.fixture
def game(server: PageServer) -> tuple[str, str]:
    """Return the ids of an open game and its pool."""
    server.add_user("ann")
    return server.has_a_game()


def has_the_focus(browser: Browser, selector: str) -> None:
    """Wait until this element has the focus."""
    browser.find(f"{selector}:focus")


def bets_with_a_late_reply(browser: Browser) -> None:
    """Place a bet of 10.00 on Brazil, which the server does not receive before `releases()`."""
    browser.find("[data-target=brazil]").click()
    browser.fill(within=".slip", amount=10)
    browser.holds_back(392)
    browser.press("Bet 10.00 on Brazil")
    browser.find(".slip .sent")


def test_a_slip_whose_pool_ends_says_so_until_the_user_takes_it_off(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    browser.find("[data-target=brazil]").click()
    browser.fill(within=".slip", amount=10)
    server.asks(HOST, 399, pool_id=game[1], reason="Rain")
    browser.sees(".slip [role=status]", f"Betting on “{FIRST_POOL}” has closed.")
    assert not browser.runs("return document.querySelectorAll('.slip .primary').length")
    browser.find(".slip [aria-label='Take Brazil off the slip']").click()
    browser.find(".slip.nothing")


def test_a_slip_whose_pool_is_decided_says_so_and_opens_again_if_that_is_taken_back(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    pool = {"game_id": game[0], "description": "Held?", "action": "card", "confirm_for": 600_000}
    server.asks(HOST, 385, **pool)
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    browser.find("[aria-label='Held?'] [data-target=brazil]").click()
    card = {"game_id": game[0], "action_id": "card", "target_id": "brazil:7"}
    event = server.asks(HOST, 395, **card)["event_id"]
    browser.sees(".slip [role=status]", "Betting on “Held?” has closed.")
    server.asks(HOST, 3951, game_id=game[0], event_id=event, reason="No card")
    browser.find(".slip .primary")


def test_a_notice_of_a_bet_goes_away_by_itself(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    with browser.as_wide_as(390):
        browser.sign_in(server, "ann", f"#/g/{game[0]}")
        browser.find("[data-target=brazil]").click()
        browser.fill(within=".slip", amount=10)
        browser.press("Bet 10.00 on Brazil")
        browser.sees(".slip .placed", "Bet placed")
        has_the_focus(browser, "[data-target=brazil]")
        browser.find(".slip.nothing")


def test_a_bet_whose_reply_comes_late_is_off_the_slip_also_if_the_user_has_left_the_board(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    bets_with_a_late_reply(browser)
    browser.go("#/")
    browser.find(".find input").click()
    browser.releases()
    browser.sees(".purse", "990.00")
    has_the_focus(browser, ".find input")
    browser.go(f"#/g/{game[0]}")
    browser.find(".slip .invite")


def test_a_pick_stays_on_the_slip_with_the_focus_when_an_earlier_bet_is_placed(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    bets_with_a_late_reply(browser)
    browser.find("[data-target=argentina]").click()
    browser.sees(".slip .pick", "Argentina")
    browser.fill(within=".slip", amount=20)
    browser.releases()
    browser.sees(".slip .placed", "Bet placed: 10.00 DON on Brazil")
    has_the_focus(browser, ".slip [name=amount]")
    browser.press("Bet 20.00 on Argentina")


def test_the_money_of_a_bet_without_a_reply_is_not_offered_again(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    bets_with_a_late_reply(browser)
    browser.find("[data-target=argentina]").click()
    browser.sees(".slip .pick", "Argentina")
    browser.sees(".slip form", "990.00 DON to bet with, besides 10.00 in bets without a reply.")
    browser.fill(within=".slip", amount="990.01")
    browser.sees(".slip .error", "That does not cover this stake.")
    browser.press("All", within=".slip")
    browser.press("Bet 990.00 on Argentina", within=".slip")
    browser.releases()
    browser.sees(".purse", "1,000.00 in play")


def test_the_amount_on_the_slip_is_kept_while_the_user_is_in_another_room(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    browser.find("[data-target=brazil]").click()
    browser.fill(within=".slip", amount="12.5")
    browser.go("#/account")
    browser.sees("main", "Statement")
    browser.go(f"#/g/{game[0]}")
    browser.press("Bet 12.50 on Brazil", within=".slip")
    browser.sees(".slip .placed", "Bet placed: 12.50 DON on Brazil")
    browser.find("[data-target=brazil]").click()
    browser.press("Bet on Brazil", within=".slip")
    browser.sees(".slip .error", "Write an amount")


def test_the_amount_on_the_slip_is_kept_for_another_target(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    browser.find("[data-target=brazil]").click()
    browser.fill(within=".slip", amount="12.5")
    browser.find("[data-target=argentina]").click()
    browser.find(".slip [name=amount]")
    browser.press("Bet 12.50 on Argentina", within=".slip")
    browser.sees(".slip .placed", "Bet placed: 12.50 DON on Argentina")


def test_a_stake_beyond_the_balance_has_no_payout_and_cannot_be_sent(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    browser.sign_in(server, "ann", f"#/g/{game[0]}")
    browser.find("[data-target=brazil]").click()
    browser.fill(within=".slip", amount="1000.01")
    browser.sees(".slip .error", "Your balance of 1,000.00 DON does not cover this stake.")
    assert not browser.find(".slip .primary").is_enabled()
    assert not browser.runs("return document.querySelectorAll('.pays').length")
    browser.press("All", within=".slip")
    browser.sees(".pays", "1,000.00")
    browser.find(".slip .primary:enabled")


def test_the_focus_follows_the_sign_in_from_the_slip(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    browser.open(f"{server.page}#/g/{game[0]}")
    browser.find("[data-target=brazil]").click()
    browser.fill(within=".slip", amount=10)
    browser.press("Sign in to bet", within=".slip")
    has_the_focus(browser, "dialog [name=username]")
    browser.chromium.switch_to.active_element.send_keys(ESCAPE)
    has_the_focus(browser, ".slip .primary")
    browser.press("Sign in to bet", within=".slip")
    browser.enter_key(server, "ann")
    has_the_focus(browser, ".slip .primary")


def test_the_focus_returns_to_what_opened_a_dialog_or_the_menu(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    browser.open(f"{server.page}#/g/{game[0]}")
    browser.press("Sign in", within="header")
    has_the_focus(browser, "dialog [name=username]")
    browser.find("dialog [aria-label=Close]").click()
    has_the_focus(browser, "header .end > .btn")
    browser.find(".menu summary").click()
    browser.find(".menu[open] a").send_keys(ESCAPE)
    has_the_focus(browser, ".menu:not([open]) summary")


def test_amounts_are_typed_and_shown_with_the_separators_of_the_reader(
    browser: Browser, server: PageServer, game: tuple[str, str]
) -> None:
    server.commands("user", "credit", "ann", "1000")
    with browser.with_locale("de-DE"):
        browser.sign_in(server, "ann", f"#/g/{game[0]}")
        browser.find("[data-target=brazil]").click()
        assert browser.find(".slip [name=amount]").get_attribute("placeholder") == "0,00"
        browser.fill(within=".slip", amount="1.234,50")
        browser.sees(".pays", "1.234,50")
        browser.find(".slip [aria-label='5 more']").click()
        assert browser.find(".slip [name=amount]").get_attribute("value") == "1.239,50"
        server.asks("ann", 8300, limits={"day": {"spend": "1100.00"}})
        browser.press("Bet 1.239,50 on Brazil")
        browser.sees(".slip .refused", "1.100,00 DON a day")
        browser.fill(within=".slip", amount="12,505")
        browser.find(".slip .primary").click()
        browser.sees(".slip .error", "such as 12,50.")
