"""A match on the page: a host at the desk, and a bettor who looks, signs up, bets and is paid."""

import pytest

from tests.page.browser import Browser
from tests.page.keyboard import Keyboard
from tests.page.server import FIRST_POOL, HOST, PageServer

CAPTAIN = "Will the captain play to the end?"
PASSWORD = "correct horse battery"


@pytest.fixture
def game(server: PageServer) -> str:
    """Return the id of an open game with a pool."""
    return server.has_a_game()[0]


def at_the_desk(browser: Browser, server: PageServer, game: str) -> str:
    """Open the host's tab at the desk of the game."""
    tab = browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.sees(".line", FIRST_POOL)
    return tab


def signs_up(browser: Browser, name: str) -> None:
    """Sign up in the dialog that is open."""
    browser.press("Sign up", within="dialog")
    browser.fill(within="dialog", username=name, password=PASSWORD)
    browser.press("Sign up", within="dialog form")
    browser.find(".purse")


def new_bettor(browser: Browser, server: PageServer, name: str, game: str) -> str:
    """Open the tab of a new user at the board."""
    tab = browser.open(f"{server.page}#/g/{game}")
    browser.press("Sign in", within="header")
    signs_up(browser, name)
    browser.sees(".pool", FIRST_POOL)
    return tab


def bet(browser: Browser, target: str, amount: object) -> None:
    """Put a target of the first pool on the slip, and a stake on it."""
    browser.find(f".pool [data-target={target}]").click()
    browser.fill(within=".slip", amount=amount)
    browser.find(".slip .primary").click()


def test_a_visitor_finds_the_game_looks_signs_up_at_the_first_bet_and_is_paid(
    browser: Browser, server: PageServer, game: str
) -> None:
    ann = browser.open(server.page)
    browser.sees(".game", "Argentina - Brazil")
    browser.find(".game").click()
    browser.find(".pool [data-target=argentina]").click()
    browser.fill(within=".slip", amount="30,00")
    browser.sees(".pays", "30.00")
    browser.press("Sign in to bet")
    signs_up(browser, "ann")
    browser.press("Bet 30.00 on Argentina")
    browser.sees(".slip", "Bet placed: 30.00 DON on Argentina")
    browser.sees(".purse b", "970.00")
    browser.sees(".purse span", "30.00 in play")
    new_bettor(browser, server, "bob", game)
    bet(browser, "brazil", 60)
    browser.sees(".slip", "Bet placed")
    browser.turn_to(ann)
    browser.find("[data-target=argentina] .flap[aria-label='pays 3.00 for 1']")
    server.asks(HOST, 395, game_id=game, action_id="goal", target_id="argentina:10")
    browser.sees(".result", "You won +60.00")
    browser.find(".result .flap[aria-label='3.00']")
    browser.find(".score .flap[aria-label='1 Goal']")
    browser.sees(".bets", "won by Argentina")
    browser.sees(".purse b", "1,060.00")
    browser.sees(".leaders", "ann (you)")
    browser.chromium.refresh()
    browser.sees("[aria-label=Results]", FIRST_POOL)
    browser.find("[aria-label=Results] .flap[aria-label='paid 3.00 for 1']")


def test_a_host_makes_a_game_opens_a_pool_sees_the_preview_and_pays_by_holding(
    browser: Browser, server: PageServer
) -> None:
    host = browser.sign_in(server, HOST, "#/desk")
    browser.fill(within="main", source_name="Copa")
    browser.press("Open source")
    within = "form:has([name=game_name])"
    browser.fill(within, game_name="Argentina - Brazil", actions="Goal")
    browser.fill(within, targets="Argentina:10, Brazil:7")
    browser.press("Create game")
    browser.find(".score .flap[aria-label='0 Goal']")
    browser.fill(within=".openpool", description=FIRST_POOL)
    browser.press("Open the pool")
    browser.sees(".line", FIRST_POOL)
    game = str(browser.runs("return location.hash")).rpartition("/")[2]
    new_bettor(browser, server, "ann", game)
    bet(browser, "argentina", 30)
    browser.sees(".slip", "Bet placed")
    browser.turn_to(host)
    browser.sees(".line .sum", "30.00 · 1 bettor")
    browser.find(".line [data-target=argentina]").click()
    browser.sees(".preview", "Goal · Argentina · 10 now")
    browser.press("\N{MINUS SIGN}10 s", within=".when")
    browser.sees(".preview", "Goal · Argentina · 10 at ")
    browser.press("Now", within=".when")
    browser.sees(".preview", "1 winner receives 30.00")
    browser.hold("Hold to pay 30.00", within=".preview")
    browser.sees("[aria-label=Registered]", "Goal Argentina · 10")
    browser.find(".score .flap[aria-label='1 Goal']")
    browser.sees(".chips", FIRST_POOL)  # a template for the next pool


def test_the_desk_pays_by_keyboard_after_two_presses_and_not_after_one(
    browser: Browser, server: PageServer, game: str
) -> None:
    at_the_desk(browser, server, game)
    browser.find(".line [data-target=brazil]").click()
    button = browser.find(".preview .hold")
    button.send_keys("\ue007")
    browser.sees(".preview .hold", "Press again to")
    button.send_keys("\ue007")
    browser.sees("[aria-label=Registered]", "Goal Brazil · 7")


def test_nothing_can_be_paid_before_the_bets_are_loaded(
    browser: Browser, server: PageServer, game: str
) -> None:
    at_the_desk(browser, server, game)
    browser.holds_back(393)
    browser.find(".line [data-target=brazil]").click()
    browser.sees(".preview .hold", "Loading bets…")
    browser.find(".preview .hold[aria-disabled=true]")
    browser.releases()
    browser.sees(".preview .hold", "Hold to register")
    browser.find(".preview .hold[aria-disabled=false]")


