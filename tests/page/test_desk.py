"""The desk of a live match: what a host does there with a keyboard, and what it says before."""

import pytest

from tests.page.browser import REFUSAL, Browser
from tests.page.keyboard import Keyboard
from tests.page.server import FIRST_POOL, HOST, PageServer

CARD = "Who gets the next card?"
EVENTS = "[aria-label=Registered]"
REFUSE_RIGHTS = """
    const { send } = WebSocket.prototype;
    window.isRefusing = true;
    WebSocket.prototype.send = function (text) {
        const message = JSON.parse(text);
        if (window.isRefusing && message.op === 610) message.op = 9999;
        send.call(this, JSON.stringify(message));
    };
"""
"""Lets the server refuse every request for the games that the user runs (op 610)."""
HELD = "[aria-label='Results on hold']"


@pytest.fixture
def game(server: PageServer) -> str:
    """Return a game whose first pool has bets of 40.00 on Argentina and 30.00 on Brazil."""
    game, pool = server.has_a_game()
    for name, target, amount in (("ann", "argentina", 40), ("cleo", "brazil", 30)):
        server.add_user(name)
        server.asks(name, 392, pool_id=pool, target=target, amount=amount)
    return game


def happens(server: PageServer, game: str, action: str, target: str) -> None:
    server.asks(HOST, 395, game_id=game, action_id=action, target_id=target)


def test_the_link_to_a_desk_asks_a_guest_to_sign_in_and_leads_to_the_desk(
    browser: Browser, server: PageServer, game: str
) -> None:
    browser.open(f"{server.page}#/desk/{game}")
    browser.sees("main", "Sign in as one of them to see its desk.")
    browser.press("Sign in", within="main")
    browser.enter_key(server, HOST)
    browser.sees(".line", FIRST_POOL)


def test_a_desk_whose_host_cannot_be_looked_up_says_why_and_asks_again(
    browser: Browser, server: PageServer, game: str
) -> None:
    browser.open(f"{server.page}#/desk/{game}")
    browser.press("Sign in", within="main")
    browser.runs(REFUSE_RIGHTS)
    browser.enter_key(server, HOST)
    browser.sees("main [role=alert]", "No op 9999 exists.")
    browser.press("Try again", within="main")
    browser.sees("main [role=alert]", "No op 9999 exists.")
    browser.runs("window.isRefusing = false")
    browser.press("Try again", within="main")
    browser.sees(".line", FIRST_POOL)


def test_a_desk_is_there_as_soon_as_its_host_has_the_right(
    browser: Browser, server: PageServer
) -> None:
    browser.sign_in(server, HOST)
    game, _ = server.has_a_game()
    browser.go(f"#/desk/{game}")
    browser.sees(".line", FIRST_POOL)


def test_the_button_of_a_form_keeps_the_focus(
    browser: Browser, server: PageServer, game: str
) -> None:
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.fill(within=".openpool", description=CARD)
    browser.press("Open the pool")
    browser.sees(".openpool [role=status]", f"Opened: {CARD}")
    browser.find(".openpool .primary:focus")


def test_the_focus_goes_along_with_what_the_host_does(
    browser: Browser, server: PageServer, game: str
) -> None:
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.chromium.refresh()  # the focus is where a new page has it
    browser.sees(".line", FIRST_POOL)
    keyboard = Keyboard(browser)
    keyboard.tab_to(".tools .btn")
    keyboard.press(" ")
    browser.sees(".tools .btn:focus", "▶ Allow")
    keyboard.tab_to("[data-target=argentina]")
    keyboard.press(" ")
    keyboard.tab_to(".preview footer .btn:not(.hold)")
    keyboard.press(" ")
    keyboard.is_at("[data-target=argentina]")
    keyboard.press(" ")
    browser.sees(".preview .hold", "Hold to pay 70.00")
    keyboard.tab_to(".hold")
    keyboard.confirm()
    keyboard.is_at(f"{EVENTS} h2")
    keyboard.tab_to(f"{EVENTS} .btn")
    keyboard.press(" ")
    keyboard.is_at(f"{EVENTS} input")
    keyboard.tab_to(f"{EVENTS} .ghost")
    keyboard.press(" ")
    browser.sees(f"{EVENTS} .btn:focus", "Take back")
    keyboard.press(" ")
    keyboard.is_at(f"{EVENTS} input")
    keyboard.press("Offside")
    keyboard.tab_to(f"{EVENTS} .hold")
    keyboard.confirm()
    browser.sees(EVENTS, "“Offside”")
    keyboard.is_at(f"{EVENTS} h2")


