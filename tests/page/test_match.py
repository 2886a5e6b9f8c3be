"""A match on the page: a host at the desk, and a bettor who signed up and uses the board."""

import pytest

from tests.page.browser import Browser
from tests.page.server import FIRST_POOL, HOST, PageServer

OUTLINE = """
    const focused = document.activeElement;
    return getComputedStyle(focused.closest(".plate") ?? focused).outlineStyle;
"""
CAPTAIN = "Will the captain play to the end?"


@pytest.fixture
def board(server: PageServer) -> str:
    """Return the place of the board of an open game with a pool."""
    return f"#/board/{server.has_a_game()[0]}"


def at_the_desk(browser: Browser, server: PageServer, board: str) -> str:
    """Open the host's tab at the desk of the game."""
    tab = browser.sign_in(server, HOST, board.replace("board", "desk"))
    browser.sees(".desk-pool", FIRST_POOL)
    return tab


def game_made_by_hand(browser: Browser, server: PageServer) -> str:
    """Open the tab of a host, and create a game with a pool at the desk."""
    tab = browser.sign_in(server, HOST, "#/desk")
    browser.fill(source_name="Copa")
    browser.press("Open source")
    browser.fill(game_name="Argentina - Brazil", actions="Goal", targets="Argentina:10, Brazil:7")
    browser.press("Create game")
    browser.sees("h1", "Argentina - Brazil")
    browser.fill(description=FIRST_POOL, action="goal")
    browser.press("Open pool")
    browser.sees(".desk-pool", FIRST_POOL)
    return tab


def signed_up(browser: Browser, server: PageServer, name: str, place: str) -> str:
    """Open the tab of a new bettor."""
    tab = browser.open(server.page + place)
    browser.press("Sign up")
    browser.fill(username=name, password="correct horse battery")
    browser.press("Sign up", within="form")
    browser.sees(".status", "Connected")
    return tab


def bet(browser: Browser, target: str, amount: object) -> None:
    """Bet on a target of the first pool."""
    browser.find(f".pool [data-target={target}] .plate").click()
    browser.fill(within=".pool .slip", amount=amount)
    browser.press("Place bet")


def balance(browser: Browser, amount: str) -> None:
    """Wait until the available balance is this."""
    browser.sees(".balance", amount)


def test_a_bettor_signs_up_sees_odds_move_bets_and_is_paid(
    browser: Browser, server: PageServer
) -> None:
    host = game_made_by_hand(browser, server)
    board = str(browser.runs("return location.hash")).replace("desk", "board")
    ann = signed_up(browser, server, "ann", board)
    balance(browser, "1,000.00")
    bet(browser, "argentina", 30)
    browser.sees(".slip", "Bet placed: 30.00 DON on Argentina.")
    balance(browser, "970.00")
    signed_up(browser, server, "bob", board)
    bet(browser, "brazil", 60)
    browser.turn_to(ann)
    browser.sees("[data-target=argentina] .odds", "3.00")
    browser.sees("[data-target=argentina] .odds", "▲")
    browser.turn_to(host)
    browser.fill(within="form:has([name=target_id])", target_id="argentina:10")
    browser.sees(".preview", "1 winner receives 90.00, 3.00 for 1")
    browser.press("Register event")
    browser.turn_to(ann)
    browser.sees(".line", "Paid 3.00 for 1")
    browser.sees(".bets", "+60.00")
    balance(browser, "1,060.00")
    browser.sees(".leaders", "ann (you)")


def test_a_refusal_is_shown_beside_its_field(
    browser: Browser, server: PageServer, board: str
) -> None:
    signed_up(browser, server, "ann", board)
    bet(browser, "argentina", 5000)
    browser.sees(".slip .error", "1,000.00")
    bet(browser, "argentina", "three")
    browser.sees(".slip .error", "amount")
    browser.fill(within=".pool .slip", amount=30)
    browser.sees(".slip .hint", "Pays 30.00")


def test_an_error_of_a_sign_up_is_shown_beside_its_field(
    browser: Browser, server: PageServer
) -> None:
    browser.open(server.page)
    browser.press("Sign up")
    browser.fill(username="not a name!", password="correct horse battery")
    browser.press("Sign up", within="form")
    browser.sees(".field:has([name=username]) .error", "Username must be")
    browser.sees(".field:has([name=password]) .hint", "8 characters or more")
    browser.fill(username="ann", password="short")
    browser.press("Sign up", within="form")
    browser.sees(".field:has([name=password]) .error", "Password must be")


