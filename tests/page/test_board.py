"""The board of a game: results on hold, the count of watchers, and the way to the next game."""

from tests.page.browser import Browser
from tests.page.server import FIRST_POOL, HOST, PageServer

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


def test_the_lobby_and_the_board_count_every_connection_that_follows_the_game(
    browser: Browser, server: PageServer
) -> None:
    """Also guests, this page itself, and those who came before it."""
    game, _ = server.has_a_game()
    server.add_user("ann")
    browser.open(f"{server.page}#/g/{game}")
    browser.sees(".pool", FIRST_POOL)
    browser.sign_in(server, "ann", f"#/g/{game}")
    browser.sees(".facts", "2")
    browser.sees("[aria-label=Chat]", "2 watching")
    browser.open(server.page)
    browser.sees(".game footer", "2 watching")


def test_a_closed_board_leads_to_the_next_game_of_its_source_and_counts_down_to_it(
    browser: Browser, server: PageServer
) -> None:
    game, _ = server.has_a_game()
    source = server.asks(HOST, 372, game_id=game)["source_id"]
    other = server.asks(HOST, 365, source_name="Liga")["source_id"]
    server.asks(HOST, 370, source_id=other, game_name="Elsewhere")
    begins = server.asks(HOST, 1)["response_header"]["t"] + 3_600_000
    later = {"source_id": source, "game_name": "Chile - Peru", "live_start_at": begins}
    server.asks(HOST, 3701, **later)
    browser.open(f"{server.page}#/g/{game}")
    browser.sees(".pool", FIRST_POOL)
    server.asks(HOST, 399, pool_id=server.asks(HOST, 387, game_id=game)["pools_list"].popitem()[0])
    server.asks(HOST, 375, game_id=game)
    browser.sees(".empty .primary", "Next: Chile - Peru, starts in ")
    browser.find(".empty .primary").click()
    browser.sees("h1", "Chile - Peru")


def test_bets_results_and_the_time_line_have_the_newest_first(
    browser: Browser, server: PageServer
) -> None:
    game, first = server.has_a_game()
    server.add_user("ann")
    second = server.asks(HOST, 385, game_id=game, description="Second?", action="card")["pool_id"]
    for pool in (first, second):
        server.asks("ann", 392, pool_id=pool, target="brazil", amount=5)
    browser.sign_in(server, "ann", f"#/g/{game}")
    browser.sees(".bets", FIRST_POOL)
    assert in_order(browser, ".bets li") == ["Second?", FIRST_POOL]
    for action in ("card", "goal"):
        server.asks(HOST, 395, game_id=game, action_id=action, target_id="brazil:7")
    browser.sees("[aria-label=Results] li", FIRST_POOL)
    browser.find(".bets li:nth-child(1) .amount")
    browser.find(".bets li:nth-child(2) .amount")
    newest_first = [FIRST_POOL, "Second?"]
    assert in_order(browser, "[aria-label=Results] li") == newest_first
    assert in_order(browser, ".bets li") == newest_first
    assert in_order(browser, ".timeline .result") == newest_first
    assert in_order(browser, ".timeline li")[0] == FIRST_POOL


def in_order(browser: Browser, selector: str) -> list[str]:
    """Return the questions of the pools that a list names, from the top."""
    lines = [line.text for line in browser.chromium.find_elements("css selector", selector)]
    return [pool for line in lines for pool in (FIRST_POOL, "Second?") if pool in line]
