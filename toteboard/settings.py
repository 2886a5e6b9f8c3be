"""The settings of an operator, and the origin of each value (docs/reference/settings.md).

One table, `TABLE`, is derived from the fields of `Settings` and `Limits`. The command line, the
environment, the TOML file and `toteboard config` are read and written with it.
`protocol/limits.py` defines the limits. This module opens no socket, database or certificate.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from attrs import Attribute, asdict, field, fields, frozen

from game.policy import Policy
from protocol.limits import Limits
from toteboard.hook_settings import Hook, HooksError, read_hooks, written_hooks
from toteboard.policies import PoliciesError, read_policies, written_policies
from toteboard.setting_kinds import KINDS, Kind
from toteboard.settings_about import ABOUT, CONFIG
from toteboard.token_settings import TokenSettings

PREFIX: Final = "TOTEBOARD_"
ClickCommand = TypeVar("ClickCommand", bound=Callable[..., Any])


class SettingsError(click.ClickException):
    """A setting is invalid. The text names the key, its origin and the expected value."""

    exit_code = 2


class Origin(StrEnum):
    """The origin of a value, the weakest first."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command line"


def _text(default: str | None) -> Any:
    return field(default=default, metadata={"kind": "text"})


def _word(default: str | None, *words: str) -> Any:
    return field(default=default, metadata={"kind": "word", "words": words})


def _port(default: int, minimum: int) -> Any:
    return field(default=default, metadata={"kind": "whole", "minimum": minimum, "maximum": 65_535})


def _whole(default: int, maximum: int, minimum: int = 0) -> Any:
    bounds = {"minimum": minimum, "maximum": maximum}
    return field(default=default, metadata={"kind": "whole", **bounds})


def _duration(default: int) -> Any:
    return field(default=default, metadata={"kind": "duration"})


def _flag(default: bool) -> Any:
    return field(default=default, metadata={"kind": "flag"})


@frozen(kw_only=True)
class Settings:
    """The settings of a server; `toteboard/settings_about.py` describes each one.

    Durations are in milliseconds. A port of 0 means any free port; an `operator_port` of -1 means
    none. If `key_file` is None, `toteboard/key_file.py` chooses. If `log_format` is None, it is
    console on a terminal and json otherwise.
    """

    host: str = _text("127.0.0.1")
    port: int = _port(9_999, minimum=0)
    operator_port: int = _port(9_998, minimum=-1)
    operator_host: str = _text("127.0.0.1")
    signup: bool = _flag(True)
    public_url: str | None = field(default=None, metadata={"kind": "websocket"})
    trusted_hops: int = _whole(0, maximum=10)
    workers: int = _whole(1, maximum=64, minimum=1)
    cluster: str | None = field(default=None, metadata={"kind": "text", "is_secret": True})
    cluster_keep: int = _duration(168 * 3_600_000)
    node_address: str | None = field(default=None, metadata={"kind": "address"})
    node_listen: str | None = field(default=None, metadata={"kind": "address"})
    node_tls_cert: str | None = _text(None)
    node_tls_key: str | None = _text(None)
    node_tls_ca: str | None = _text(None)
    database: str = _text("toteboard.db")
    key_file: str | None = _text(None)
    clock_patience: int = _duration(60_000)
    log_format: str | None = _word(None, "json", "console")
    log_level: str = _word("info", "debug", "info", "warning", "error")
    tls_cert: str | None = _text(None)
    tls_key: str | None = _text(None)
    tokens: TokenSettings = field(factory=TokenSettings)
    hooks: tuple[Hook, ...] = ()
    limits: Limits = field(factory=Limits)

    @property
    def is_secure(self) -> bool:
        """Whether the public port uses TLS."""
        return self.tls_cert is not None


@frozen
class Loaded:
    """The settings in force and the origin of each, by key."""

    settings: Settings
    origins: Mapping[str, Origin]


