"""The options that take a number: what they refuse, and how."""

import pytest
from click.testing import CliRunner

from toteboard.cli import main

NO_NUMBERS = ("", "x", "-1", "nan", "inf", "1" * 5_000)
BENCH = ("bench", "ws://127.0.0.1:1/")
REPLAY = ("hooks", "replay", "ledger")
OPTIONS = [
    (BENCH, "--users", "a whole number from 1 to 10,000", ("1.5", "0", "10001")),
    (BENCH, "--games", "a whole number from 1 to 100", ("1.5", "0", "101")),
    (BENCH, "--rate", "a number from 0.1 to 100,000", ("0", "100000.5")),
    (REPLAY, "--from", "a whole number from 0 to 1,000,000,000,000,000", ("1.5",)),
]
REFUSED = [
    (*row[:3], wrong) for row in OPTIONS for wrong in (*NO_NUMBERS, *row[3])
]  # fmt: skip


@pytest.mark.parametrize(("command", "option", "wanted", "wrong"), REFUSED)
def test_what_is_no_number_of_the_range_is_refused_with_what_is_wanted(
    command: tuple[str, ...], option: str, wanted: str, wrong: str
) -> None:
    result = CliRunner().invoke(main, [*command, f"{option}={wrong}"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"toteboard: Invalid value for '{option}': ")
    assert result.stderr.endswith(f" is not {wanted}\n")
