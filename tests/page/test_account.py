"""The account room: the statement by page, time and currency, and how the user signs in."""

import httpx

from tests.page.browser import Browser
from tests.page.server import HOST, PageServer

BREAK = "[aria-label='Take a break']"
BEFORE, AFTER = "correct horse battery", "staple and some more"
PAGE = 50


def entries(browser: Browser) -> int:
    return int(browser.runs("return document.querySelectorAll('.entries > li:not(.day)').length"))


def test_the_balance_opens_the_statement_which_has_every_change_and_moves_by_itself(
    browser: Browser, server: PageServer
) -> None:
    server.add_user("ann")
    server.add_user("bob")
    game, pool = server.has_a_game()
    server.bets("ann", pool, "brazil", PAGE + 2)
    browser.sign_in(server, "ann")
    browser.find(".purse").click()
    browser.sees(".entries b", "Bet on Brazil")
    browser.sees(
        ".entries .note", "Who scores the next goal? · Argentina - Brazil · 1.00 set aside"
    )
    browser.sees(".statement footer", "0.00 at the start · 1,000.00 now")
    assert entries(browser) == PAGE
    browser.press("Older")
    browser.sees(".entries b", "Opening credit")
    assert entries(browser) == PAGE + 3
    server.asks("bob", 392, pool_id=pool, target="argentina", amount=26)
    server.asks(HOST, 395, game_id=game, action_id="goal", target_id="brazil:7")
    browser.sees(".entries li:nth-child(2)", "Won on Brazil")
    browser.sees(".entries li:nth-child(2) .good", "+26.00")
    browser.sees(".entries li:nth-child(2) .note", "52.00 staked")
    assert entries(browser) == PAGE + 4
    browser.runs("scrollTo(0, 0)")
    browser.press("Dates", within=".statement")
    browser.sees(".entries b", "Opening credit")
    browser.runs("""
        const last = document.querySelector("[name=last]");
        last.value = "2001-01-01";
        last.dispatchEvent(new Event("change", {bubbles: true}));
    """)
    browser.sees(".statement", "Your balance did not change in this time.")
    browser.sees(".statement footer", "0.00 at the start · 0.00 at the end")


def test_a_statement_of_another_currency_is_chosen(browser: Browser, server: PageServer) -> None:
    server.add_user("ann")
    game, _ = server.has_a_game()
    source = server.asks(HOST, 372, game_id=game)["source_id"]
    server.asks(HOST, 370, source_id=source, game_name="Chile - Peru", currency="EUR")
    server.commands("user", "credit", "ann", "7.50", "--currency", "EUR")
    browser.sign_in(server, "ann", "#/account")
    browser.sees(".strip", "7.50 EUR")
    browser.find("[name=currency] option:nth-child(2)").click()
    browser.sees(".entries .amount", "+7.50")
    browser.sees(".statement footer", "0.00 at the start · 7.50 now")
    browser.sees(".purse", "1,000.00")


def test_a_password_is_changed_and_this_device_signs_out(
    browser: Browser, server: PageServer
) -> None:
    browser.open(server.page)
    browser.press("Sign in", within="header")
    browser.press("Sign up", within="dialog")
    browser.fill(within="dialog", username="ann", password=BEFORE)
    browser.press("Sign up", within="dialog form")
    browser.find(".purse").click()
    browser.press("Change")
    browser.fill(within="main form", password="not it at all", new_password=AFTER)
    browser.press("Change password")
    browser.sees(".field:has([name=password]) .error", "The current password is wrong.")
    browser.fill(within="main form", password=BEFORE, new_password="short")
    browser.press("Change password")
    browser.sees(".field:has([name=new_password]) .error", "New password must be")
    browser.fill(within="main form", password=BEFORE, new_password=AFTER)
    browser.press("Change password")
    browser.sees("[aria-label=Sign-in]", "Password changed.")
    browser.find("[aria-label=Sign-in] [aria-expanded]:focus")
    browser.press("Sign out", within="main")
    browser.sees("header", "Sign in")
    assert browser.runs("return sessionStorage.length") == 0
    browser.press("Sign in", within="header")
    browser.fill(within="dialog", username="ann", password=AFTER)
    browser.press("Sign in", within="dialog form")
    browser.sees(".purse", "1,000.00")


def test_all_other_devices_are_signed_out_and_this_one_is_not(
    browser: Browser, server: PageServer
) -> None:
    phone = browser.open(server.page)
    browser.press("Sign in", within="header")
    browser.press("Sign up", within="dialog")
    browser.fill(within="dialog", username="ann", password=BEFORE)
    browser.press("Sign up", within="dialog form")
    browser.find(".purse")
    laptop = browser.open(server.page)
    browser.press("Sign in", within="header")
    browser.fill(within="dialog", username="ann", password=BEFORE)
    browser.press("Sign in", within="dialog form")
    browser.find(".purse").click()
    browser.press("Sign out others")
    browser.fill(within="main form", password="not it at all")
    browser.press("Sign out others")
    browser.sees(".field:has([name=password]) .error", "The current password is wrong.")
    browser.fill(within="main form", password=BEFORE)
    browser.press("Sign out others")
    browser.sees("[aria-label=Sign-in]", "All other devices are signed out.")
    browser.turn_to(phone)
    browser.sees("dialog .notice", "You were signed out.")
    assert browser.find("dialog [name=username]").get_attribute("value") == "ann"
    assert browser.runs("return sessionStorage.length") == 0
    browser.fill(within="dialog", password=BEFORE)
    browser.press("Sign in", within="dialog form")
    browser.sees(".purse", "1,000.00")
    browser.turn_to(laptop)
    browser.chromium.refresh()
    browser.sees(".purse", "1,000.00")


