"""The operator's page, in a browser against a real server."""

from pathlib import Path
from typing import Final

import httpx
import pytest
from jsonschema import Draft202012Validator

from tests.page.axe import WIDTHS, audit, broken_numbers
from tests.page.browser import Browser
from tests.page.files import compressed
from tests.page.server import HOST, PageServer
from toteboard.api.schemas import NODES
from toteboard.http.page import OPERATOR_FOLDER

LIMIT_BYTES: Final = 40_000


@pytest.fixture
def server(server: PageServer) -> PageServer:
    """Return a server with a player who has bet, and a pool that has ended."""
    server.add_user("ann")
    game_id, pool_id = server.has_a_game()
    server.asks("ann", 392, pool_id=pool_id, target="brazil", amount=12)
    server.asks(HOST, 395, game_id=game_id, action_id="goal", target_id="brazil:7")
    return server


def sign_in(browser: Browser, server: PageServer, role: str, place: str = "") -> None:
    browser.open(server.operator_page + place)
    browser.fill(key=server.add_key(role))
    browser.press("Sign in")
    browser.sees(".top", f"{role}-key")


def test_an_operator_moves_money_once_and_disables(browser: Browser, server: PageServer) -> None:
    sign_in(browser, server, "operator")
    browser.sees(".tiles", "books balance")
    browser.find("input[type=search]").send_keys("AN")
    browser.find("a[aria-label='Open ann']").click()
    browser.sees(".side", "1,000.00 DON")
    browser.press("Credit", within=".side form")
    browser.sees(".side .error", "Write an amount above 0")
    browser.fill(within=".side form", amount="12,50", reason="prize", reference="p-1")
    browser.sees(".side .primary", "Credit 12.50: 1,000.00 to 1,012.50")
    browser.find(".side .primary").click()
    browser.sees(".side", "1,012.50 DON")
    browser.fill(within=".side form", amount="12", reference="p-1")
    browser.find(".side .primary").click()
    browser.sees(".side .error", "This reference belongs to a payment with another")
    browser.press("Hold", within=".side .seg")
    browser.fill(within=".side form", amount="100", reference="h-1")
    browser.find(".side .primary").click()
    browser.sees(".side", "100.00 held")
    browser.press("\N{MINUS SIGN} Debit", within=".side .seg")
    browser.fill(within=".side form", amount="5000")
    browser.find(".side .primary").click()
    browser.sees(".side .error", "The amount is above the 912.5 DON")
    browser.find(".side [aria-label='Post the hold of 100.00']").click()
    browser.sees(".side", "912.50 DON")
    browser.sees(".side .list", "debit")
    browser.press("Disable this user…")
    browser.press("Disable ann")
    browser.sees("tr.on .tag", "Disabled")
    browser.press("Enable this user")
    browser.sees("tr.on .tag", "Active")
    browser.go("#/payments")
    browser.sees("table", "operator-key")


def test_amounts_are_read_as_the_page_prints_them(browser: Browser, server: PageServer) -> None:
    sign_in(browser, server, "operator", "#/users/2")
    for text, shown in {
        "1,234.56": "Credit 1,234.56: 1,000.00 to 2,234.56",
        "10,000": "Credit 10,000.00: 1,000.00 to 11,000.00",
        "1 000": "Credit 1,000.00: 1,000.00 to 2,000.00",
        "12,50": "Credit 12.50: 1,000.00 to 1,012.50",
    }.items():
        browser.fill(within=".side form", amount=text)
        browser.sees(".side .primary", shown)
    for text, wrong in {
        "1.2345": "An amount has at most 2 decimals",
        "1,000,000,000,000.01": "The largest amount is 1,000,000,000,000.00.",
        "0": "Write an amount above 0",
    }.items():
        browser.fill(within=".side form", amount=text)
        browser.find(".side .primary").click()
        browser.sees(".side .error", wrong)
    browser.fill(within=".side form", amount="1,234.56", reason="prize", reference="p-1")
    browser.find(".side .primary").click()
    browser.sees(".side .done", "Credit of 1,234.56 DON done.")
    browser.sees(".side", "2,234.56 DON")


