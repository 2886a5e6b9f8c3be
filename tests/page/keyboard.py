"""A user of the page without a mouse: tabs through it, and sees where the focus is."""

from typing import Final

from tests.page.browser import Browser

OUTLINE: Final = "return getComputedStyle(document.activeElement).outlineStyle"


class Keyboard:
    """A user with a keyboard and without a mouse."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    def press(self, keys: str) -> None:
        """Type into the element that has the focus."""
        self._browser.chromium.switch_to.active_element.send_keys(keys)

    def tab_to(self, selector: str) -> None:
        """Tab until this has the focus; the focus can always be seen."""
        for _ in range(40):
            self.press("\ue004")
            assert self._browser.runs(OUTLINE) != "none"
            if self._browser.runs(f"return document.activeElement.matches({selector!r})"):
                return
        raise AssertionError(f"{selector} cannot be reached")

    def confirm(self) -> None:
        """Press Enter twice, as a button asks that is otherwise held."""
        self.press("\ue007")
        self._browser.sees("button", "Press again to")
        self.press("\ue007")

    def is_at(self, selector: str) -> None:
        """Wait until this has the focus."""
        self._browser.find(f"{selector}:focus")