def test_when_it_happened_is_chosen_by_keyboard_and_used_by_every_tap(
    browser: Browser, server: PageServer, game: str
) -> None:
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.chromium.refresh()  # the focus is where a new page has it
    browser.sees(".line", FIRST_POOL)
    ago = browser.sees(".when .seg").replace("\N{MINUS SIGN}", "-").split("\n")
    assert ago == ["Now", "-5 s", "-10 s", "-30 s"]
    keyboard = Keyboard(browser)
    keyboard.tab_to(".when button:last-child")
    keyboard.press(" ")
    browser.sees(".when", "later bets go back")
    keyboard.tab_to("[data-target=argentina]")
    keyboard.press(" ")
    browser.sees(".preview header", "Goal · Argentina · 10 at ")
    browser.sees(".preview .outcomes", "opened later")
    browser.sees(".preview .hold", "Hold to register")


def test_a_close_finishes_after_a_reload_when_the_last_pool_is_decided_elsewhere(
    browser: Browser, server: PageServer, game: str
) -> None:
    last = server.asks(HOST, 385, game_id=game, description="Extra time?", pool_type=3)["pool_id"]
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.hold("Hold to close the game")
    browser.sees("main", "Closing: 1 pool to decide, then the game closes by itself")
    browser.chromium.refresh()
    browser.sees("main", "Closing: 1 pool to decide, then the game closes by itself")
    happens(server, game, f"pool-{last}", "yes")
    browser.sees("main", "This game is closed")
    assert "Take back" not in browser.sees(EVENTS, "Extra time? Yes")


def test_the_host_of_a_game_that_is_not_open_sees_first_how_to_open_it(
    browser: Browser, server: PageServer, game: str
) -> None:
    source = server.asks(HOST, 372, game_id=game)["source_id"]
    named = {"game_name": "Chile - Peru", "actions": "Goal", "targets": "Chile, Peru"}
    later = server.asks(HOST, 3701, source_id=source, **named)["game_id"]
    server.asks(HOST, 616, game_id=later)
    browser.sign_in(server, HOST, f"#/desk/{later}")
    browser.press("Open the game", within=".lines")
    browser.press("Now", within=".when")
    browser.find(".openpool")


def test_every_event_of_a_long_match_can_be_taken_back(
    browser: Browser, server: PageServer, game: str
) -> None:
    for _ in range(7):
        happens(server, game, "card", "brazil:7")
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.press("All 7", within=EVENTS)
    browser.find(f"{EVENTS} li:nth-child(7) .btn")


def test_a_pool_can_start_from_one_of_this_match_or_of_the_match_before(
    browser: Browser, server: PageServer, game: str
) -> None:
    asked = {"description": CARD, "action": "card", "targets": "Brazil:7"}
    server.asks(HOST, 385, game_id=game, **asked)
    happens(server, game, "card", "brazil:7")
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.press(CARD, within=".openpool")
    browser.find(".openpool option[value=card]:checked")
    browser.press("Open the pool")
    browser.sees(".line", CARD)
    browser.find(f".line[aria-label='{CARD}'] [data-target='brazil:7']")
    assert not browser.chromium.find_elements(
        "css selector", f".line[aria-label='{CARD}'] [data-target=argentina]"
    )
    source = server.asks(HOST, 372, game_id=game)["source_id"]
    named = {"game_name": "Chile - Peru", "actions": "Goal, Card", "targets": "Chile, Peru"}
    later = server.asks(HOST, 370, source_id=source, **named)["game_id"]
    server.asks(HOST, 375, game_id=game)
    server.asks(HOST, 616, game_id=later)
    browser.chromium.refresh()
    browser.go(f"#/desk/{later}")
    browser.press(CARD, within=".openpool")
    browser.press("Open the pool")
    browser.find(f".line[aria-label='{CARD}'] [data-target=chile]")


