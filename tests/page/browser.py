"""A user of the page: opens tabs, reads, fills in, presses, and waits for what must appear."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.page.server import PageServer
from tests.support.process import PATIENCE_S

# Chromium must not contact any server except the one under test.
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1400",
)
HOLD_S = 1.0
"""A button of the desk acts when it was held for 0.8 s."""
HOLD_BACK = """
    const [op] = arguments, { send } = WebSocket.prototype, held = [];
    WebSocket.prototype.send = function (text) {
        if (JSON.parse(text).op === op) held.push(() => send.call(this, text));
        else send.call(this, text);
    };
    window.release = () => held.forEach((sends) => sends());
"""
EXPECTED_COMPLAINTS = ("WebSocket connection to", "Failed to load resource")
"""What the console says about a server that is down, or that refuses a sign-in."""

REFUSAL = "The server is busy. Try again."
REFUSING = """
    const [refused, text] = arguments;
    const { prototype } = WebSocket;
    prototype.passOn ??= prototype.send;
    prototype.send = function (frame) {
        const { op, header } = JSON.parse(frame);
        if (!refused.includes(op)) return this.passOn(frame);
        const response_header = { request_id: header.request_id, t: Date.now() };
        const data = JSON.stringify({ res: 666, response_header, op, code: "overloaded", text });
        setTimeout(() => this.dispatchEvent(new MessageEvent("message", { data })));
    };
