"""Settings: where they come from, and how they are written (docs/reference/settings.md)."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import click
import pytest
from click.testing import CliRunner

from protocol.limits import Limits
from toteboard.settings import (
    TABLE,
    Loaded,
    Origin,
    Settings,
    SettingsError,
    click_options,
    load,
    to_toml,
)

Write = Callable[[str], Path]


@pytest.fixture
def toml(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "toteboard.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def flat(settings: Settings) -> dict[str, Any]:
    own = attrs.asdict(settings, recurse=False)
    tokens, limits, _ = (own.pop(part) for part in ("tokens", "limits", "hooks"))
    of_limits = attrs.asdict(limits, filter=lambda field, _: field.name != "policies")
    return own | attrs.asdict(tokens) | of_limits


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(SettingsError) as caught:
        call()
    assert "\n" not in caught.value.message
    assert caught.value.exit_code == 2
    return str(caught.value.message)


def test_every_setting_and_every_limit_is_in_the_table() -> None:
    assert set(TABLE) == set(flat(Settings()))
    assert {each.name for each in attrs.fields(Limits)} - {"policies"} < set(TABLE)


def test_nothing_given_means_the_defaults() -> None:
    loaded = load({}, {}, None)
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {Origin.DEFAULT}


@pytest.mark.parametrize(
    ("sources", "value", "origin"),
    [
        (("file",), 11, Origin.FILE),
        (("file", "environment"), 22, Origin.ENVIRONMENT),
        (("file", "environment", "command line"), 33, Origin.COMMAND_LINE),
        (("file", "command line"), 33, Origin.COMMAND_LINE),
    ],
)
def test_command_line_over_environment_over_file_over_default(
    toml: Write, sources: tuple[str, ...], value: int, origin: Origin
) -> None:
    loaded = load(
        {"rate_limit": "33"} if "command line" in sources else {"rate_limit": None},
        {"TOTEBOARD_RATE_LIMIT": "22"} if "environment" in sources else {},
        toml("rate_limit = 11") if "file" in sources else None,
    )
    assert loaded.settings.limits.rate_limit == value
    assert loaded.origins["rate_limit"] is origin
    assert loaded.origins["port"] is Origin.DEFAULT


READ = [
    ("port", "0", 0),
    ("operator_port", "-1", -1),
    ("host", " ::1 ", "::1"),
    ("public_url", "wss://games.example:8443/live", "wss://games.example:8443/live"),
    ("public_url", "ws://[::1]/", "ws://[::1]/"),
    ("public_url", "", None),
    ("signup", "FALSE", False),
    ("trusted_hops", "1", 1),
    ("log_format", "console", "console"),
    ("log_format", "", None),
    ("ping_interval", "100ms", 100),
    ("ping_interval", "20s", 20_000),
    ("ping_interval", "5m", 300_000),
    ("session_ttl", "24h", 86_400_000),
    ("initial_balance", "1000.00", 100_000),
    ("initial_balance", "0.5", 50),
    ("initial_balance", "7", 700),
    ("admins_may_bet", "False", False),
    ("admins_may_bet", "true", True),
    ("allowed_origins", "https://a.example, https://b.example,", ("https://a.example", "https://b.example")),
    ("allowed_origins", "", ()),
    ("allowed_origins", "http://localhost:8080,http://[::1]:81", ("http://localhost:8080", "http://[::1]:81")),
    ("allowed_origins", "https://xn--bcher-kva.example", ("https://xn--bcher-kva.example",)),
    ("allowed_origins", "capacitor://localhost", ("capacitor://localhost",)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "value"), READ)
def test_a_text_means_the_same_from_every_source(
    toml: Write, name: str, text: str, value: object
) -> None:
    file = toml(f'{name} = "{text}"')
    for loaded in (
        load({name: text}, {}, None),
        load({}, {f"TOTEBOARD_{name.upper()}": text}, None),
        load({}, {}, file),
    ):
        assert flat(loaded.settings)[name] == value


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("port = 8_000", 8_000),
        ("initial_balance = 12", 1_200),
        ("initial_balance = 12.3", 1_230),
        ("initial_balance = 0.29", 29),
        ("admins_may_bet = false", False),
        (
            'allowed_origins = ["http://b.example", " http://c ", ""]',
            ("http://b.example", "http://c"),
        ),
        ('jwt_algorithms = ["ES256", " RS256 ", ""]', ("ES256", "RS256")),
    ],
)
def test_a_file_may_use_the_types_of_toml(toml: Write, line: str, value: object) -> None:
    name = line.split(" ")[0]
    assert flat(load({}, {}, toml(line)).settings)[name] == value


REFUSED = [
    ("port", "65536"),
    ("port", "-1"),
    ("operator_port", "-2"),
    ("public_url", "https://games.example/"),
    ("public_url", "wss://games.example/; script-src *"),
    ("public_url", "wss://games.example/ x"),
    ("signup", "maybe"),
    ("trusted_hops", "-1"),
    ("trusted_hops", "11"),
    ("port", "٣"),
    ("port", "1" * 5_000),
    ("host", ""),
    ("database", "a\x00b"),
    ("log_format", "xml"),
    ("log_level", ""),
    ("max_message_size", "1023"),
    ("max_message_size", "16777217"),
    ("rate_burst", "0"),
    ("ping_interval", "100"),
    ("ping_interval", "0ms"),
    ("ping_interval", "1.5s"),
    ("ping_interval", "99999999h"),
    ("initial_balance", "-1.00"),
    ("initial_balance", "1.005"),
    ("initial_balance", "1e3"),
    ("admins_may_bet", "yes"),
    ("allowed_origins", "nope"),
    ("allowed_origins", "*"),
    ("allowed_origins", "null"),
    ("allowed_origins", "games.example"),
    ("allowed_origins", "https://"),
    ("allowed_origins", "https://games.example/"),
    ("allowed_origins", "https://games.example/play"),
    ("allowed_origins", "https://me@games.example"),
    ("allowed_origins", "https://*.games.example"),
    ("allowed_origins", "https://games.example:65536"),
    ("allowed_origins", "https://games.example:"),
    ("allowed_origins", "https://Games.example"),
    ("allowed_origins", "https://games.example:443"),
    ("allowed_origins", "http://games.example:80"),
    ("allowed_origins", "https://bücher.example"),
    ("allowed_origins", "https://a.example nope"),
    ("allowed_origins", "https://a.example,nope"),
]


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_a_bad_value_is_refused_in_one_line_with_its_key_and_origin(name: str, text: str) -> None:
    said = refused(lambda: load({name: text}, {}, None))
    assert f" for {name} (from the command line): expected " in said
    said = refused(lambda: load({}, {f"TOTEBOARD_{name.upper()}": text}, None))
    assert f" for {name} (from the environment): expected " in said


@pytest.mark.parametrize(
    "line",
    [
        "port = true",
        "port = 1.0",
        "ping_interval = 20000",
        "initial_balance = 1.005",
        "initial_balance = nan",
        "initial_balance = 1e999999999",
        "admins_may_bet = 1",
        "allowed_origins = [1]",
        "allowed_origins = 1",
        "allowed_origins = {a = 1}",
        "host = 127",
        "limits = 5",
        "[rate_limit]\nx = 1",
    ],
)
def test_a_file_with_a_value_of_a_wrong_type_is_refused(toml: Write, line: str) -> None:
    assert "(from the file): " in refused(lambda: load({}, {}, toml(line)))


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        (
            "port",
            "x",
            '"x" for port (from the command line): expected a whole number from 0 to 65535',
        ),
        ("session_ttl", "1ms", "a duration (ms, s, m or h) from 1s to 87600h"),
        ("log_format", "xml", "one of json, console"),
    ],
)
def test_a_refusal_says_what_is_wanted(name: str, text: str, wanted: str) -> None:
    assert wanted in refused(lambda: load({name: text}, {}, None))


def test_an_unknown_key_in_the_file_is_refused_by_name(toml: Write) -> None:
    assert '"prot"' in refused(lambda: load({}, {}, toml("prot = 1")))


def test_an_unknown_variable_in_the_environment_is_nobodys_business() -> None:
    environ = {"TOTEBOARD_SERVICE_HOST": "10.0.0.1", "PORT": "5"}
    assert load({}, environ, None).settings == Settings()


@pytest.mark.parametrize("content", [b"port =", b"\xff", b"port = " + b"9" * 5_000])
def test_a_file_that_is_not_toml_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    assert "broken.toml" in refused(lambda: load({}, {}, path))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "none.toml" in refused(lambda: load({}, {}, tmp_path / "none.toml"))


def test_the_environment_may_name_the_file_and_the_command_line_another(
    toml: Write, tmp_path: Path
) -> None:
    environ = {"TOTEBOARD_CONFIG": str(toml("port = 1"))}
    other = tmp_path / "other.toml"
    other.write_text("port = 2")
    assert load({}, environ, None).settings.port == 1
    assert load({}, environ, other).settings.port == 2


def test_a_bad_value_in_the_file_is_refused_also_when_it_is_overridden(toml: Write) -> None:
    assert "from the file" in refused(lambda: load({"port": "1"}, {}, toml("port = -5")))


def test_a_certificate_and_its_key_come_together() -> None:
    pair = {"tls_cert": "cert.pem", "tls_key": "key.pem"}
    assert load(pair, {}, None).settings.tls_key == "key.pem"
    said = refused(lambda: load({"tls_key": "key.pem"}, {}, None))
    assert said.startswith("tls_key is set (from the command line)")
    assert "tls_cert" in said


def test_the_three_files_of_tls_between_nodes_come_together() -> None:
    names = "node_tls_cert", "node_tls_key", "node_tls_ca"
    assert load(dict.fromkeys(names, "x.pem"), {}, None).settings.node_tls_ca == "x.pem"
    for name in names:
        said = refused(partial(load, {name: "x.pem"}, {}, None))
        assert said.startswith(f"{name} is set (from the command line)")
        assert all(each in said for each in names)


def test_each_line_that_config_prints_says_where_the_value_comes_from(toml: Write) -> None:
    environ = {"TOTEBOARD_INITIAL_BALANCE": "5"}
    loaded = load({"port": "1"}, environ, toml('ping_interval = "90000ms"'))
    lines = to_toml(loaded).splitlines()
    assert len(lines) == len(TABLE)
    assert {
        "port = 1  # command line",
        "initial_balance = 5.00  # environment",
        'ping_interval = "90s"  # file',
        'session_ttl = "24h"  # default',
        'tls_cert = ""  # default',
        "allowed_origins = []  # default",
        "admins_may_bet = false  # default",
    } <= set(lines)


def test_config_does_not_print_secrets(toml: Write) -> None:
    issuer = {"jwt_issuer": "https://login.example", "jwt_audience": "toteboard"}
    loaded = load(issuer, {"TOTEBOARD_JWT_SECRET": "hush-hush"}, None)
    printed = to_toml(loaded, hides_secrets=True)
    assert "hush" not in printed
    assert "# jwt_secret is set, and not shown  # environment" in printed.splitlines()
    secrets = {name for name, row in TABLE.items() if row.is_secret}
    assert {name for name in TABLE if "secret" in name} <= secrets
    assert "3141592" not in refused(lambda: load({}, {}, toml("jwt_secret = 3141592")))


def run(arguments: list[str], *names: str) -> tuple[int, str, list[Loaded]]:
    """Run a command with the options of `names`. Return its exit code, output and settings."""
    seen: list[Loaded] = []

    @click.command()
    @click_options(*names)
    def command(config: Path | None, **options: str | None) -> None:
        seen.append(load(options, {}, config))

    result = CliRunner().invoke(command, arguments)
    return result.exit_code, result.output, seen


def test_every_setting_is_an_option_of_its_name(toml: Write) -> None:
    code, output, _ = run(["--help"])
    assert code == 0
    for name in TABLE:
        assert f"--{name.replace('_', '-')}" in output
    path = str(toml("port = 3"))
    arguments = [
        "--rate-limit",
        "7",
        "--admins-may-bet",
        "--operator-port",
        "-1",
        "--config",
        path,
    ]
    _, _, [loaded] = run(arguments)
    assert loaded.settings.limits.rate_limit == 7
    assert loaded.settings.limits.admins_may_bet is True
    assert loaded.settings.operator_port == -1
    assert loaded.settings.port == 3
    assert loaded.origins["admins_may_bet"] is Origin.COMMAND_LINE


def test_an_option_that_is_not_given_is_left_to_the_other_sources() -> None:
    _, _, [loaded] = run([])
    assert set(loaded.origins.values()) == {Origin.DEFAULT}
    _, _, [loaded] = run(["--no-admins-may-bet"])
    assert loaded.origins["admins_may_bet"] is Origin.COMMAND_LINE


def test_a_command_may_take_some_settings_only() -> None:
    names = ("database", "session_ttl", "initial_balance")
    _, _, [loaded] = run(["--session-ttl", "5m"], *names)
    assert loaded.settings.limits.session_ttl == 300_000
    code, _, _ = run(["--port", "5"], *names)
    assert code == 2


def test_a_refused_option_is_one_line_and_exit_2() -> None:
    code, output, _ = run(["--port", "x"])
    assert code == 2
    assert output.count("\n") == 1
    assert "for port (from the command line)" in output
