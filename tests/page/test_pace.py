"""A page that receives thousands of messages a second keeps up, and draws once per frame."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.page.browser import Browser
from tests.page.server import PageServer

PUBLICATIONS = 5000
KEPT = 200
"""Lines of chat that the page keeps."""
COUNTING = """
    window.pictures = window.drawings = 0;
    const picture = () => { pictures += 1; requestAnimationFrame(picture); };
    requestAnimationFrame(picture);
    new MutationObserver(() => drawings += 1).observe(
        document.querySelector("main"), {subtree: true, childList: true, characterData: true});
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PageServer]:
    """Yield a server without a limit of chat lines."""
    server = PageServer(tmp_path, "--rate-limit", "0", "--chat-limit", "0")
    server.start()
    yield server
    server.kill()


def test_a_page_keeps_up_and_joins_what_it_draws(browser: Browser, server: PageServer) -> None:
    server.add_user("ann")
    server.add_user("bob")
    game, _ = server.has_a_game()
    browser.sign_in(server, "ann", f"#/g/{game}")
    browser.find("#chat-text")
    browser.runs(COUNTING)
    server.chatters("bob", game, PUBLICATIONS)
    browser.sees(".chat li:last-child", f"bob {PUBLICATIONS}")
    pictures, drawings = browser.runs("return [pictures, drawings]")
    assert 0 < drawings <= 2 * pictures
    assert drawings < PUBLICATIONS / 2
    browser.is_connected()  # never disconnected as lagging


def test_the_chat_shows_its_newest_line_beyond_those_that_it_keeps(
    browser: Browser, server: PageServer
) -> None:
    server.add_user("ann")
    server.add_user("bob")
    game, _ = server.has_a_game()
    browser.sign_in(server, "ann", f"#/g/{game}")
    browser.find("#chat-text")
    server.chatters("bob", game, KEPT + 20)
    browser.sees(".chat li:last-child", f"bob {KEPT + 20}")
    browser.runs("window.line = document.querySelector('.chat li:last-child')")
    server.chatters("bob", game, 1)
    browser.sees(".chat li:last-child", "bob 1")
    assert browser.runs("return line.isConnected"), "the lines before it are not made anew"
    assert browser.runs(
        "const chat = document.querySelector('.chat');"
        "return chat.scrollHeight - chat.scrollTop - chat.clientHeight < 2"
    )
