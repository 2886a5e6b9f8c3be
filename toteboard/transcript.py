"""How the demo shows what goes over the wire: a line a message, for people.

Only the form is decided here. Who says what is `toteboard/match.py`.
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
"""Ids that a person may want: they are cut only from the second time on."""
_COLOURS: Final = {"asks": "cyan", "gets": "green", "hears": "yellow"}
_NARROWEST: Final = 80
_ENVELOPE: Final = frozenset({"response_header", "res"})
_LONG: Final = 8
"""A message of more fields than this is shown whole the first time only."""

LEGEND: Final = """\
How to read it: the time since the match began; who; "asks" is a request, "gets" its reply, "hears"
a publication; the code and its name; the fields. On the wire it is all JSON, with times in epoch
milliseconds. Here times are relative to the beginning; ids are cut, those of sources and games
after the first time; nested objects are their keys, of a pool's targets with stakes and odds,
"argentina 40 (x1.75)"; fields without a value are left out, and so are, in long messages, those
that have not changed since the last one of that code."""


class Transcript:
    """Writes to `out` at once; colours for a terminal alone, and not if NO_COLOR is set."""

    def __init__(self, out: TextIO, clock: Clock) -> None:
        self._out, self._clock = out, clock
        self._is_coloured = out.isatty() and not os.environ.get("NO_COLOR")
        self._width = max(_NARROWEST, shutil.get_terminal_size((100, 24)).columns)
        self._began = clock.now()
        self._shown_last: dict[int, Mapping[str, Any]] = {}
        self._known_ids: set[str] = set()

    def begin(self) -> None:
        """From now on times are relative to this moment, and long messages shown whole once."""
        self._began = self._clock.now()
        self._shown_last.clear()

    def say(self, text: str = "") -> None:
        """A text of the demo's own, as it is."""
        print(text, file=self._out, flush=True)

    def title(self, text: str) -> None:
        """What comes next."""
        self.say("\n" + self._styled(text, bold=True))

    def asked(self, who: str, op: Op, parameters: Mapping[str, Any]) -> None:
        """A request."""
        self._line(who, "asks", op.code, op.name, self._fields(parameters))

    def heard(self, who: str, message: Mapping[str, Any]) -> None:
        """A reply or a publication."""
        response = Response(message["res"])
        verb = "gets" if "request_id" in message["response_header"] else "hears"
        fields = self._fields(self._news(message))
        self._line(who, verb, response, response.name.lower(), fields or "(the same)")

    def _news(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a long message says that the last one of its code did not."""
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