def test_taking_back_says_first_what_goes_back_and_what_is_reclaimed(
    browser: Browser, server: PageServer, game: str
) -> None:
    happens(server, game, "goal", "argentina:10")
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.press("↩ Take back", within=EVENTS)
    cost = (
        f"{FIRST_POOL} is cancelled, and stakes of 70.00 go back. Winnings of 30.00 are reclaimed."
    )
    browser.sees(f"{EVENTS} .takeback", cost)
    browser.sees(f"{EVENTS} .takeback", "+30.00")
    browser.sees(f"{EVENTS} .takeback", "\N{MINUS SIGN}30.00")
    browser.find(f"{EVENTS} input").send_keys("Offside")
    browser.hold("Hold to take back", within=EVENTS)
    browser.sees(EVENTS, "“Offside”")
    assert server.asks("ann", 800)["current_balance"] == 1000
    browser.chromium.refresh()
    browser.sees(EVENTS, "“Offside”")
    browser.sees("[aria-label=Results]", f"{FIRST_POOL} · ")
    browser.sees("[aria-label=Results]", "“Offside”")


def opens_the_desk_with_a_held_result(browser: Browser, server: PageServer, game: str) -> str:
    """Decide a pool in which ann has won 5.00, and whose result is held. Return its id."""
    pool = {"game_id": game, "description": CARD, "action": "card", "confirm_for": 600_000}
    card = server.asks(HOST, 385, **pool)["pool_id"]
    server.asks("ann", 392, pool_id=card, target="brazil", amount=5)
    happens(server, game, "card", "brazil:7")
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.sees(HELD, "Hold to pay 5.00 now")
    return str(card)


def test_a_held_result_says_what_it_pays_and_that_its_pool_would_open_again(
    browser: Browser, server: PageServer, game: str
) -> None:
    opens_the_desk_with_a_held_result(browser, server, game)
    browser.press("↩ Take back", within=HELD)
    browser.sees(HELD, f"{CARD} opens again. Nothing has been paid.")
    browser.press("Keep it", within=HELD)
    browser.hold("Hold to pay 5.00 now", within=HELD)
    browser.sees("[aria-label=Results]", CARD)


def test_a_dead_heat_on_hold_says_who_wins_without_each_of_its_events(
    browser: Browser, server: PageServer, game: str
) -> None:
    pool = {"game_id": game, "description": CARD, "action": "card", "confirm_for": 600_000}
    server.asks(HOST, 385, **pool)
    both = {"action_id": "card", "target_id": "argentina:10", "also": ["brazil:7"]}
    server.asks(HOST, 395, game_id=game, **both)
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.press("↩ Take back", within=HELD)
    browser.sees(HELD, f"{CARD} is won by Brazil alone. Nothing has been paid.")
    browser.find(f"{HELD} input").send_keys("No card")
    browser.hold("Hold to take back", within=HELD)
    browser.sees(EVENTS, "“No card”")
    browser.press("↩ Take back", within=HELD)
    browser.sees(HELD, f"{CARD} opens again. Nothing has been paid.")
    browser.find(f"{HELD} input").send_keys("None")
    browser.hold("Hold to take back", within=HELD)
    browser.sees(EVENTS, "“None”")
    assert not browser.chromium.find_elements("css selector", HELD)


def test_taking_back_leaves_a_pool_that_was_corrected_by_hand_as_it_is(
    browser: Browser, server: PageServer, game: str
) -> None:
    happens(server, game, "goal", "brazil:7")
    [result] = server.asks(HOST, 3901, game_id=game)["pools"]
    corrected = {"pool_id": result["pool_id"], "corrects_seq": result["result_seq"]}
    server.asks(HOST, 3992, **corrected, winning_target="argentina", reason="video")
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.press("↩ Take back", within=EVENTS)
    browser.sees(f"{EVENTS} .takeback", "No result changes.")


def test_without_a_connection_no_result_is_paid_and_no_game_closed(
    browser: Browser, server: PageServer, game: str
) -> None:
    card = opens_the_desk_with_a_held_result(browser, server, game)
    server.kill()
    browser.hold("Waiting for the connection", within=HELD)
    browser.hold("Waiting for the connection", within=".aside")
    server.start()
    browser.is_connected()
    browser.sees(HELD, "Hold to pay 5.00 now")
    assert server.asks(HOST, 387, game_id=game)["pools_list"][card]["decided"]
    assert server.asks(HOST, 372, game_id=game)["status"] == "game_in_progress_betting_active"


