"""Everything fits the window, even with the longest possible names and questions."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.page.axe import broken_numbers, broken_words, cut_off
from tests.page.browser import Browser
from tests.page.server import FIRST_POOL, HOST, PageServer

WIDTHS = (390, 1280)
TOO_WIDE = """
    const parts = [document.documentElement, ...document.querySelectorAll(".card, .strip")];
    return parts.filter((part) => part.scrollWidth > part.clientWidth + 1)
        .map((part) => `${part.className} ${part.ariaLabel ?? part.textContent.slice(0, 40)}`)
"""
RIGHT_EDGES = """
    return [".purse b", ".purse", ".menu"]
        .map((part) => document.querySelector(part).getBoundingClientRect().right)
"""
LONG = "Rindfleischetikettierung"


@pytest.fixture
def long_names(server: PageServer) -> tuple[str, str]:
    """Create a game and a source with the longest possible words in their names."""
    server.add_user("bob")
    source = host_asks(server, 365, source_name=LONG * 8)["source_id"]
    actions, targets = f"{LONG * 8}, Goal", f"{LONG * 8}, b{LONG * 8}:{LONG * 8}, Brazil:7"
    game = host_asks(
        server,
        370,
        source_id=source,
        game_name=(LONG * 8)[:170],
        hashtag="#" + LONG * 2,
        actions=actions,
        targets=targets,
    )["game_id"]
    host_asks(server, 616, game_id=game)
    pool = {"game_id": game, "description": (LONG * 13)[:300], "is_hot": True}
    host_asks(server, 385, **pool, action=LONG * 8, stop_accepting_bets_at=4_000_000_000_000)
    yes_or_no = host_asks(server, 385, **pool, pool_type=3)["pool_id"]
    server.asks("bob", 392, pool_id=yes_or_no, target="yes", amount=5)
    for action in (LONG * 8, "goal"):
        host_asks(server, 395, game_id=game, action_id=action, target_id=f"{LONG * 8}")
    host_asks(server, 385, **pool, action=LONG * 8)
    return game, source


def host_asks(server: PageServer, op: int, **parameters: Any) -> Mapping[str, Any]:
    return server.asks(HOST, op, **parameters)


@pytest.mark.parametrize("width", WIDTHS)
def test_long_words_stay_in_their_place(
    browser: Browser, server: PageServer, long_names: tuple[str, str], width: int
) -> None:
    game, _ = long_names
    with browser.as_wide_as(width):
        browser.sign_in(server, HOST, f"#/g/{game}")
        browser.find(".pool .runner:enabled").click()
        browser.find(".slip .pick")
        assert browser.runs(TOO_WIDE) == []
        browser.go(f"#/desk/{game}")
        browser.find(".line .target:enabled").click()
        browser.find(".preview .outcomes li")
        assert browser.runs(TOO_WIDE) == []
        for view, shown in {"#/": ".game", "#/desk": ".columns", "#/account": ".money"}.items():
            browser.go(view)
            browser.find(shown)
            assert browser.runs(TOO_WIDE) == [], view


@pytest.mark.parametrize("width", [390, 768, 1280, 2560])
def test_a_usual_match_fits_the_window(browser: Browser, server: PageServer, width: int) -> None:
    game, _ = server.has_a_game()
    with browser.as_wide_as(width):
        browser.sign_in(server, HOST, f"#/g/{game}")
        browser.find(".pool .runner").click()
        browser.find(".slip .pick")
        assert browser.runs(TOO_WIDE) == []
        views = {
            f"#/desk/{game}": ".line",
            "#/desk": ".columns",
            "#/": ".game",
            "#/account": ".money",
            "#/inspector": ".frames li",
        }
        for view, shown in views.items():
            browser.go(view)
            browser.find(shown)
            assert browser.runs(TOO_WIDE) == [], view


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_the_desk_cuts_no_text_off_and_breaks_no_word(
    browser: Browser, server: PageServer, width: int
) -> None:
    game, pool = server.has_a_game()
    players = "Argentina:Lionel, Argentina:Giovanni, Argentina:Leandro, Brazil:Vinicius Junior"
    host_asks(server, 373, game_id=game, targets=players)
    who = {"action": "goal", "targets": players, "description": "Which player scores the next one?"}
    host_asks(server, 385, game_id=game, **who)
    with browser.as_wide_as(width):
        browser.sign_in(server, HOST, f"#/desk/{game}")
        browser.find(f"[data-pool='{pool}'] [data-target=argentina]").click()
        browser.sees(".preview .outcomes", "stays open")
        browser.press("\N{MINUS SIGN}10 s", within=".when")
        assert cut_off(browser) == []
        assert broken_words(browser) == []


@pytest.mark.parametrize("width", [320, 360, 768])
def test_a_large_amount_is_on_one_line_and_pushes_nothing_away(
    browser: Browser, server: PageServer, width: int
) -> None:
    server.add_user("ann")
    game, pool = server.has_a_game()
    server.commands("user", "credit", "ann", "12345678.50")
    server.asks("ann", 8300, limits={"day": {"spend": "12345678.50"}})
    server.asks("ann", 392, pool_id=pool, target="brazil", amount="1234567.50")
    with browser.as_wide_as(width):
        browser.sign_in(server, "ann", f"#/g/{game}")
        for view, shown in {
            f"#/g/{game}": ".bets",
            "#/account": ".entries b",
            "#/": ".game",
        }.items():
            browser.go(view)
            browser.find(shown)
            assert broken_numbers(browser) == [], view
            assert browser.runs(TOO_WIDE) == [], view
            menu = "return document.querySelector('.menu').getBoundingClientRect().right"
            assert browser.runs(menu) <= width, view


@pytest.mark.parametrize("width", [320, 390])
def test_the_balance_is_never_cut_also_without_a_connection(
    browser: Browser, server: PageServer, width: int
) -> None:
    server.add_user("ann")
    game, pool = server.has_a_game()
    server.asks("ann", 392, pool_id=pool, target="brazil", amount=33)
    with browser.as_wide_as(width):
        browser.sign_in(server, "ann", f"#/g/{game}")
        browser.sees(".purse", "967.00")
        server.kill()
        browser.sees(".conn + .btn", "Try now")
        [number, purse, menu] = browser.runs(RIGHT_EDGES)
        too_wide = browser.runs(TOO_WIDE)
        server.start()
        assert number < purse
        assert menu <= width
        assert too_wide == []


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_usual_words_are_not_broken(browser: Browser, server: PageServer, width: int) -> None:
    game, _ = server.has_a_game()
    with browser.as_wide_as(width):
        browser.sign_in(server, HOST, f"#/g/{game}")
        browser.sees(".pool", FIRST_POOL)
        assert broken_words(browser) == []
        browser.go("#/inspector")
        browser.find("#op option[value='385']").click()
        browser.find(".frames summary").click()
        browser.find(".frames pre")
        assert broken_words(browser) == []


def test_the_score_and_its_figures_leave_a_phone_to_the_pools(
    browser: Browser, server: PageServer
) -> None:
    game, _ = server.has_a_game()
    with browser.as_wide_as(390):
        browser.open(f"{server.page}#/g/{game}")
        browser.find(".strip .facts")
        height = browser.runs("return document.querySelector('.strip').offsetHeight / innerHeight")
        assert height < 0.2


def test_the_balance_stays_on_the_screen(browser: Browser, server: PageServer) -> None:
    game, _ = server.has_a_game()
    with browser.as_wide_as(390):
        browser.sign_in(server, HOST, f"#/g/{game}")
        browser.find(".pool")
        browser.runs("document.querySelector('main').style.minHeight = '3000px'; scrollTo(0, 2000)")
        assert (
            browser.runs("return document.querySelector('.purse').getBoundingClientRect().top") > 0
        )
