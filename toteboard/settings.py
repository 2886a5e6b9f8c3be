"""What an operator may set, and where each value came from (docs/reference/settings.md).

One table, `TABLE`, is derived from the fields of `Settings` and `Limits`; the command line, the
environment, the TOML file and `toteboard config` are read and written by it alone. What a limit
means is in `protocol/limits.py`; nothing here opens a socket, a database or a certificate.
"""

import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from attrs import Attribute, asdict, field, fields, frozen

from protocol.limits import Limits
from toteboard.settings_about import ABOUT, CONFIG

PREFIX: Final = "TOTEBOARD_"
UNITS: Final = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
Command = TypeVar("Command", bound=Callable[..., Any])


class SettingsError(click.ClickException):
    """A setting that cannot be used: one sentence naming the key, its origin and what is wanted."""

    exit_code = 2


class Origin(StrEnum):
    """Where a value comes from, the weakest first."""

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


def _whole(default: int, maximum: int) -> Any:
    return field(default=default, metadata={"kind": "whole", "maximum": maximum})


def _duration(default: int) -> Any:
    return field(default=default, metadata={"kind": "duration"})


def _flag(default: bool) -> Any:
    return field(default=default, metadata={"kind": "flag"})


@frozen(kw_only=True)
class Settings:
    """What a server runs with. Port 0: any free one; `operator_port` -1: none.

    `public_url`: the WebSocket address that browsers are to use, if it is not this machine's.
    `trusted_hops`: how many proxies stand in front of the server, whose word on who asks counts.
    `clock_patience`: milliseconds for which a large step of the machine's clock is not followed.
    `key_file` of None: see `toteboard/key_file.py`.
    A `log_format` of None is settled when the log is opened: console on a terminal, else json.
    """

    host: str = _text("127.0.0.1")
    port: int = _port(9_999, minimum=0)
    operator_port: int = _port(9_998, minimum=-1)
    operator_host: str = _text("127.0.0.1")
    signup: bool = _flag(True)
    public_url: str | None = field(default=None, metadata={"kind": "websocket"})
    trusted_hops: int = _whole(0, maximum=10)
    database: str = _text("toteboard.db")
    key_file: str | None = _text(None)
    clock_patience: int = _duration(60_000)
    log_format: str | None = _word(None, "json", "console")
    log_level: str = _word("info", "debug", "info", "warning", "error")
    tls_cert: str | None = _text(None)
    tls_key: str | None = _text(None)
    limits: Limits = field(factory=Limits)

    @property
    def is_secure(self) -> bool:
        """Whether the public port is behind TLS."""
        return self.tls_cert is not None


@frozen
class Loaded:
    """The settings in force and the origin of each, by key."""

    settings: Settings
    origins: Mapping[str, Origin]


def _match(pattern: str, raw: object) -> re.Match[str]:
    found = re.fullmatch(pattern, str(raw))
    if found is None:
        raise ValueError(raw)
    return found


def _read_text(raw: Any) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError(raw)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in raw):
        raise ValueError(raw)
    return raw.strip()


def _read_websocket(raw: Any) -> str:
    # It becomes a part of a header: nothing in it may end that part.
    return _match(r"wss?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?", raw)[0]


def _read_list(raw: Any) -> tuple[str, ...]:
    parts = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(parts, list):
        raise ValueError(raw)
    return tuple(_read_text(part) for part in parts if part != "" and not str(part).isspace())


def _read_whole(raw: Any) -> int:
    return int(_match(r"-?[0-9]{1,15}", raw)[0])


def _read_duration(raw: Any) -> int:
    number, unit = _match(r"([0-9]{1,15})(ms|s|m|h)", raw).groups()
    return int(number) * UNITS[unit]


def _read_amount(raw: Any) -> int:
    whole, hundredths = _match(r"([0-9]{1,15})(?:\.([0-9]{1,2}))?", raw).groups(default="")
    return int(whole) * 100 + int(hundredths.ljust(2, "0"))


def _read_flag(raw: Any) -> bool:
    return _match(r"(?i)true|false", raw)[0].lower() == "true"


def _write_text(value: str | None) -> str:
    return json.dumps(value or "", ensure_ascii=False)


def _write_list(value: Iterable[str]) -> str:
    return f"[{', '.join(map(_write_text, value))}]"


def _write_duration(value: int) -> str:
    unit = next(unit for unit, size in UNITS.items() if value % size == 0)
    return f'"{value // UNITS[unit]}{unit}"'


def _write_amount(value: int) -> str:
    return f"{value // 100}.{value % 100:02d}"


@frozen
class Kind:
    """How values of a kind look. `read` takes text or what TOML holds; `write` gives TOML.

    `maximum` bounds the numbers: what is larger is a slip of the pen, not a wish. `placeholder`
    stands for a value in `--help`.
    """

    wanted: str
    placeholder: str
    read: Callable[[Any], Any]
    write: Callable[[Any], str]
    maximum: int | None = None


KINDS: Final = {
    "text": Kind("text", "TEXT", _read_text, _write_text),
    "websocket": Kind("a ws or wss address", "URL", _read_websocket, _write_text),
    "word": Kind("one of", "WORD", _read_text, _write_text),
    "whole": Kind("a whole number", "N", _read_whole, str, 10**12),
    "duration": Kind(
        "a duration (ms, s, m or h)", "TIME", _read_duration, _write_duration, 87_600 * UNITS["h"]
    ),
    "amount": Kind("an amount", "AMOUNT", _read_amount, _write_amount, 10**14),
    "flag": Kind("true or false", "", _read_flag, lambda value: str(value).lower()),
    "list": Kind("a comma-separated list", "LIST", _read_list, _write_list),
}


