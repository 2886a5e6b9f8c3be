"""A browser, and the real server with its page: `toteboard serve` as a process.

Without Chromium the browser's tests are skipped with a reason; in CI they fail.
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
    """Yield one headless Chromium for all tests."""
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
    """Yield tabs of the browser, closed at the end. Errors in the console fail the test."""
    browser = Browser(chromium)
    yield browser
    browser.close()
    assert not browser.complaints()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PageServer]:
    """Yield a server with a separate database and a host."""
    server = PageServer(tmp_path)
    server.start()
    yield server
    server.kill()
