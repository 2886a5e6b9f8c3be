"""A browser, and the real server with its page: `toteboard serve` as a process of its own.

Whoever has no Chromium is told why the browser's tests are skipped; in CI that is a failure.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from tests.page.browser import Browser, start_chromium
from tests.page.server import PageServer

NO_BROWSER = "no Chromium: install chromium and chromium-driver, or run `make browser` as root"


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """One headless Chromium for all tests."""
    driver, binary = shutil.which("chromedriver"), shutil.which("chromium")
    if driver is None or binary is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    started = start_chromium(binary, driver, tmp_path_factory.mktemp("chromium"))
    yield started
    started.quit()


@pytest.fixture
def browser(chromium: webdriver.Chrome) -> Iterator[Browser]:
    """Tabs of the browser, closed at the end; what the console complained of fails the test."""
    browser = Browser(chromium)
    yield browser
    browser.close()
    assert not browser.complaints()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PageServer]:
    """A server with a database of its own, and a host."""
    server = PageServer(tmp_path)
    server.start()
    yield server
    server.kill()