@frozen
class Setting:
    """A row of the table: a key, what it may hold, and its default (None: it may be empty)."""

    name: str
    kind: Kind
    default: Any
    minimum: int
    maximum: int | None
    words: tuple[str, ...]
    about: str

    @property
    def wanted(self) -> str:
        """What a good value is, for people."""
        if self.words:
            return f"{self.kind.wanted} {', '.join(self.words)}"
        if self.maximum is None:
            return self.kind.wanted
        return f"{self.kind.wanted} from {self.shown(self.minimum)} to {self.shown(self.maximum)}"

    @property
    def bounds(self) -> str:
        """What a value may be, in a word or two; nothing if its placeholder says it."""
        if self.kind is KINDS["duration"]:
            return f"at least {self.shown(self.minimum)}"
        if self.maximum is None:
            return ""
        most = "or more" if self.maximum == self.kind.maximum else f"to {self.shown(self.maximum)}"
        return f"{self.shown(self.minimum)} {most}"

    @property
    def shown_default(self) -> str:
        """The default as one types it; `none` if there is none."""
        return "none" if self.default in (None, ()) else self.shown(self.default)

    def shown(self, value: Any) -> str:
        """A value as one types it on a command line."""
        return self.kind.write(value).strip('"')

    def read(self, raw: Any, origin: Origin) -> Any:
        """The value of `raw`, in milliseconds, hundredths or as it is. Raises SettingsError."""
        try:
            return self._parsed(raw)
        except ValueError:
            given = json.dumps(raw, default=str)[:80]
            raise SettingsError(
                f"{self.name}, from the {origin}, must be {self.wanted}, not {given}"
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
    )


_OWN: Final = tuple(attribute for attribute in fields(Settings) if attribute.name != "limits")
TABLE: Final = {each.name: _row(each) for each in (*_OWN, *fields(Limits))}


def load(
    command_line: Mapping[str, str | None], environ: Mapping[str, str], config: Path | None
) -> Loaded:
    """The settings in force: command line over environment over file over default.

    `command_line` has text by key (None: not given); `config` is the file's path, else
    `TOTEBOARD_CONFIG` of `environ` names it. Raises SettingsError, also for a bad value that a
    stronger origin overrides.
    """
    named = environ.get(PREFIX + "CONFIG")
    path = config or (Path(named) if named else None)
    given: dict[Origin, Mapping[str, Any]] = {
        Origin.FILE: _file(path) if path else {},
        Origin.ENVIRONMENT: _environment(environ),
        Origin.COMMAND_LINE: {k: text for k, text in command_line.items() if text is not None},
    }
    values = {name: row.default for name, row in TABLE.items()}
    origins = dict.fromkeys(TABLE, Origin.DEFAULT)
    for origin, raws in given.items():
        for name, raw in raws.items():
            values[name] = TABLE[name].read(raw, origin)
            origins[name] = origin
    _check_tls(values, origins)
    return Loaded(_settings(values), origins)


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    # An unknown TOTEBOARD_* is not refused: Kubernetes and Docker links make such variables
    # (TOTEBOARD_SERVICE_HOST) for every service of that name.
    names = {name: PREFIX + name.upper() for name in TABLE}
    return {name: environ[variable] for name, variable in names.items() if variable in environ}


def _file(path: Path) -> dict[str, Any]:
    where = json.dumps(str(path))
    try:
        raws = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise SettingsError(f"config file {where} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise SettingsError(f"config file {where} is not TOML: {error}") from None
    for name in raws.keys() - TABLE.keys():
        raise SettingsError(
            f"{json.dumps(name)}, from the file, is not a setting: `toteboard config` lists them"
        )
    return raws


def _check_tls(values: Mapping[str, Any], origins: Mapping[str, Origin]) -> None:
    pair = ("tls_cert", "tls_key")
    present = [name for name in pair if values[name] is not None]
    if len(present) == 1:
        only = present[0]
        raise SettingsError(
            f"{only}, from the {origins[only]}, must come with the other of {' and '.join(pair)}"
        )


def _settings(values: Mapping[str, Any]) -> Settings:
    own = {each.name: values[each.name] for each in _OWN}
    limits = {each.name: values[each.name] for each in fields(Limits)}
    return Settings(**own, limits=Limits(**limits))


def to_toml(loaded: Loaded) -> str:
    """What `toteboard config` prints: TOML for `--config`, each line saying its value's origin.

    A setting that is none is an empty text, and is read as none again.
    """
    values = asdict(loaded.settings, recurse=False) | asdict(loaded.settings.limits)
    return "".join(
        f"{name} = {row.kind.write(values[name])}  # {loaded.origins[name]}\n"
        for name, row in TABLE.items()
    )


def click_options(*names: str) -> Callable[[Command], Command]:
    """Give a click command `--config` and an option for each setting named (none named: all).

    The command gets `config: Path | None` and, for each, text or None: `load`'s `command_line`.
    """
    rows = [TABLE[name] for name in names or TABLE]

    def add(command: Command) -> Command:
        for row in reversed(rows):
            command = _option(row)(command)
        path = click.Path(path_type=Path)
        return click.option("--config", type=path, help=CONFIG)(command)

    return add


def _option(row: Setting) -> Callable[[Command], Command]:
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
