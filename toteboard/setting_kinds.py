"""The kinds of settings: how a value is read from text or TOML, and written as TOML."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, Final

from attrs import frozen

MS_BY_UNIT: Final = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}


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
    # The value becomes part of a header, so it must not contain a separator.
    return _match(r"wss?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?", raw)[0]


def _read_address(raw: Any) -> str:
    found = _match(r"([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\]):([0-9]{1,5})", raw)
    if not 1 <= int(found[2]) <= 65_535:
        raise ValueError(raw)
    return found[0]


def _read_list(raw: Any) -> tuple[str, ...]:
    parts = raw.split(",") if isinstance(raw, str) else raw
    if not isinstance(parts, list):
        raise ValueError(raw)
    return tuple(_read_text(part) for part in parts if part != "" and not str(part).isspace())


def _read_origins(raw: Any) -> tuple[str, ...]:
    return tuple(_read_origin(each) for each in _read_list(raw))


def _read_origin(text: str) -> str:
    # Origins are compared as texts. A browser sends no capitals and no default port.
    host = r"(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])"
    scheme, port = _match(rf"([a-z][a-z0-9+.-]*)://{host}(?::([1-9][0-9]{{0,4}}))?", text).groups()
    if port and (port == _DEFAULT_PORTS.get(scheme) or int(port) > 65_535):
        raise ValueError(text)
    return text


def _read_whole(raw: Any) -> int:
    return int(_match(r"-?[0-9]{1,15}", raw)[0])


def _read_duration(raw: Any) -> int:
    number, unit = _match(r"([0-9]{1,15})(ms|s|m|h)", raw).groups()
    return int(number) * MS_BY_UNIT[unit]


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
    unit = next(unit for unit, size in MS_BY_UNIT.items() if value % size == 0)
    return f'"{value // MS_BY_UNIT[unit]}{unit}"'


def _write_amount(value: int) -> str:
    return f"{value // 100}.{value % 100:02d}"


@frozen
class Kind:
    """The form of a kind of values. `read` accepts text or a TOML value; `write` returns TOML.

    `maximum` bounds numbers: larger values are assumed to be typos. `placeholder` stands for a
    value in `--help`.
    """

    wanted: str
    placeholder: str
    read: Callable[[Any], Any]
    write: Callable[[Any], str]
    maximum: int | None = None


KINDS: Final = {
    "text": Kind("text", "TEXT", _read_text, _write_text),
    "websocket": Kind("a ws or wss address", "URL", _read_websocket, _write_text),
    "address": Kind("an address with a port", "HOST:PORT", _read_address, _write_text),
    "word": Kind("one of", "WORD", _read_text, _write_text),
    "whole": Kind("a whole number", "N", _read_whole, str, 10**12),
    "duration": Kind(
        "a duration (ms, s, m or h)",
        "TIME",
        _read_duration,
        _write_duration,
        87_600 * MS_BY_UNIT["h"],
    ),
    "amount": Kind("an amount", "AMOUNT", _read_amount, _write_amount, 10**14),
    "flag": Kind("true or false", "", _read_flag, lambda value: str(value).lower()),
    "list": Kind("a comma-separated list", "LIST", _read_list, _write_list),
    "origins": Kind(
        "a comma-separated list of origins such as https://games.example:8443",
        "LIST",
        _read_origins,
        _write_list,
    ),
}
