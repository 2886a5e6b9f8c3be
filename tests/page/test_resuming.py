"""After a server was killed during a match, the page reconnects and has missed nothing."""

from tests.page.browser import Browser
from tests.page.server import FIRST_POOL, HOST, PageServer

COUNT_LISTS = """
    const { send } = WebSocket.prototype;
    const isReply = ({ data }) => JSON.parse(data).res === 3452;
    let socket = null, waiting = 0;
    window.mostLists = 0;
    WebSocket.prototype.send = function (text) {
        if (socket !== this) {
            [socket, waiting] = [this, 0];
            this.addEventListener("message", (event) => isReply(event) && waiting--);
        }
        if (JSON.parse(text).op === 3812) window.mostLists = Math.max(window.mostLists, ++waiting);
        send.call(this, text);
    };
"""
"""Counts in `mostLists` how many requests for the list of games (op 3812) wait at the same time."""


def what_happened_meanwhile(server: PageServer, game: str, pool: str) -> None:
    """Bets, an event that resolves a pool, another pool, a new target."""
    server.asks("bob", 392, pool_id=pool, target="brazil", amount=30)
    server.asks(HOST, 395, game_id=game, action_id="goal", target_id="argentina:10")
    second = server.asks(HOST, 385, game_id=game, description="Second?", action="card")["pool_id"]
    server.asks("bob", 392, pool_id=second, target="argentina", amount=5)
    server.asks("bob", 392, pool_id=second, target="brazil", amount=15)
    server.asks(HOST, 373, game_id=game, game_name="Argentina v Brazil")


def board(browser: Browser) -> list[str]:
    """Return what a board shows of the facts of its game and of the user's money."""
    browser.sees(".bets", "won by")
    shown: list[str] = browser.runs(
        "return ['h1', '.pool:not(.result)', '.bets', '.purse', '[aria-label=Results]'].map("
        "(part) => [...document.querySelectorAll(part)].map((one) => one.innerText).join())"
    )
    return [*shown[:1], *(part.replace("▲", "").replace("▼", "") for part in shown[1:])]


def test_a_page_whose_server_is_killed_resumes_with_nothing_missed(
    browser: Browser, server: PageServer
) -> None:
    server.add_user("ann")
    server.add_user("bob")
    game, pool = server.has_a_game()
    tab = browser.sign_in(server, "ann", f"#/g/{game}")
    browser.find(".runner").click()
    browser.fill(within=".slip", amount=10)
    browser.press("Bet 10.00 on Argentina")
    browser.sees(".slip", "Bet placed")
    server.kill()
    browser.sees(".conn", "Reconnecting")
    server.start(elsewhere=True)
    what_happened_meanwhile(server, game, pool)
    server.kill()
    server.start()
    browser.is_connected()
    browser.find("h1[aria-label='Argentina v Brazil']")
    browser.sees("[aria-label=Results]", FIRST_POOL)
    browser.sees(".purse", "1,030.00")
    resumed = board(browser)
    browser.sign_in(server, "ann", f"#/g/{game}")
    browser.sees(".purse", "1,030.00")
    fresh = board(browser)
    browser.turn_to(tab)
    assert resumed == fresh


def test_a_bet_that_was_placed_while_the_server_was_away_is_placed_once(
    browser: Browser, server: PageServer
) -> None:
    server.add_user("ann")
    game, pool = server.has_a_game()
    browser.sign_in(server, "ann", f"#/g/{game}")
    browser.find(".runner").click()
    browser.fill(within=".slip", amount=10)
    server.kill()
    browser.sees(".slip", "Waiting for the connection")
    browser.press("Bet 10.00 on Argentina")
    server.start()
    browser.sees(".slip", "Bet placed")
    assert server.asks("ann", 393, pool_id=pool)["bets_total"] == 1


def test_the_list_of_games_is_requested_once_after_a_cut_not_for_every_look_at_the_lobby(
    browser: Browser, server: PageServer
) -> None:
    server.has_a_game()
    browser.open(server.page)
    browser.sees(".game", "Argentina - Brazil")
    browser.runs(COUNT_LISTS)
    server.kill()
    browser.sees(".conn", "Reconnecting")
    for query in ("one", "two", "three"):
        browser.fill(within=".find", query=query)
        browser.sees("main", "Loading the games…")
        browser.go("#/inspector")
        browser.sees("h1", "Inspector")
        browser.go("#/")
        browser.sees(".game", "Argentina - Brazil")
    server.start()
    source = server.asks(HOST, 365, source_name="Liga")["source_id"]
    server.asks(HOST, 370, source_id=source, game_name="Chile - Peru")
    browser.sees(".games", "Chile - Peru")
    assert browser.runs("return window.mostLists") == 1
