"""The examples of the API document, corrected as a developer would who has to send them.

`games_chapter.md` is the printed text. The parser accepts `".."` (and so on), commas before a
closing brace, and a missing brace.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import orjson

PRINTED = Path(__file__).with_name("games_chapter.md")
EXAMPLE_ID = "30cee1fa-fb20-41a6-a61c-0e0335abc2a9"
"""The id that the document prints for every source and every game."""

Message = dict[str, Any]


def request(heading: str, **ids: str) -> str:
    """Return the request of a section, with these ids filled in."""
    text = _as_sent(_blocks(heading)[0])
    for name, value in ids.items():
        text = text.replace(f'"{name}": "{EXAMPLE_ID}"', f'"{name}": "{value}"')
    assert EXAMPLE_ID not in text
    return text


def answer(heading: str, number: int = 1, **filled_in: Any) -> Message:
    """Return a section's reply (1), or another of its messages, with these values filled in."""
    message: Message = orjson.loads(_as_sent(_blocks(heading)[number]))
    assert filled_in.keys() <= message.keys()
    return message | filled_in


def _as_sent(printed: str) -> str:
    text = re.sub(r',\s*"\.\."', "", printed)
    text = re.sub(r",(\s*[}\]])", r"\1", text)
    return text + "}" * (text.count("{") - text.count("}"))


@cache
def _blocks(heading: str) -> list[str]:
    sections = re.split(r"(?m)^## ", PRINTED.read_text("utf-8"))
    (section,) = (text for text in sections if text.startswith(f"{heading}\n"))
    return re.findall(r"(?ms)^```json\n(.*?)^```$", section)