def test_without_a_connection_nothing_is_sent_later_than_the_host_meant_it(
    browser: Browser, server: PageServer, game: str
) -> None:
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.find(".line .tools")
    browser.fill(within=".openpool", description=CARD)
    server.kill()
    browser.sees(".conn", "Reconnecting")
    browser.find(".tools .btn[aria-disabled=true]")
    why = "Nothing was sent: there was no connection."
    browser.press("■ Block")
    browser.sees(".tools .error", why)
    browser.press("■ Block all bets")
    browser.sees(".match .error", why)
    browser.press("Open the pool")
    browser.sees(".openpool .error", why)
    browser.runs("document.querySelector('.aside details').open = true")
    browser.fill(within=".aside details", game_name="Chile - Peru")
    browser.press("Save", within=".aside")
    browser.sees(".aside .error", why)
    server.start()
    browser.is_connected()
    browser.find(".tools .btn[aria-disabled=false]")
    [pool] = server.asks(HOST, 387, game_id=game)["pools_list"].values()
    assert not pool["is_blocked"]
    browser.press("■ Block")
    browser.sees(".tools .btn", "▶ Allow")


def test_bets_that_the_server_did_not_send_are_asked_for_again(
    browser: Browser, server: PageServer, game: str
) -> None:
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.sees(".line", FIRST_POOL)
    browser.refuses(393)
    browser.find("[data-target=argentina]").click()
    browser.sees(".preview .error", REFUSAL)
    browser.sees(".preview .hold[aria-disabled=true]", "Loading bets…")
    browser.refuses()
    browser.hold("Hold to pay 70.00", within=".preview")
    browser.press("↩ Take back", within=EVENTS)
    browser.sees(f"{EVENTS} .takeback", "is cancelled")
    browser.press("Keep it", within=EVENTS)
    browser.refuses(3911)
    browser.press("↩ Take back", within=EVENTS)
    browser.sees(f"{EVENTS} .error", REFUSAL)
    browser.find(f"{EVENTS} input").send_keys("Offside")
    browser.sees(f"{EVENTS} .hold[aria-disabled=true]", "Loading bets…")
    browser.refuses()
    browser.sees(f"{EVENTS} .takeback", "is cancelled")
    browser.sees(f"{EVENTS} .hold[aria-disabled=false]", "Hold to take back")


def test_a_template_that_is_refused_says_why_and_a_late_one_overwrites_nothing(
    browser: Browser, server: PageServer, game: str
) -> None:
    server.asks(HOST, 385, game_id=game, description=CARD, action="card", targets="Brazil:7")
    happens(server, game, "card", "brazil:7")
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.find(".openpool .chip")
    browser.refuses(393)
    browser.press(CARD, within=".openpool")
    browser.sees(".openpool .error", REFUSAL)
    browser.refuses()
    server.kill()
    browser.sees(".conn", "Reconnecting")
    browser.press(CARD, within=".openpool")
    browser.sees(".openpool", "Loading the pool…")
    browser.fill(within=".openpool", description="Who scores last?")
    server.start()
    browser.find(".openpool .chips + .field")
    question = browser.find(".openpool [name=description]").get_property("value")
    assert question == "Who scores last?"
    browser.press(CARD, within=".openpool")
    browser.find(".openpool option[value=card]:checked")


def test_of_two_templates_the_one_that_was_pressed_last_is_used(
    browser: Browser, server: PageServer, game: str
) -> None:
    server.asks(HOST, 385, game_id=game, description=CARD, action="card", targets="Brazil:7")
    happens(server, game, "card", "brazil:7")
    happens(server, game, "goal", "argentina:10")
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.find(".openpool .chip")
    server.kill()
    browser.sees(".conn", "Reconnecting")
    browser.press(FIRST_POOL, within=".openpool")
    browser.press(CARD, within=".openpool")
    server.start()
    browser.find(".openpool option[value=card]:checked")


def test_a_damaged_or_full_store_of_the_browser_costs_only_the_templates(
    browser: Browser, server: PageServer, game: str
) -> None:
    browser.sign_in(server, HOST, f"#/desk/{game}")
    browser.sees(".line", FIRST_POOL)
    browser.runs("localStorage.setItem('toteboard-templates', '{')")
    browser.chromium.refresh()
    browser.sees(".line", FIRST_POOL)
    browser.runs("Storage.prototype.setItem = () => { throw new Error('full'); }")
    server.asks(HOST, 385, game_id=game, description=CARD, action="card")
    browser.sees(".lines", CARD)
    happens(server, game, "card", "brazil:7")
    browser.find(".openpool .chip")