def test_reports_exports_and_health_are_rooms(browser: Browser, server: PageServer) -> None:
    sign_in(browser, server, "reader", "#/reports")
    browser.sees("#source option", "Copa")
    browser.sees(".note", "12.00 DON in all")
    browser.sees("table .tag", "Hold")
    browser.press("7 d")
    assert len(browser.runs("return [...document.querySelectorAll('.chart .bar')]")) == 7
    browser.go("#/exports")
    browser.press("Bets")
    browser.press("Export")
    browser.sees(".done", "bets.csv is ready.")
    browser.go("#/health")
    browser.sees(".list", "Failed commits")
    browser.sees("section[aria-labelledby=nodes-title]", "This server stands alone, version ")
    browser.go("#/users/2")
    browser.sees(".side", "1,000.00 DON")
    assert not browser.runs("return document.querySelectorAll('.side form, .side button').length")


def test_large_amounts_are_on_one_line(browser: Browser, server: PageServer) -> None:
    server.commands("user", "credit", "ann", "123456789.50")
    sign_in(browser, server, "operator", "#/users/2")
    for width in (320, 768):
        with browser.as_wide_as(width):
            browser.sees(".tile", "123,45")
            browser.sees(".side", "Last entries")
            assert broken_numbers(browser) == [], width
            assert audit(browser) == [], width


def test_payments_come_a_page_at_a_time(browser: Browser, server: PageServer) -> None:
    headers = {"Authorization": f"Bearer {server.add_key('cashier')}"}
    for number in range(1, 52):
        path = f"{server.operator_page}v1/users/2/credits"
        httpx.post(path, headers=headers, json={"amount": number}).raise_for_status()
    sign_in(browser, server, "reader", "#/payments")
    browser.sees("tbody tr:nth-child(50)", "+2.00")
    assert not browser.runs("return document.querySelector('tbody tr:nth-child(51)')")
    browser.press("Show more")
    browser.sees("tbody tr:nth-child(51)", "+1.00")
    assert "Show more" not in browser.sees("main")


def test_a_moderator_bans_mutes_and_lifts(browser: Browser, server: PageServer) -> None:
    server.add_user("bob")
    [game] = server.asks(HOST, 610)["games"]
    server.asks(HOST, 9020, game_id=game["id"], username="ann")
    sign_in(browser, server, "moderator", "#/moderation")
    browser.find("#source option").click()
    browser.sees("table", "by the game")
    browser.press("1 d", within=".side form")
    browser.press("Ban this user")
    browser.sees(".side .error", "Username is missing.")
    browser.fill(within=".side form", username="nobody")
    browser.press("Ban this user")
    browser.sees(".side .error", "nobody")
    browser.fill(within=".side form", username="BOB", reason="insults")
    browser.press("Ban this user")
    browser.sees(".side .done", "bob is banned until ")
    browser.sees(".side [aria-pressed=true]", "1 d")
    browser.sees("td.long", "insults")
    with pytest.raises(AssertionError, match="not_authorized"):
        server.asks("bob", 363, game_id=game["id"])
    browser.press("Mute", within=".side .seg")
    browser.press("No end", within=".side form")
    browser.fill(within=".side form", username="bob")
    browser.press("Mute this user")
    browser.sees(".side .done", "bob is muted.")
    browser.sees("tbody tr:nth-child(3)", "No end")
    browser.find("input[type=search]").send_keys("bob")
    browser.find("[aria-label='Lift ban: bob']").click()
    browser.find("[aria-label='Unmute: bob']").click()
    browser.sees(".empty", "“bob” is neither banned nor muted here.")
    assert server.asks("bob", 363, game_id=game["id"])["res"] == 333


def test_a_user_has_own_limits_and_a_break_that_an_operator_ends(
    browser: Browser, server: PageServer
) -> None:
    server.asks("ann", 8300, limits={"day": {"spend": 20, "loss": 10}})
    server.asks("ann", 8300, limits={"day": {"spend": "none"}})
    server.asks("ann", 8310)
    sign_in(browser, server, "operator", "#/users/2")
    own = "section[aria-labelledby=own-title]"
    assert "no limit from " in browser.sees(own, "Stakes a day")
    browser.sees(own, "20.00")
    browser.sees(own, "On a break without an end")
    browser.press("End this break…")
    assert audit(browser) == []
    browser.fill(within=f"{own} form", reason="asked in writing")
    browser.press("End the break")
    browser.sees(own, "Losses a day")
    assert server.asks("ann", 8300)["running_break"] is None
    assert "On a break" not in browser.sees(own)
    shown = server.commands("user", "show", "ann")
    assert (shown["acts"][0]["act"], shown["acts"][0]["reason"]) == (
        "lift_break",
        "asked in writing",
    )