def test_blocking_shuts_a_pool_on_every_board_and_allowing_opens_it(
    browser: Browser, server: PageServer, board: str
) -> None:
    ann = signed_up(browser, server, "ann", board)
    host = at_the_desk(browser, server, board)
    browser.press("Block betting")
    browser.turn_to(ann)
    browser.sees(".pool", "Betting is blocked")
    browser.turn_to(host)
    browser.press("Allow betting")
    browser.turn_to(ann)
    browser.sees(".pool .slip", "Place bet")


def test_a_yes_or_no_pool_is_decided_at_the_desk_and_then_the_game_closes(
    browser: Browser, server: PageServer, board: str
) -> None:
    at_the_desk(browser, server, board)
    pool_form = "form:has([name=pool_type])"
    browser.fill(within=pool_form, description=CAPTAIN, pool_type=3)
    browser.press("Open pool")
    browser.sees(".desk-pool", CAPTAIN)
    browser.press("Close game")
    browser.press("Yes")
    browser.sees("h1 + p", "Closing")
    browser.find(".desk-pool fieldset label").click()
    browser.press("Settle: yes")
    browser.press("Yes")
    browser.sees("section", "No pool is open.")
    browser.press("Close game")
    browser.press("Yes")
    browser.sees("h1 + p", "Closed")
    signed_up(browser, server, "late", board)
    browser.sees("h1 + p", "Closed")
    browser.sees(".line", "Result")


def test_a_decision_is_on_the_time_line_and_not_in_the_score(
    browser: Browser, server: PageServer, board: str
) -> None:
    browser.sign_in(server, HOST, board)
    browser.sees(".pool", FIRST_POOL)
    game = board.rpartition("/")[2]
    pool = server.asks(HOST, 385, game_id=game, description=CAPTAIN, pool_type=3)["pool_id"]
    server.asks(HOST, 395, game_id=game, action_id=f"pool-{pool}", target_id="yes")
    browser.sees(".line", "Result")
    assert "pool-" not in browser.sees(".match")


def test_a_bet_is_placed_by_keyboard_alone(
    browser: Browser, server: PageServer, board: str
) -> None:
    signed_up(browser, server, "ann", board)
    browser.find(".pool .plate input")
    keyboard = Keyboard(browser)
    keyboard.tab_to("radio")
    keyboard.press("\ue015")  # an arrow: the next target
    keyboard.tab_to("text")
    keyboard.press("12.50\ue007")  # and enter
    browser.sees(".slip", "Bet placed: 12.50 DON on Brazil.")


class Keyboard:
    """A user with a keyboard and without a mouse."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def press(self, keys: str) -> None:
        """Type into the element that has the focus."""
        self._browser.chromium.switch_to.active_element.send_keys(keys)

    def tab_to(self, kind: str) -> None:
        """Tab until an input of this type has the focus; the focus can always be seen."""
        for _ in range(40):
            self.press("\ue004")
            assert self._browser.runs(OUTLINE) != "none"
            if self._browser.runs("return document.activeElement.type") == kind:
                return
        raise AssertionError(f"no {kind} can be reached")


def test_chat_reaches_others_and_the_inspector_shows_it(
    browser: Browser, server: PageServer, board: str
) -> None:
    ann = signed_up(browser, server, "ann", board)
    signed_up(browser, server, "bob", board)
    browser.fill(within="form:has(#chat-text)", text="Vamos!")
    browser.press("Send")
    browser.turn_to(ann)
    browser.sees(".chat", "bob Vamos!")
    browser.go("#/inspector")
    browser.sees(".frames", "text_message")
    browser.press("Send")
    browser.sees(".frames", "reply to ping")


def test_an_expired_sign_in_ends_at_the_door(browser: Browser, server: PageServer) -> None:
    server.add_user("ann")
    server.keys["ann"] = (server.keys["ann"][0], "not-her-key")
    browser.open(server.page)
    browser.press("Session key")
    user_id, key = server.keys["ann"]
    browser.fill(id=user_id, key=key)
    browser.press("Sign in", within="form")
    browser.sees("[role=alert]", "Sign in again")


def test_every_control_has_a_name(browser: Browser, server: PageServer, board: str) -> None:
    nameless = """return [...document.querySelectorAll('input, select, textarea, button')]
        .filter((one) => !one.labels?.length && !one.ariaLabel && !one.textContent.trim())
        .map((one) => one.outerHTML)"""
    at_the_desk(browser, server, board)
    for view in (board.replace("board", "desk"), board, "#/desk", "#/games", "#/inspector"):
        browser.go(view)
        browser.find("main h1")
        assert browser.runs(nameless) == []
