"""Names and what is made of them: ids, symbols, paths of nested targets, hashtags.

Contract, section 6, "Names". How a list of names is read from a message is `game/shapes.py`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import accumulate

_WHITE_SPACE = re.compile(r"\s+")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embeddings, overrides and isolates: they change how the text around a name is shown."""
_BLANK = re.compile(
    "[\u115f\u1160\u2065\u2800\u3164\uffa0\ufdd0-\ufdef\ufff0-\ufff8\ufffe\uffff"
    "\U00013441\U00013442\U0001d159\U000e0000-\U000e0fff]"
)
"""What is drawn as nothing though its category does not say so: fillers, blanks, no characters."""
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Mc", "Me"))
"""Categories of what is drawn as nothing, or only upon another character."""

NONE = "none"
"""The target that is always there: it wins when nothing else does."""
NONE_DISPLAY = "None"
POOL_ACTION_PREFIX = "pool-"


def is_readable(name: str) -> bool:
    """Whether a name has something to see, and leaves the direction of what is around it alone."""
    if name.isascii():
        return bool(name.strip())
    return _BIDI.search(name) is None and any(map(_is_visible, name))


@lru_cache(maxsize=4_096)
def name_id(name: str) -> str:
    """A name's id: NFC, lower case, NFC again, each run of white space one `-`."""
    lowered = unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).lower())
    return _WHITE_SPACE.sub("-", lowered)


def path_id(path: str) -> str:
    """The id of a target path: the ids of its segments, joined by `:`."""
    return ":".join(name_id(segment) for segment in path.split(":"))


def symbol(identifier: str) -> str:
    """The first three characters of an id."""
    return identifier[:3]


def hashtag(name: str) -> str:
    """The hashtag of a game that was given none: `Argentina - Brazil` gives `#ArgBra`."""
    letters = unicodedata.normalize("NFC", name)
    runs = "".join(c if c.isalpha() or c.isdigit() else " " for c in letters).split()
    return "#" + "".join(run[0].upper() + run[1:3] for run in runs)


def with_parents(path: str) -> list[str]:
    """A path and the paths above it, from the top: `a:b` gives `a`, `a:b`."""
    return list(accumulate(path.split(":"), lambda parent, segment: f"{parent}:{segment}"))


def new_actions(known: dict[str, str], names: Iterable[str]) -> dict[str, str]:
    """The display names by id of those names that are not known; the first spelling counts."""
    fresh: dict[str, str] = {}
    for name in names:
        identifier = name_id(name)
        if identifier not in known:
            fresh.setdefault(identifier, name)
    return fresh


def new_targets(known: dict[str, str], paths: Iterable[str]) -> dict[str, str]:
    """The display names by path id of those targets, and of their parents, that are not known."""
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
