"""A new password has 8 characters or more. A character is a code point, as composed characters."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support.website import website
from toteboard.cli import main
from toteboard.hashing import opaque, password_fault

SHORT = ["7 bytes", "Ünïqüés", "pa\u0308ss123", "\U0001f40e" * 7]
LONG_ENOUGH = ["8 bytes.", "Ünïqüést", "pa\u0308ss1234", "\U0001f40e" * 8]
WANTED = "8 characters or more"


def command(*words: str, given: str = "") -> Result:
    return CliRunner().invoke(main, ["user", *words, "--database", "toteboard.db"], input=given)


@pytest.mark.parametrize("password", SHORT)
async def test_seven_characters_are_too_few_at_sign_up(tmp_path: Path, password: str) -> None:
    async with website(tmp_path) as site:
        answer = await site.sign_up("ann", password)
        assert (answer.status_code, answer.json()["parameter"]) == (400, "password")
        assert WANTED in answer.json()["text"]


@pytest.mark.parametrize("password", LONG_ENOUGH)
async def test_eight_characters_are_enough_at_sign_up(tmp_path: Path, password: str) -> None:
    async with website(tmp_path) as site:
        assert (await site.sign_up("ann", password)).status_code == 200
        assert (await site.log_in("ann", password)).status_code == 200


def test_the_command_line_counts_characters_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("add", "ann").exit_code == 0
    for password in SHORT:
        refused = command("password", "ann", given=f"{password}\n")
        assert (refused.exit_code, WANTED in refused.stderr) == (2, True), password
    for password in LONG_ENOUGH:
        assert command("password", "ann", given=f"{password}\n").exit_code == 0, password


@pytest.mark.parametrize(("letter", "size"), [("x", 1), ("é", 2), ("\U0001f40e", 4)])
def test_the_longest_password_has_1024_bytes(letter: str, size: int) -> None:
    longest = letter * (1_024 // size)
    assert password_fault(opaque(longest)) is None
    assert password_fault(opaque(longest + letter)) == "at most 1,024 bytes long"