@frozen
class Setting:
    """A row of the table: a key, its valid values, and its default (None: it may be empty)."""

    name: str
    kind: Kind
    default: Any
    minimum: int
    maximum: int | None
    words: tuple[str, ...]
    about: str
    is_secret: bool = False

    @property
    def wanted(self) -> str:
        """The valid values, in words."""
        if self.words:
            return f"{self.kind.wanted} {', '.join(self.words)}"
        if self.maximum is None:
            return self.kind.wanted
        return f"{self.kind.wanted} from {self.shown(self.minimum)} to {self.shown(self.maximum)}"

    @property
    def bounds(self) -> str:
        """The bounds of a value for `--help`; "" if the placeholder is enough."""
        if self.kind is KINDS["duration"] and self.maximum == self.kind.maximum:
            return f"at least {self.shown(self.minimum)}"
        if self.maximum is None:
            return ""
        most = "or more" if self.maximum == self.kind.maximum else f"to {self.shown(self.maximum)}"
        return f"{self.shown(self.minimum)} {most}"

    @property
    def shown_default(self) -> str:
        """The default as typed on a command line; `none` if there is none."""
        return "none" if self.default in (None, ()) else self.shown(self.default)

    def shown(self, value: Any) -> str:
        """Return a value as typed on a command line."""
        return self.kind.write(value).strip('"')

    def read(self, raw: Any, origin: Origin) -> Any:
        """Return the value of `raw`, in the unit of the setting. Raise SettingsError."""
        try:
            return self._parsed(raw)
        except ValueError:
            given = "" if self.is_secret else f" {json.dumps(raw, default=str)[:80]}"
            raise SettingsError(
                f"invalid value{given} for {self.name} (from the {origin}): expected {self.wanted}"
            ) from None

    def _parsed(self, raw: Any) -> Any:
        raw = raw.strip() if isinstance(raw, str) else raw
        if raw == "" and self.default is None:
            return None
        value = self.kind.read(raw)
        if self.words and value not in self.words:
            raise ValueError(raw)
        if self.maximum is not None and not self.minimum <= value <= self.maximum:
            raise ValueError(raw)
        return value


def _row(attribute: "Attribute[Any]") -> Setting:
    about = attribute.metadata
    kind = KINDS[about["kind"]]
    return Setting(
        name=attribute.name,
        kind=kind,
        default=attribute.default,
        minimum=about.get("minimum", 0),
        maximum=about.get("maximum", kind.maximum),
        words=about.get("words", ()),
        about=ABOUT[attribute.name],
        is_secret=about.get("is_secret", False),
    )


_PARTS: Final = ("tokens", "hooks", "limits")
_OWN: Final = tuple(each for each in fields(Settings) if each.name not in _PARTS)
_LIMITS: Final = tuple(each for each in fields(Limits) if "kind" in each.metadata)
TABLE: Final = {each.name: _row(each) for each in (*_OWN, *fields(TokenSettings), *_LIMITS)}
TOGETHER: Final = {
    ("tls_cert", "tls_key"): "both tls_cert and tls_key, or neither",
    ("node_tls_cert", "node_tls_key", "node_tls_ca"): (
        "all of node_tls_cert, node_tls_key and node_tls_ca, or none"
    ),
}
"""Settings of which one needs the others, and what to do about it."""
POLICIES: Final = "policies"
"""The key of the tables of policies, which only a file can have (`toteboard/policies.py`)."""
HOOKS: Final = "webhooks"
"""The key of the tables of hooks, which only a file can have (`toteboard/hook_settings.py`)."""


def load(
    command_line: Mapping[str, str | None], environ: Mapping[str, str], config: Path | None
) -> Loaded:
    """Return the effective settings: command line over environment over file over default.

    `command_line` has text by key (None: not given). `config` is the file's path; if None,
    `TOTEBOARD_CONFIG` of `environ` names it. Raise SettingsError, also for an invalid value that a
    stronger origin overrides.
    """
    named = environ.get(PREFIX + "CONFIG")
    path = config or (Path(named) if named else None)
    in_file = _file(path) if path else {}
    policies, hooks = _policies(in_file.pop(POLICIES, {})), _hooks(in_file.pop(HOOKS, {}))
    given: dict[Origin, Mapping[str, Any]] = {
        Origin.FILE: in_file,
        Origin.ENVIRONMENT: _environment(environ),
        Origin.COMMAND_LINE: {k: text for k, text in command_line.items() if text is not None},
    }
    values = {name: row.default for name, row in TABLE.items()}
    origins = dict.fromkeys(TABLE, Origin.DEFAULT)
    for origin, raws in given.items():
        for name, raw in raws.items():
            values[name] = TABLE[name].read(raw, origin)
            origins[name] = origin
    _check_together(values, origins)
    _check_policy(values["pool_policy"], policies, origins["pool_policy"])
    loaded = Loaded(from_values(values, policies, hooks), origins)
    if (fault := loaded.settings.tokens.fault()) is not None:
        raise SettingsError(fault)
    return loaded


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    # An unknown TOTEBOARD_* variable is not an error: Kubernetes sets TOTEBOARD_SERVICE_HOST for
    # every service named "toteboard".
    names = ((name, PREFIX + name.upper()) for name in TABLE)
    return {name: environ[variable] for name, variable in names if variable in environ}


