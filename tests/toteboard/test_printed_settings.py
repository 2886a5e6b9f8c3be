"""What `toteboard config` prints: a file for `--config`, without the secrets."""

from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

from tests.support.hook_receiver import SECRET
from toteboard.cli import main
from toteboard.settings import Settings, load
from toteboard.token_settings import TokenSettings

OTHERS = """
port = 7
pool_policy = "club"
allowed_origins = ["https://a.example"]

[policies.club]
takeout = 12.5
break_to = 0.05
minimum = 1.00
"""
HOOKS = f"""
[webhooks.ledger]
url = "https://books.example/facts"
secret = "{SECRET}"
kinds = ["bet_placed"]
from = "beginning"

[webhooks."the.other"]
url = "https://other.example/"
secret = "{SECRET}"
"""
TOKENS = """
jwt_issuer = "https://login.example"
jwt_audience = "toteboard"
jwt_algorithms = ["HS256"]
"""
HUSH = "hush-hush-hush-hush-hush-hush-hush"


def printed(path: Path, text: str, environ: dict[str, str]) -> Path:
    """Return the file that `toteboard config` prints of a settings file; it is accepted."""
    given, shown = path / "given.toml", path / "shown.toml"
    given.write_text(text)
    result = CliRunner().invoke(main, ["config", "--config", str(given)], env=environ)
    assert (result.exit_code, result.stderr) == (0, "")
    assert SECRET not in result.stdout
    assert "hush" not in result.stdout
    shown.write_text(result.stdout)
    return shown


def again(path: Path, text: str, environ: dict[str, str]) -> tuple[Settings, Settings]:
    """Return the settings of a file, and those of the file that is printed of it."""
    shown = printed(path, text, environ)
    return load({}, environ, path / "given.toml").settings, load({}, environ, shown).settings


def test_the_printed_file_is_taken_for_the_same_settings(tmp_path: Path) -> None:
    before, after = again(tmp_path, OTHERS, {})
    assert after == before


def test_the_printed_file_has_each_hook_as_a_comment_for_its_secret_is_missing(
    tmp_path: Path,
) -> None:
    before, after = again(tmp_path, OTHERS + HOOKS, {})
    assert after == evolve(before, hooks=())
    lines = (tmp_path / "shown.toml").read_text().splitlines()
    assert '# [webhooks."the.other"]' in lines
    assert '# url = "https://books.example/facts"' in lines


def test_a_hook_of_the_printed_file_is_taken_once_its_secret_is_put_in(tmp_path: Path) -> None:
    before, _ = again(tmp_path, OTHERS + HOOKS, {})
    shown = tmp_path / "shown.toml"
    head, hooks = shown.read_text().split("\n\n# [webhooks.", 1)
    filled = f"\n# [webhooks.{hooks}".replace("\n# ", "\n").replace('"..."', f'"{SECRET}"')
    shown.write_text(head + filled)
    assert load({}, {}, shown).settings == before


def test_the_printed_file_has_tokens_as_comments_if_their_secret_was_in_the_file(
    tmp_path: Path,
) -> None:
    before, after = again(tmp_path, f'jwt_secret = "{HUSH}"\n{TOKENS}{OTHERS}', {})
    assert after == evolve(before, tokens=TokenSettings())


def test_the_printed_file_has_tokens_if_their_secret_is_in_the_environment(tmp_path: Path) -> None:
    before, after = again(tmp_path, TOKENS + OTHERS, {"TOTEBOARD_JWT_SECRET": HUSH})
    assert before.tokens.jwt_secret == HUSH
    assert after == before


@pytest.mark.parametrize(
    "url", ["postgresql://tote:hush@db1,db2/tote", "host=db1 dbname=tote password=hush"]
)
def test_the_address_of_the_engine_is_not_printed_for_it_may_have_a_password(
    tmp_path: Path, url: str
) -> None:
    before, after = again(tmp_path, f'cluster = "{url}"\n', {})
    assert after == evolve(before, cluster=None)
    assert "# cluster is set, and not shown  # file" in (tmp_path / "shown.toml").read_text()