CLUSTER: Final = {
    **{"cluster": "c1", "epoch": 4, "log": 1_205},
    "nodes": [
        {"address": "one:9997", "role": "leader", "applied": 1_205, "skew_ms": 1, "ready": True}
        | {"version": "0.1.0"},
        {"address": "two:9997", "role": "edge", "applied": 1_190, "skew_ms": -3, "ready": False}
        | {"version": "0.1.0"},
    ],
}
ANSWER: Final = """
    const [[answer], ask] = [arguments, window.fetch];
    window.fetch = (path, options) => (path === "v1/nodes"
        ? Promise.resolve(new Response(JSON.stringify(answer)))
        : ask(path, options));
"""


def test_the_nodes_of_a_cluster_are_rows(browser: Browser, server: PageServer) -> None:
    """The server stands alone, so the browser answers the call as a node of a cluster does."""
    Draft202012Validator(NODES).validate(CLUSTER)
    sign_in(browser, server, "reader")
    browser.sees(".tiles", "books balance")
    browser.chromium.execute_script(ANSWER, CLUSTER)
    browser.go("#/health")
    browser.sees("section[aria-labelledby=nodes-title]", "epoch 4 · 1,205 records in the log")
    leader = browser.sees("tbody tr:nth-child(1)", "Leader")
    assert "1,205 0 1 ms" in leader
    assert "Ready" in leader
    assert "1,190 15 -3 ms" in browser.sees("tbody tr:nth-child(2)", "Not ready")
    for width in WIDTHS:
        with browser.as_wide_as(width):
            assert audit(browser) == [], width


def test_a_key_of_a_source_sees_its_report_alone(browser: Browser, server: PageServer) -> None:
    headers = {"Authorization": f"Bearer {server.add_key('cashier')}"}
    answer = httpx.get(f"{server.operator_page}v1/sources", headers=headers)
    source = answer.json()["sources"][0]["id"]
    browser.open(server.operator_page)
    browser.fill(key=server.add_key("reader", "--source", source))
    browser.press("Sign in")
    browser.sees(".note", "12.00 DON in all")
    rooms = browser.runs("return document.querySelector('.top nav').innerText.split('\\n')")
    assert rooms == ["Reports", "Moderation", "Health"]
    browser.go("#/moderation")
    browser.sees(".empty", "No user is banned")
    assert not browser.runs("return document.querySelectorAll('.side').length")
    browser.go("#/health")
    browser.sees("h2", "This server")
    assert not browser.runs("return document.querySelectorAll('#nodes-title').length")


def test_a_key_that_does_not_work_is_refused_and_one_that_ends_signs_out(
    browser: Browser, server: PageServer
) -> None:
    browser.open(server.operator_page)
    browser.fill(key="nothing")
    browser.press("Sign in")
    browser.sees(".error", "Send an API key that works")
    browser.chromium.refresh()
    sign_in(browser, server, "cashier")
    browser.chromium.refresh()
    browser.sees(".top", "cashier-key")
    server.commands("key", "end", "cashier-key")
    browser.find("input[type=search]").send_keys("a")
    browser.sees(".notice", "This key no longer works.")
    assert browser.runs("return sessionStorage.length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_room_is_accessible_and_fits(
    browser: Browser, server: PageServer, scheme: str
) -> None:
    sign_in(browser, server, "operator")
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    rooms = {
        "#/users/2": "To bet with",
        "#/payments": "Payments",
        "#/moderation": "Bans and mutes",
        "#/reports": "Days",
        "#/exports": "Export",
        "#/health": "This server",
    }
    for width in WIDTHS:
        with browser.as_wide_as(width):
            for place, shown in rooms.items():
                browser.go(place)
                browser.sees(".card", shown)
                assert audit(browser) == [], (place, width)
    browser.chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_the_rooms_are_reached_by_keyboard(browser: Browser, server: PageServer) -> None:
    sign_in(browser, server, "operator")
    browser.find("a[aria-label='Open ann']")
    reached = browser.runs("""
        const shown = document.querySelectorAll("a[href], button, input, select, .scroll");
        return [...shown].every((each) => each.tabIndex >= 0)
    """)
    assert reached


def test_the_operators_page_is_small() -> None:
    files = [path for path in OPERATOR_FOLDER.rglob("*") if is_served(path)]
    assert len(files) > 10
    assert sum(map(compressed, files)) < LIMIT_BYTES


def is_served(path: Path) -> bool:
    return path.is_file() and path.suffix in (".js", ".css", ".html", ".svg")