def test_a_user_who_signed_in_by_key_signs_out_others_with_a_username_and_a_password(
    browser: Browser, server: PageServer
) -> None:
    form = {"username": "ann", "password": BEFORE}
    new = httpx.post(f"{server.page}r/signup/", json=form).json()
    server.keys["ann"] = (new["id"], new["user_session_key"])
    browser.sign_in(server, "ann", "#/account")
    browser.press("Sign out others")
    browser.fill(within="main form", username="ann", password=BEFORE)
    browser.press("Sign out others")
    browser.sees("[aria-label=Sign-in]", "All other devices are signed out.")
    browser.sees("[aria-label=Sign-in]", "Signed in as ann")


def test_own_limits_and_a_break_refuse_bets(browser: Browser, server: PageServer) -> None:
    server.add_user("ann")
    game, _ = server.has_a_game()
    browser.sign_in(server, "ann", "#/account")
    form = "[aria-label='Your limits']"
    browser.find(f"{form} [name=day-spend]").send_keys("twenty")
    browser.press("Save limits")
    browser.sees(f"{form} .error", "Write an amount above 0")
    save(browser, "day-spend", "20,00")
    save(browser, "week-loss", "100")
    browser.sees(form, "Saved.")
    browser.find(f"{form} .primary:focus")
    save(browser, "day-spend", "50")
    browser.sees(f"{form} .pending", "stakes a day go up to 50.00 from ")
    browser.press("Keep 20.00")
    browser.sees(f"{form} [role=status]", "Saved.")
    save(browser, "week-loss", "")
    browser.sees(f"{form} .pending", "losses a week have no limit from ")
    assert len(browser.chromium.find_elements("css selector", f"{form} .pending")) == 1
    browser.chromium.refresh()
    browser.sees(f"{form} .pending", "losses a week have no limit from ")
    browser.go(f"#/g/{game}")
    refused = bet(browser, 25)
    assert "your own limit of 20.00 DON a day on stakes" in refused
    assert "epoch" not in refused
    browser.go("#/account")
    browser.find("[aria-label='Take a break'] label:nth-child(4)").click()
    browser.hold("Hold to start a break without an end")
    browser.sees("[aria-label='Take a break']", "Only the operator can end it.")
    browser.go(f"#/g/{game}")
    assert "You are taking a break" in bet(browser, 5)
    browser.chromium.refresh()
    browser.go("#/account")
    browser.sees("[aria-label='Take a break'] [role=status]", "Only the operator can end it.")


def test_a_running_break_offers_longer_ones_alone_and_its_end_is_noticed(
    browser: Browser, server: PageServer
) -> None:
    server.add_user("ann")
    user_id, _ = server.keys["ann"]
    browser.sign_in(server, "ann", "#/account")
    browser.hold("Hold to start a break until ")
    browser.sees(f"{BREAK} .notice", "You are on a break until ")
    assert lengths(browser) == ["1 week", "1 month", "No end"]
    browser.find(f"{BREAK} label:nth-child(3)").click()
    browser.hold("Hold to extend the break without an end")
    browser.sees(f"{BREAK} .notice", "Only the operator can end it.")
    assert lengths(browser) == []
    key = {"Authorization": f"Bearer {server.add_key('operator')}"}
    path = f"{server.operator_page}v1/users/{user_id}/lift_break"
    assert httpx.post(path, headers=key, json={}).status_code == 200
    browser.find("[name=day-spend]").send_keys("20")
    browser.runs("document.dispatchEvent(new Event('visibilitychange'))")
    browser.sees(BREAK, "Hold to start a break until ")
    assert lengths(browser) == ["1 day", "1 week", "1 month", "No end"]
    assert browser.runs("return document.querySelector('[name=day-spend]').value") == "20"


def until(browser: Browser) -> str:
    """Return the end of the break that the button offers."""
    return browser.sees(f"{BREAK} .hold", "Hold to ").partition(" until ")[2]


def lengths(browser: Browser) -> list[str]:
    """Return the lengths of breaks that are offered."""
    shown: list[str] = browser.runs(
        f'return [...document.querySelectorAll("{BREAK} label")].map((one) => one.innerText.trim())'
    )
    return shown


def test_the_limits_in_every_currency_are_shown(browser: Browser, server: PageServer) -> None:
    """Also in one in which the user has no money, and no game is listed."""
    server.add_user("ann")
    server.asks("ann", 8300, currency="EUR", limits={"week": {"loss": 30}})
    browser.sign_in(server, "ann", "#/account")
    browser.sees(".elsewhere", "In EUR")
    browser.sees(".elsewhere li", "Losses a week")
    browser.sees(".elsewhere li b", "30.00")
    browser.press("Change limits in EUR")
    browser.sees("[aria-label='Your limits'] .note", "in EUR")
    assert browser.find("[name=week-loss]").get_attribute("value") == "30.00"
    save(browser, "week-loss", "20")
    assert server.asks("ann", 8300, currency="EUR")["limits"]["week"]["loss"] == 20


def save(browser: Browser, name: str, text: str) -> None:
    """Write a limit, and save it."""
    field = browser.find(f".limits [name={name}]")
    field.clear()
    field.send_keys(text)
    browser.press("Save limits")
    browser.sees("[aria-label='Your limits'] [role=status]", "Saved.")


def bet(browser: Browser, amount: int) -> str:
    """Try to bet. Return the refusal, and dismiss it."""
    browser.find(".pool .runner:enabled:not([aria-pressed=true])").click()
    browser.fill(within=".slip", amount=amount)
    browser.find(".slip .primary").click()
    refused = browser.sees(".slip .refused")
    browser.find(".slip .refused [aria-label=Dismiss]").click()
    browser.find(".slip:not(:has(.refused))")
    return refused
