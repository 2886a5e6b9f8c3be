"""What axe-core finds on the page that a browser shows, and whether it is wider than the window."""

import os
from typing import Final

import pytest

from tests.page.browser import Browser
from tests.support.tree import ROOT

AXE: Final = ROOT / "tests/axe/node_modules/axe-core/axe.min.js"
AUDIT: Final = """
    const [done] = arguments;
    axe.run().then(({violations}) => done(violations.map(
        ({id, nodes}) => `${id}: ${nodes.map(({html}) => html).join(" ")}`)));
"""
TOO_WIDE: Final = "return document.documentElement.scrollWidth > innerWidth + 1"
NO_AXE: Final = "no axe-core: run `make tests/axe/node_modules/installed`"
WIDTHS: Final = (390, 1280)


def audit(browser: Browser) -> list[str]:
    """Return what axe-core finds, and `too wide` if the page has to be scrolled sideways."""
    if not AXE.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(NO_AXE)
        pytest.skip(NO_AXE)
    browser.runs(AXE.read_text())
    found: list[str] = browser.chromium.execute_async_script(AUDIT)
    return [*found, *(["too wide"] if browser.runs(TOO_WIDE) else [])]
