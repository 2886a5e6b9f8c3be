"""What is wrong with what a browser shows: by axe-core, too wide, or with broken words."""

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
BROKEN: Final = r"""
    const pattern = new RegExp(arguments[0], "gu");
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
    while (texts.nextNode()) {
        for (const { 0: number, index } of texts.currentNode.data.matchAll(pattern)) {
            const range = document.createRange();
            range.setStart(texts.currentNode, index);
            range.setEnd(texts.currentNode, index + number.length);
            const lines = new Set([...range.getClientRects()].map(({ top }) => top));
            const { parentElement: { className, tagName } } = texts.currentNode;
            if (lines.size > 1) found.push(`${number} in ${tagName} ${className}`);
        }
    }
    return found;
"""
CUT_OFF: Final = """
    const room = document.querySelector("main"), found = [];
    const texts = document.createTreeWalker(room, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const range = document.createRange();
        range.selectNodeContents(texts.currentNode);
        const rects = [...range.getClientRects()].filter(({ width }) => width > 0);
        let part = texts.currentNode.parentElement;
        for (; part !== room && !part.matches(".sr"); part = part.parentElement) {
            const edge = part.getBoundingClientRect();
            const isOut = (rect) => rect.left < edge.left - 1 || rect.right > edge.right + 1;
            const isCutting = getComputedStyle(part).overflowX !== "visible";
            if (isCutting && rects.some(isOut)) found.push(texts.currentNode.data);
        }
    }
    return found;
"""
WIDTHS: Final = (390, 1280)


def broken_numbers(browser: Browser) -> list[str]:
    """Return the numbers that continue on another line."""
    return _broken(browser, r"\d[\d,.]*\d")


def broken_words(browser: Browser) -> list[str]:
    """Return the words that continue on another line."""
    return _broken(browser, r"\p{L}+")


def cut_off(browser: Browser) -> list[str]:
    """Return the texts of the room that are not seen in full."""
    found: list[str] = browser.runs(CUT_OFF)
    return found


def _broken(browser: Browser, pattern: str) -> list[str]:
    found: list[str] = browser.chromium.execute_script(BROKEN, pattern)
    return found


def audit(browser: Browser) -> list[str]:
    """Return what axe-core finds, and `too wide` if the page has to be scrolled sideways."""
    if not AXE.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(NO_AXE)
        pytest.skip(NO_AXE)
    browser.runs(AXE.read_text())
    found: list[str] = browser.chromium.execute_async_script(AUDIT)
    return [*found, *(["too wide"] if browser.runs(TOO_WIDE) else [])]
