"""axe-core finds nothing in any room of the page, in both themes and at both widths."""

from collections.abc import Iterator

import pytest

from tests.page.axe import WIDTHS, audit
from tests.page.browser import Browser
from tests.page.server import HOST, PageServer

SECOND_POOL = "Will there be a red card?"
HELD_POOL = "Who scores next?"
PARTS = (
    "return [...document.querySelectorAll('.tabs button').keys()].filter(() => innerWidth < 1024)"
)


@pytest.fixture
def game(server: PageServer) -> str:
    """Return a game with what its rooms can show: bets, chat, results, pools of each kind."""
    server.add_user("ann")
    game_id, first = server.has_a_game()
    server.asks("ann", 392, pool_id=first, target="brazil", amount=12)
    server.asks(HOST, 395, game_id=game_id, action_id="goal", target_id="brazil:7")
    pool = {"game_id": game_id, "description": SECOND_POOL}
    open_pool = server.asks(HOST, 385, **pool, action="card", is_hot=True)["pool_id"]
    server.asks("ann", 392, pool_id=open_pool, target="brazil", amount=5)
    blocked = server.asks(HOST, 385, **pool, pool_type=3)["pool_id"]
    server.asks(HOST, 397, pool_id=blocked)
    cancelled = server.asks(HOST, 385, **pool, action="card")["pool_id"]
    server.asks(HOST, 399, pool_id=cancelled, reason="Rain")
    server.chatters("ann", game_id, 2)
    return game_id


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_room_is_accessible_in_both_themes_at_both_widths(
    browser: Browser, server: PageServer, game: str, theme: str
) -> None:
    for width in WIDTHS:
        with browser.as_wide_as(width), browser.with_theme(theme):
            found = {f"guest's {room}": audit(browser) for room in of_a_guest(browser, server)}
            found |= {room: audit(browser) for room in of_a_player(browser, server, game)}
            found |= {room: audit(browser) for room in of_a_host(browser, server, game)}
        assert {room: those for room, those in found.items() if those} == {}, width


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_desk_is_accessible_in_each_of_its_states(
    browser: Browser, server: PageServer, game: str, theme: str, width: int
) -> None:
    with browser.as_wide_as(width), browser.with_theme(theme):
        found = {state: audit(browser) for state in of_the_desk(browser, server, game)}
    assert {state: those for state, those in found.items() if those} == {}


def of_the_desk(browser: Browser, server: PageServer, game: str) -> Iterator[str]:
    """Show each state of the desk of a match, from the link to the end. Yield its name."""
    browser.open(f"{server.page}#/desk/{game}")
    browser.sees("main", "Sign in as one of them")
    yield "guest"
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.sees(".line", SECOND_POOL)
    yield "live"
    browser.find(".line .target:enabled").click()
    browser.press("\N{MINUS SIGN}10 s", within=".when")
    browser.sees(".preview .hold", "Hold to")
    yield "preview"
    held = {"description": HELD_POOL, "action": "goal", "confirm_for": 600_000}
    server.asks(HOST, 385, game_id=game, **held)
    server.asks(HOST, 395, game_id=game, action_id="goal", target_id="argentina:10")
    browser.sees("[aria-label='Results on hold']", HELD_POOL)
    yield "held result"
    browser.press("↩ Take back", within="[aria-label='Results on hold']")
    browser.sees(".takeback", "opens again")
    yield "taking back"
    browser.press("Keep it", within="[aria-label='Results on hold']")
    browser.hold("Hold to close the game")
    browser.sees("main", "then the game closes by itself")
    yield "closing"
    browser.press("Now", within=".when")
    browser.runs("scrollTo(0, 0)")
    browser.find(".line [data-target=yes]").click()
    browser.hold("Hold to", within=".preview")
    browser.sees("main", "This game is closed")
    yield "closed"


def of_a_guest(browser: Browser, server: PageServer) -> Iterator[str]:
    """Show each room of a guest. Yield its name."""
    browser.open(server.page)
    browser.sees(".game", "Argentina - Brazil")
    yield "lobby"
    browser.press("Sign in", within="header")
    for way in ("Sign up", "Session key"):
        browser.press(way, within="dialog")
        yield f"dialog: {way}"
    browser.go("#/account")
    browser.chromium.refresh()
    browser.sees("main", "without an account")
    yield "account"


def of_a_player(browser: Browser, server: PageServer, game: str) -> Iterator[str]:
    """Show each room of a player. Yield its name."""
    browser.sign_in(server, "ann", f"#/g/{game}")
    browser.sees(".pool", SECOND_POOL)
    yield "board"
    browser.find(".runner:enabled").click()
    browser.fill(within=".slip", amount=5000)
    browser.find(".slip .primary").click()
    browser.sees(".slip .error", "does not cover")
    yield "slip with a refusal"
    browser.press("10", within=".slip")
    browser.find(".slip .primary").click()
    browser.sees(".slip", "Bet placed")
    yield "slip with a bet"
    for part in browser.runs(PARTS):
        browser.runs(f"document.querySelectorAll('.tabs button')[{part}].click()")
        yield f"board, part {part}"
    browser.go("#/account")
    browser.sees(".entries", "Won on Brazil")
    browser.press("Dates", within=".statement")
    browser.press("Change")
    browser.find("[name=new_password]")
    yield "account"
    browser.go("#/inspector")
    browser.find(".frames summary").click()
    browser.find(".frames pre")
    yield "inspector"


def of_a_host(browser: Browser, server: PageServer, game: str) -> Iterator[str]:
    """Show each room of a host. Yield its name."""
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.find(".line .target:enabled").click()
    browser.find(".preview .outcomes li")
    browser.runs("document.querySelectorAll('details').forEach((each) => each.open = true)")
    yield "desk of a game"
    browser.go("#/desk")
    browser.find(".columns")
    yield "desk"
    browser.go("#/g/nothing")
    browser.sees("[role=alert]", "This game does not exist")
    yield "board of no game"