def test_a_user_without_the_right_sees_no_desk_and_is_told_how_to_host(
    browser: Browser, server: PageServer, game: str
) -> None:
    server.add_user("ann")
    browser.sign_in(server, "ann", f"#/desk/{game}")
    browser.sees("main", "ask the operator of this server for the right")
    assert browser.runs("return document.querySelectorAll('.line, .openpool').length") == 0


def test_a_refusal_is_shown_on_the_slip(browser: Browser, server: PageServer, game: str) -> None:
    new_bettor(browser, server, "ann", game)
    bet(browser, "argentina", 5000)
    browser.sees(".slip .error", "1,000.00")
    browser.fill(within=".slip", amount="three")
    browser.find(".slip .primary").click()
    browser.sees(".slip .error", "Write an amount above 0")
    browser.press("All", within=".slip")
    browser.sees(".slip .primary", "Bet 1,000.00 on Argentina")


def test_an_error_of_a_sign_up_is_shown_beside_its_field(
    browser: Browser, server: PageServer
) -> None:
    browser.open(server.page)
    browser.press("Sign in", within="header")
    browser.press("Sign up", within="dialog")
    browser.fill(within="dialog", username="not a name!", password=PASSWORD)
    browser.press("Sign up", within="dialog form")
    browser.sees(".field:has([name=username]) .error", "Username must be")
    browser.sees(".field:has([name=password]) .hint", "8 characters or more")
    browser.fill(within="dialog", username="ann", password="short")
    browser.press("Sign up", within="dialog form")
    browser.sees(".field:has([name=password]) .error", "Password must be")


def test_blocking_shuts_a_pool_on_every_board_and_allowing_opens_it(
    browser: Browser, server: PageServer, game: str
) -> None:
    guest = browser.open(f"{server.page}#/g/{game}")
    browser.sees(".pool", FIRST_POOL)
    host = at_the_desk(browser, server, game)
    browser.press("■ Block")
    browser.turn_to(guest)
    browser.sees(".pool .tag", "Betting is blocked")
    assert not browser.find(".runner").is_enabled()
    browser.turn_to(host)
    browser.press("▶ Allow")
    browser.turn_to(guest)
    browser.find(".runner:enabled")


def test_a_close_waits_for_the_yes_or_no_pool_and_then_finishes_by_itself(
    browser: Browser, server: PageServer, game: str
) -> None:
    at_the_desk(browser, server, game)
    browser.fill(within=".openpool", description=CAPTAIN, action="")
    browser.press("Open the pool")
    browser.sees(".line h2", CAPTAIN)
    browser.hold("Hold to close the game")
    browser.sees("main", "1 pool to decide, then the game closes by itself")
    browser.find(".line [data-target=yes]").click()
    browser.hold("Hold to register", within=".preview")
    browser.sees("main", "This game is closed")
    browser.open(f"{server.page}#/g/{game}")
    browser.sees(".strip", "Closed")
    browser.sees("[aria-label=Results]", CAPTAIN)


def test_a_bet_is_placed_by_keyboard_alone(browser: Browser, server: PageServer, game: str) -> None:
    new_bettor(browser, server, "ann", game)
    browser.chromium.refresh()  # the focus is where a new page has it
    browser.find(".pool .runner")
    keyboard = Keyboard(browser)
    keyboard.tab_to("[data-target=brazil]")
    keyboard.press(" ")
    keyboard.tab_to("[name=amount]")
    keyboard.press("12.50\ue007")
    browser.sees(".slip", "Bet placed: 12.50 DON on Brazil")


def test_chat_reaches_others_and_the_inspector_shows_it_and_sends_by_a_form(
    browser: Browser, server: PageServer, game: str
) -> None:
    ann = new_bettor(browser, server, "ann", game)
    new_bettor(browser, server, "bob", game)
    browser.fill(within=".say", text="Vamos!")
    browser.press("Send", within=".say")
    browser.turn_to(ann)
    browser.sees(".chat", "bob Vamos!")
    browser.go("#/inspector")
    browser.sees(".frames", "text_message")
    browser.find("#op option[value='372']").click()
    browser.fill(within="form", game_id=game)
    browser.press("Send", within="form")
    browser.sees(".frames", "reply to get_game_details")


def test_a_key_that_has_ended_leads_back_to_looking_and_says_why(
    browser: Browser, server: PageServer
) -> None:
    browser.open(server.page)
    server.add_user("ann")
    browser.keeps({"id": server.keys["ann"][0], "username": "ann", "key": "not-her-key"})
    browser.chromium.refresh()
    browser.sees("[role=alert]", "Sign in again")
    browser.is_connected()


def test_an_admin_of_the_source_corrects_a_result_and_the_board_shows_it(
    browser: Browser, server: PageServer, game: str
) -> None:
    new_bettor(browser, server, "ann", game)
    bet(browser, "argentina", 30)
    bob = new_bettor(browser, server, "bob", game)
    bet(browser, "brazil", 60)
    browser.sees(".slip", "Bet placed")
    at_the_desk(browser, server, game)
    server.asks(HOST, 395, game_id=game, action_id="goal", target_id="argentina:10")
    browser.press("✎ Correct", within="[aria-label=Results]")
    browser.find(".correction [data-target=brazil]").click()
    browser.sees(".correction", "+90.00")
    browser.sees(".correction", "\N{MINUS SIGN}90.00")
    browser.fill(within=".correction", reason="The other way round")
    browser.hold("Hold to correct the result", within=".correction")
    browser.sees("[aria-label=Results]", "Corrected")
    browser.sees("[aria-label=Results]", "Brazil")
    browser.turn_to(bob)
    browser.sees(".purse b", "1,030.00")
    browser.sees("[aria-label=Results]", "corrected")
