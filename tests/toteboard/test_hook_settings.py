"""Hooks of a settings file: what is refused, and what is printed of them."""

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.hook_receiver import SECRET
from toteboard.settings import SettingsError, load, to_toml

USABLE = {
    "url": '"https://books.example/facts"',
    "secret": f'"{SECRET}"',
    "kinds": '["bet_placed", "pool_resolved"]',
    "sources": '["5a1c0ab7-e45e-4c4b-8e6f-9d5f1f2f3a4b"]',
    "from": '"beginning"',
}


def written(path: Path, values: Mapping[str, str | None] = USABLE, name: str = "ledger") -> Path:
    table: dict[str, str | None] = {**USABLE, **values}
    lines = [f"{key} = {value}" for key, value in table.items() if value is not None]
    path = path / "toteboard.toml"
    path.write_text("\n".join([f"[webhooks.{name}]", *lines]))
    return path


def test_a_hook_is_read_and_printed_without_its_secret(tmp_path: Path) -> None:
    loaded = load({}, {}, written(tmp_path))
    [hook] = loaded.settings.hooks
    assert (hook.name, hook.kinds) == ("ledger", ("bet_placed", "pool_resolved"))
    assert hook.from_beginning
    assert SECRET not in repr(hook)
    printed = to_toml(loaded, hides_secrets=True)
    assert SECRET not in printed
    assert '[webhooks."ledger"]' in printed
    again = tmp_path / "again.toml"
    again.write_text(to_toml(loaded))
    assert load({}, {}, again).settings == loaded.settings


def test_a_hook_needs_an_address_and_a_secret_alone(tmp_path: Path) -> None:
    path = written(tmp_path, dict.fromkeys(("kinds", "sources", "from")))
    [hook] = load({}, {}, path).settings.hooks
    assert (hook.kinds, hook.sources, hook.from_beginning) == ((), (), False)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("url", None),
        ("url", "5"),
        ("url", '""'),
        ("url", '"ftp://books.example/"'),
        ("url", '"http://"'),
        ("url", '"http://books.example:99999/"'),
        ("url", '"http://books example/"'),
        ("url", '"http://[::1/"'),
        ("url", '"http://me:pass@books.example/"'),
        ("url", f'"http://books.example/{"x" * 2_048}"'),
        ("secret", None),
        ("secret", '"hush"'),
        ("secret", '"whsec_"'),
        ("secret", '"whsec_not base64"'),
        ("secret", f'"whsec_{b64encode(bytes(23)).decode()}"'),
        ("secret", f'"whsec_{b64encode(bytes(65)).decode()}"'),
        ("secret", "5"),
        ("kinds", '"bet_placed"'),
        ("kinds", '["bet_plcaed"]'),
        ("kinds", "[5]"),
        ("sources", '[""]'),
        ("sources", "5"),
        ("from", '"yesterday"'),
        ("from", "5"),
        ("form", '"beginning"'),
    ],
)
def test_a_hook_that_cannot_be_used_is_refused(tmp_path: Path, key: str, value: str | None) -> None:
    with pytest.raises(SettingsError) as refused:
        load({}, {}, written(tmp_path, {key: value}))
    assert refused.value.exit_code == 2
    assert str(refused.value).startswith("hook ledger (from the file) cannot be used: ")
    assert "hush" not in str(refused.value)


def test_a_name_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        load({}, {}, written(tmp_path, name='"a b"'))
    path = tmp_path / "toteboard.toml"
    path.write_text("webhooks = 5\n")
    with pytest.raises(SettingsError):
        load({}, {}, path)
