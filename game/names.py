"""Names and what is derived from them: ids, symbols, paths of nested targets, hashtags.

Contract, section 6, "Names". `game/shapes.py` reads a list of names from a message.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate

_WHITE_SPACE = re.compile(r"\s+")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embeddings, overrides and isolates. They change the direction of the text around a name."""
_BLANK = re.compile(
    "[\u115f\u1160\u2065\u2800\u3164\uffa0\ufdd0-\ufdef\ufff0-\ufff8\ufffe\uffff"
    "\U00013441\U00013442\U0001d159\U000e0000-\U000e0fff]"
)
"""Fillers, blanks and non-characters: invisible, although their category does not show it."""
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Mc", "Me"))
"""Categories of characters that are invisible alone."""

NONE = "none"
"""The target that every game has. It wins if no other target does."""
NONE_DISPLAY = "None"
POOL_ACTION_PREFIX = "pool-"
MOST_SHARED = 10_000
"""How many strings are shared by games."""


def is_readable(name: str) -> bool:
    """Return whether a name has a visible character and no bidirectional control."""
    if name.isascii():
        return bool(name.strip())
    return _BIDI.search(name) is None and any(map(_is_visible, name))


@lru_cache(maxsize=4_096)
def name_id(name: str) -> str:
    """Return a name's id: NFC, lower case, NFC again, and a `-` for each run of white space."""
    lowered = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())
    return _WHITE_SPACE.sub("-", lowered)


def path_id(path: str) -> str:
    """Return the id of a target path: the ids of its segments, joined by `:`."""
    return ":".join(name_id(segment) for segment in path.split(":"))


def symbol(identifier: str) -> str:
    """Return the first three characters of an id."""
    return identifier[:3]


def hashtag(name: str) -> str:
    """Return the default hashtag of a game: `#ArgBra` for `Argentina - Brazil`."""
    letters = unicodedata.normalize("NFC", name)
    runs = "".join(c if c.isalpha() or c.isdigit() else " " for c in letters).split()
    return "#" + "".join(run[0].upper() + run[1:3] for run in runs)


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """Return a text as searches compare it: without case and accents."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def with_parents(path: str) -> list[str]:
    """Return a path and its parents from the top: `a`, `a:b` for `a:b`."""
    return list(accumulate(path.split(":"), lambda parent, segment: f"{parent}:{segment}"))


@lru_cache(MOST_SHARED)
def shared(text: str) -> str:
    """Return an equal string, the same one each time: the games of a season repeat their names.

    `sys.intern` would keep every name for ever on some versions of Python.
    """
    return text


def new_actions(known: dict[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return the display names, by id, of names that are not known. The first spelling counts."""
    fresh: dict[str, str] = {}
    for name in names:
        identifier = name_id(name)
        if identifier not in known:
            fresh.setdefault(identifier, name)
    return fresh


def new_targets(known: dict[str, str], paths: Iterable[str]) -> dict[str, str]:
    """Return the display names, by path id, of the targets and parents that are not known."""
    fresh: dict[str, str] = {}
    for identifier, display in _levels(paths):
        if identifier not in known:
            fresh.setdefault(identifier, display)
    return fresh


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in _UNSEEN and _BLANK.match(character) is None


def _levels(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    for path in paths:
        yield from zip(with_parents(path_id(path)), path.split(":"), strict=True)