"""
"""Refuses requests in the browser, as a server would that is busy."""


def start_chromium(binary: str, driver: str, profile: Path) -> webdriver.Chrome:
    """Return a headless Chromium with an empty profile."""
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (*QUIET, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


class Browser:
    """A browser with a tab for each user, because each tab has its own sign-in."""

    def __init__(self, chromium: webdriver.Chrome) -> None:
        self.chromium = chromium
        self._home = chromium.current_window_handle
        self._emulated: dict[str, dict[str, Any]] = {}
        """What every new tab is told about the window and the reader, by command."""

    def open(self, address: str) -> str:
        """Open an address in a new tab. Return the tab."""
        self.chromium.switch_to.new_window("tab")
        for command, values in self._emulated.items():
            self.chromium.execute_cdp_cmd(command, values)
        self.chromium.get(address)
        return self.chromium.current_window_handle

    def sign_in(self, server: PageServer, name: str, place: str = "") -> str:
        """Open a new tab, signed in by key, at a `place` such as `#/desk`. Return the tab."""
        tab = self.open(server.page + place)
        self.press("Sign in", within="header")
        self.enter_key(server, name)
        return tab

    def enter_key(self, server: PageServer, name: str) -> None:
        """Sign in by key in the dialog that is open."""
        user_id, key = server.keys[name]
        self.press("Session key", within="dialog")
        self.fill(within="dialog", id=user_id, key=key)
        self.press("Sign in", within="dialog form")
        self.find(".purse")

    def is_connected(self) -> None:
        """Wait until the lamp shows a connection."""
        self.find(".conn .lampdot:not(.out)")

    def hold(self, text: str, within: str = "body") -> None:
        """Hold the button whose text begins like this until it acts."""
        path = f".//button[starts-with(normalize-space(), {text!r})]"
        button = self._until(
            lambda: next(iter(self.find(within).find_elements(By.XPATH, path)), None),
            f"button {text!r} in {within}",
        )
        ActionChains(self.chromium).click_and_hold(button).pause(HOLD_S).release().perform()

    def turn_to(self, tab: str) -> None:
        """Switch to another tab."""
        self.chromium.switch_to.window(tab)

    def go(self, place: str) -> None:
        """Go to another view."""
        self.chromium.execute_script("location.hash = arguments[0]", place)

    def sees(self, selector: str, text: str = "") -> str:
        """Wait until an element shows this. Return all of its text."""
        wanted = f"{selector} with {text!r}"
        return str(self._until(lambda: self._shown(selector, text), wanted))

    def find(self, selector: str) -> WebElement:
        """Wait for an element."""
        found: WebElement = self._until(
            lambda: (
                self.chromium.find_element(By.CSS_SELECTOR, selector)
                if self._exists(selector)
                else None
            ),
            selector,
        )
        return found

    def press(self, text: str, within: str = "body") -> None:
        """Press the button with this text."""
        path = f".//button[normalize-space()={text!r}]"

        def pressed() -> bool:
            buttons = self.find(within).find_elements(By.XPATH, path)
            if buttons:
                buttons[0].click()
            return bool(buttons)

        self._until(pressed, f"button {text!r} in {within}")

    def fill(self, within: str = "form", **values: object) -> None:
        """Fill in fields by name; a select chooses by value."""
        for name, value in values.items():
            field = f"{within} [name={name}]"
            self._until(partial(self._filled, field, str(value)), field)

    def runs(self, script: str) -> Any:
        """Run a script and return its result."""
        return self.chromium.execute_script(script)

    def runs_first(self, script: str) -> None:
        """Run a script in this tab before those of each page that it loads from now on."""
        command, values = "Page.addScriptToEvaluateOnNewDocument", {"source": script}
        self.chromium.execute_cdp_cmd(command, values)

    def refuses(self, *ops: int) -> None:
        """Refuse all requests with these ops, and no others, until the next call."""
        self.chromium.execute_script(REFUSING, ops, REFUSAL)

    def holds_back(self, op: int) -> None:
        """Let no request with this op leave the page before `releases()`."""
        self.chromium.execute_script(HOLD_BACK, op)

    def releases(self) -> None:
        """Let the page send what it holds back."""
        self.chromium.execute_script("window.release()")

    def keeps(self, user: dict[str, Any]) -> None:
        """Let the tab keep this user's sign-in, as after a reload."""
        self.chromium.execute_script(
            "sessionStorage.setItem('toteboard-session', JSON.stringify(arguments[0]))", user
        )

    @contextmanager
    def as_wide_as(self, width: int) -> Iterator[None]:
        """Set the size of the window, in pixels, in this tab and those that are opened."""
        metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": False}
        with self._emulating("Emulation.setDeviceMetricsOverride", metrics):
            yield
        self.chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    @contextmanager
    def with_theme(self, theme: str) -> Iterator[None]:
        """Let the reader prefer `light` or `dark`, without motion, in this and in new tabs."""
        features = [
            {"name": "prefers-color-scheme", "value": theme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        with self._emulating("Emulation.setEmulatedMedia", {"features": features}):
            yield
        self.chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    @contextmanager
    def with_locale(self, locale: str) -> Iterator[None]:
        """Let the reader prefer a locale such as `de-DE`, in this and in new tabs."""
        with self._emulating("Emulation.setLocaleOverride", {"locale": locale}):
            yield
        self.chromium.execute_cdp_cmd("Emulation.setLocaleOverride", {})

    @contextmanager
    def _emulating(self, command: str, values: dict[str, Any]) -> Iterator[None]:
        self._emulated[command] = values
        self.chromium.execute_cdp_cmd(command, values)
        try:
            yield
        finally:
            del self._emulated[command]

    def complaints(self) -> list[str]:
        """Return the errors in the console, such as exceptions and violations of the policy."""
        return [
            str(line["message"])
            for line in self.chromium.get_log("browser")  # type: ignore[no-untyped-call]
            if line["level"] == "SEVERE"
            and not any(expected in line["message"] for expected in EXPECTED_COMPLAINTS)
        ]

    def close(self) -> None:
        """Close every tab that was opened."""
        for tab in self.chromium.window_handles:
            if tab != self._home:
                self.chromium.switch_to.window(tab)
                self.chromium.close()
        self.chromium.switch_to.window(self._home)

    def _filled(self, selector: str, value: str) -> bool:
        field = self.find(selector)
        if field.tag_name == "select":
            Select(field).select_by_value(value)
        else:
            field.clear()
            field.send_keys(value)
            # A view that is drawn between the two shows the old text again.
            return field.get_property("value") == value
        return True

    def _exists(self, selector: str) -> bool:
        return bool(self.chromium.find_elements(By.CSS_SELECTOR, selector))

    def _shown(self, selector: str, text: str) -> str | None:
        for element in self.chromium.find_elements(By.CSS_SELECTOR, selector):
            if text in element.text:
                return element.text or selector
        return None

    def _until(self, condition: Any, wanted: str) -> Any:
        patience = WebDriverWait(
            self.chromium, PATIENCE_S, 0.05, ignored_exceptions=[StaleElementReferenceException]
        )
        return patience.until(lambda _: condition(), wanted)
