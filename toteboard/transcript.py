"""Prints the messages of the demo for people, one line each.

`toteboard/match.py` decides which messages are sent.
"""

import os
import re
import shutil
import textwrap
from collections.abc import Mapping
from typing import Any, Final, TextIO

import click

from actors.clock import Clock
from protocol.op import Op, Response

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEPT_WHOLE: Final = frozenset({"source_id", "game_id"})
"""Ids that a person may need: they are printed in full the first time."""
_COLOURS: Final = {"asks": "cyan", "gets": "green", "hears": "yellow"}
_NARROWEST: Final = 80
_ENVELOPE: Final = frozenset({"response_header", "res"})
_LONG: Final = 8
"""A message with more fields than this is printed in full only the first time."""

LEGEND: Final = """\
How to read it: the time since the match began; the user; "asks" for a request, "gets" for its
reply, "hears" for a publication; the code and its name; the fields. On the wire, messages are JSON
with times in epoch milliseconds. Here, times are relative to the start, and ids are shortened;
source and game ids are printed in full once. A nested object is printed as its keys, a pool's
target with its stakes and odds: "argentina 40 (x1.75)". Empty fields are left out, and so are
fields of long messages that have not changed since the last message with the same code."""


class Transcript:
    """Prints to `out` and flushes; in colour on a terminal, unless NO_COLOR is set."""

    def __init__(self, out: TextIO, clock: Clock) -> None:
        self._out, self._clock = out, clock
        self._is_coloured = out.isatty() and not os.environ.get("NO_COLOR")
        self._width = max(_NARROWEST, shutil.get_terminal_size((100, 24)).columns)
        self._began = clock.now()
        self._shown_last: dict[int, Mapping[str, Any]] = {}
        self._known_ids: set[str] = set()

    def begin(self) -> None:
        """Start a match: times count from now, and long messages are printed in full again."""
        self._began = self._clock.now()
        self._shown_last.clear()

    def say(self, text: str = "") -> None:
        """Print a text."""
        print(text, file=self._out, flush=True)

    def title(self, text: str) -> None:
        """Print what comes next."""
        self.say("\n" + self._styled(text, bold=True))

    def asked(self, who: str, op: Op, parameters: Mapping[str, Any]) -> None:
        """Print a request."""
        self._line(who, "asks", op.code, op.name, self._fields(parameters))

    def heard(self, who: str, message: Mapping[str, Any]) -> None:
        """Print a reply or a publication."""
        response = Response(message["res"])
        verb = "gets" if "request_id" in message["response_header"] else "hears"
        fields = self._fields(self._news(message))
        self._line(who, verb, response, response.name.lower(), fields or "(the same)")

    def _news(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the fields of a long message that differ from the last one with the same code."""
        if len(message) <= _LONG:
            return message
        last = self._shown_last.get(message["res"], {})
        self._shown_last[message["res"]] = message
        nothing = object()
        return {key: value for key, value in message.items() if last.get(key, nothing) != value}

    def _line(self, who: str, verb: str, code: int, name: str, fields: str) -> None:
        minutes, tenths = divmod(max(0, self._clock.now() - self._began) // 100, 600)
        when = f"{minutes:>3}:{tenths // 10:02}.{tenths % 10}  {who:<6} "
        what = f"{code:>4} {name}"
        head = f"{when}{verb:<6}{what}"
        text = textwrap.fill(
            f"{head}  {fields}".rstrip(),
            self._width,
            subsequent_indent=" " * (len(head) - len(name)),
            break_long_words=False,
            break_on_hyphens=False,
        )
        colour = "red" if code == Response.ERROR else _COLOURS[verb]
        styled = f"{verb:<6}{self._styled(what, fg=colour)}"
        self.say(when + styled + text[len(head) :])

    def _fields(self, fields: Mapping[str, Any]) -> str:
        shown = {key: value for key, value in fields.items() if key not in _ENVELOPE}
        return " ".join(
            f"{key}={self._shown(key, value)}"
            for key, value in shown.items()
            if value is not None and value not in ({}, [])
        )

    def _shown(self, key: str, value: Any) -> str:
        if isinstance(value, dict):
            return f"{{{', '.join(self._key(*inner) for inner in value.items())}}}"
        if isinstance(value, list):
            return f"[{', '.join(self._item(item) for item in value)}]"
        if key.endswith(("_at", "_since")) and isinstance(value, int):
            return f"{(value - self._began) / 1_000:+.1f}s"
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if _UUID.fullmatch(text):
            return self._id(key, text)
        return f'"{text}"' if " " in text else text

    def _id(self, key: str, text: str) -> str:
        is_new = key in _KEPT_WHOLE and text not in self._known_ids
        self._known_ids.add(text)
        return text if is_new else f"{text[:8]}.."

    def _key(self, key: str, value: Any) -> str:
        name = self._shown("", key)
        if not isinstance(value, dict):
            return f"{name}={self._shown(key, value)}"
        if "backing_money" in value:
            return f"{name} {value['backing_money']:g} (x{value['to_win_if_backed']:g})"
        return name + (self._shown("", value["targets"]) if value.get("targets") else "")

    def _item(self, item: Any) -> str:
        return f"({self._fields(item)})" if isinstance(item, dict) else self._shown("", item)

    def _styled(self, text: str, **style: Any) -> str:
        return click.style(text, **style) if self._is_coloured else text