def _file(path: Path) -> dict[str, Any]:
    where = json.dumps(str(path))
    try:
        raws = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise SettingsError(f"config file {where} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise SettingsError(f"config file {where} is not TOML: {error}") from None
    except RecursionError:
        raise SettingsError(f"config file {where} is not TOML: too many brackets") from None
    for name in map(json.dumps, raws.keys() - TABLE.keys() - {POLICIES, HOOKS}):
        raise SettingsError(f"unknown setting {name} (from the file): see `toteboard config`")
    return raws


def _policies(raw: Any) -> Mapping[str, Policy]:
    try:
        return read_policies(raw)
    except PoliciesError as error:
        raise SettingsError(str(error)) from None


def _hooks(raw: Any) -> tuple[Hook, ...]:
    try:
        return read_hooks(raw)
    except HooksError as error:
        raise SettingsError(str(error)) from None


def _check_policy(name: str, policies: Mapping[str, Policy], origin: Origin) -> None:
    if name not in policies:
        wanted = f"expected one of {', '.join(policies)}"
        given = json.dumps(name)[:80]
        raise SettingsError(f"invalid value {given} for pool_policy (from the {origin}): {wanted}")


def _check_together(values: Mapping[str, Any], origins: Mapping[str, Origin]) -> None:
    for names, wanted in TOGETHER.items():
        present = [name for name in names if values[name] is not None]
        if 0 < len(present) < len(names):
            where = f"{present[0]} is set (from the {origins[present[0]]})"
            raise SettingsError(f"{where}: set {wanted}")


def from_values(
    values: Mapping[str, Any], policies: Mapping[str, Policy], hooks: tuple[Hook, ...] = ()
) -> Settings:
    """Return the settings with these values by key, each in the unit of its setting."""
    own, tokens, limits = (
        {each.name: values[each.name] for each in part}
        for part in (_OWN, fields(TokenSettings), _LIMITS)
    )
    limited = Limits(**limits, policies=policies)
    return Settings(**own, tokens=TokenSettings(**tokens), hooks=hooks, limits=limited)


def to_values(settings: Settings) -> dict[str, Any]:
    """Return the values of settings by key; those of the policies are mappings, by `POLICIES`.

    Hooks are left out: only the deciding process needs them, and their secrets.
    """
    own = {each.name: getattr(settings, each.name) for each in _OWN}
    return own | asdict(settings.tokens) | asdict(settings.limits)


def to_toml(loaded: Loaded, *, hides_secrets: bool = False) -> str:
    """Return the settings as TOML for `--config`, with the origin of each value.

    A setting without a value is written as an empty text, and read as no value again. With
    `hides_secrets`, a comment stands in for each secret, and for what would be refused without it:
    what is printed ends up in tickets.
    """
    settings, values = loaded.settings, to_values(loaded.settings)
    refused = _refused_without_secrets(loaded) if hides_secrets else ()
    lines = (
        f"# {name} is set, and not shown  # {loaded.origins[name]}\n"
        if hides_secrets and row.is_secret and values[name] is not None
        else f"{'# ' if name in refused else ''}"
        f"{name} = {row.kind.write(values[name])}  # {loaded.origins[name]}\n"
        for name, row in TABLE.items()
    )
    tables = written_policies(settings.limits.policies)
    return "".join(lines) + tables + written_hooks(settings.hooks, hides_secrets=hides_secrets)


def _refused_without_secrets(loaded: Loaded) -> set[str]:
    """Return the settings that would be refused in a file that leaves the secrets out.

    A secret of the environment is still there when the file is read.
    """
    is_set = loaded.settings.tokens.jwt_secret is not None
    if not is_set or loaded.origins["jwt_secret"] is Origin.ENVIRONMENT:
        return set()
    return {each.name for each in fields(TokenSettings)}


def click_options(*names: str) -> Callable[[ClickCommand], ClickCommand]:
    """Add `--config` and an option for each named setting to a click command (no names: all).

    The command receives `config: Path | None` and, for each setting, text or None, for `load`.
    """
    rows = [TABLE[name] for name in names or TABLE]

    def add(command: ClickCommand) -> ClickCommand:
        for row in reversed(rows):
            command = _option(row)(command)
        path = click.Path(path_type=Path)
        return click.option("--config", type=path, help=CONFIG)(command)

    return add


def _option(row: Setting) -> Callable[[ClickCommand], ClickCommand]:
    option = row.name.replace("_", "-")
    details = [row.bounds, f"default: {row.shown_default}"]
    about = f"{row.about}  [{'; '.join(filter(None, details))}]"
    if row.kind is KINDS["flag"]:
        return click.option(
            f"--{option}/--no-{option}", row.name, default=None, callback=_flag_text, help=about
        )
    metavar = "|".join(row.words) or row.kind.placeholder
    return click.option(f"--{option}", row.name, metavar=metavar, help=about)


def _flag_text(_context: click.Context, _option: click.Parameter, flag: bool | None) -> str | None:
    return None if flag is None else str(flag).lower()
