"""The shapes of parameters: what a value must be, and how it is read from JSON.

Contract, section 1, "Values". Each field of a command or query names a shape, and
`protocol/codec.py` reads the field with it. `null` and blank strings count as "not given" and never
reach a shape.
"""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from attrs import frozen

from game.money import hundredths
from game.names import NONE, POOL_ACTION_PREFIX, is_readable, name_id
from game.vocabulary import LARGEST_TIME, LONGEST_BET_DELAY_MS, NAME_LENGTH

READABLE = "at least one visible and no bidirectional control character"
_DIGITS = re.compile(r"-?[0-9]+", re.ASCII)


class WrongShapeError(ValueError):
    """The value does not have the shape. The text ends the sentence "'x' must be ..."."""


@frozen
class Text:
    """A string of `minimum` to `maximum` code points, trimmed."""

    maximum: int
    minimum: int = 1

    @property
    def wanted(self) -> str:
        """Return what the value must be, in words."""
        return f"a string of {self.minimum} to {self.maximum} characters"

    def read(self, value: Any) -> str:
        """Return the value, trimmed. Raises `WrongShapeError`."""
        if not isinstance(value, str) or not self.minimum <= len(value.strip()) <= self.maximum:
            raise WrongShapeError(self.wanted)
        return value.strip()


@frozen
class Name(Text):
    """A text that a page shows: a name, a question, a reason."""

    @property
    def wanted(self) -> str:
        """Return what the value must be, in words."""
        return f"{super().wanted}, {READABLE}"

    def read(self, value: Any) -> str:
        """Return the value, trimmed. Raises `WrongShapeError`."""
        if not isinstance(value, str) or not is_readable(text := super().read(value)):
            raise WrongShapeError(self.wanted)
        return text


@frozen
class Id:
    """An id from the server. Another string is an unknown id, and still has the right shape."""

    wanted = "a string"

    def read(self, value: Any) -> str:
        """Return the string, trimmed. Raises `WrongShapeError`."""
        if not isinstance(value, str):
            raise WrongShapeError(self.wanted)
        return value.strip()


@frozen
class Whole:
    """An integer, or its ASCII digits as a string."""

    minimum: int = -LARGEST_TIME
    maximum: int = LARGEST_TIME
    what: str = "an integer"

    @property
    def wanted(self) -> str:
        """Return what the value must be, in words."""
        return f"{self.what} from {self.minimum} to {self.maximum}"

    def read(self, value: Any) -> int:
        """Return the integer. Raises `WrongShapeError`."""
        number = whole_number(value)
        if number is None or not self.minimum <= number <= self.maximum:
            raise WrongShapeError(self.wanted)
        return number


@frozen
class Flag:
    """A boolean, or `true` or `false` in any case as a string."""

    wanted = "true or false"

    def read(self, value: Any) -> bool:
        """Return the boolean. Raises `WrongShapeError`."""
        if isinstance(value, str) and value.strip().lower() in ("true", "false"):
            return value.strip().lower() == "true"
        if not isinstance(value, bool):
            raise WrongShapeError(self.wanted)
        return value


@frozen
class Amount:
    """An amount of money above 0: a number or a string with at most two decimals."""

    wanted = "an amount above 0 and at most 10^12, with at most two decimals"

    def read(self, value: Any) -> int:
        """Return the amount in hundredths. Raises `WrongShapeError`."""
        try:
            amount = hundredths(value.strip() if isinstance(value, str) else value)
        except (ValueError, TypeError):
            raise WrongShapeError(self.wanted) from None
        if amount <= 0:
            raise WrongShapeError(self.wanted)
        return amount


@frozen
class OneOf:
    """One of some words."""

    words: tuple[str, ...]

    @property
    def wanted(self) -> str:
        """Return what the value must be, in words."""
        return f"one of {', '.join(self.words)}"

    def read(self, value: Any) -> str:
        """Return the word, trimmed. Raises `WrongShapeError`."""
        if not isinstance(value, str) or (word := value.strip()) not in self.words:
            raise WrongShapeError(self.wanted)
        return word


@frozen
class NameRef:
    """The name or the id of an action. It is read as the id."""

    wanted = "the name of an action"

    def read(self, value: Any) -> str:
        """Return the id. Raises `WrongShapeError`."""
        if not isinstance(value, str):
            raise WrongShapeError(self.wanted)
        return name_id(value.strip())


@frozen
class PathRef:
    """The path of a target, in names or ids. It is read as the id."""

    wanted = "a target such as 'Argentina' or 'Argentina:1'"

    def read(self, value: Any) -> str:
        """Return the id of the path. Raises `WrongShapeError`."""
        if not isinstance(value, str):
            raise WrongShapeError(self.wanted)
        return ":".join(name_id(segment.strip()) for segment in value.split(":"))


@frozen
class Currency:
    """A currency: 1 to 16 capital letters and digits."""

    wanted = "a currency of 1 to 16 capital letters and digits"

    def read(self, value: Any) -> str:
        """Return the currency. Raises `WrongShapeError`."""
        if not isinstance(value, str) or not re.fullmatch(r"[A-Z0-9]{1,16}", value.strip()):
            raise WrongShapeError(self.wanted)
        return value.strip()


@frozen
class Url:
    """An http or https address of at most `maximum` characters."""

    maximum: int

    @property
    def wanted(self) -> str:
        """Return what the value must be, in words."""
        return f"an http or https URL of at most {self.maximum} characters"

    def read(self, value: Any) -> str:
        """Return the address. Raises `WrongShapeError`."""
        text = Text(self.maximum).read(value) if _is_text(value, self.maximum) else ""
        if not _is_web_address(text):
            raise WrongShapeError(self.wanted)
        return text


@frozen
class ActionNames:
    """Names of actions: an array of strings, or one comma-separated string."""

    wanted = (
        f"a list of action names of 1 to 200 characters, {READABLE}, without ':', and not "
        "starting with 'pool-'"
    )

    def read(self, value: Any) -> tuple[str, ...]:
        """Return the names, trimmed, without empty ones. Raises `WrongShapeError`."""
        names = _names(value, self.wanted)
        if not all(_is_name(name) and _is_action(name) for name in names):
            raise WrongShapeError(self.wanted)
        return names


@frozen
class GameIds:
    """Ids of games: an array of strings, or one comma-separated string."""

    wanted = "a list of game ids"

    def read(self, value: Any) -> tuple[str, ...]:
        """Return the ids without repetitions. Raises `WrongShapeError`."""
        return tuple(dict.fromkeys(_names(value, self.wanted)))


@frozen
class TargetPaths:
    """Target paths such as `Argentina:1`: an array of strings, or one comma-separated string."""

    wanted = (
        f"a list of target paths: names of 1 to 200 characters, {READABLE}, joined by ':', with "
        "nothing below 'none'"
    )

    def read(self, value: Any) -> tuple[str, ...]:
        """Return the paths, segments trimmed, without empty entries. Raises `WrongShapeError`."""
        return tuple(self._path(entry) for entry in _names(value, self.wanted))

    def _path(self, entry: str) -> str:
        segments = [segment.strip() for segment in entry.split(":")]
        below_none = len(segments) > 1 and name_id(segments[0]) == NONE
        if below_none or not all(map(_is_name, segments)):
            raise WrongShapeError(self.wanted)
        return ":".join(segments)


@frozen
class PathRefs:
    """At most `maximum` targets: an array of strings, or one comma-separated string."""

    maximum: int

    @property
    def wanted(self) -> str:
        """Return what the value must be, in words."""
        return f"a list of at most {self.maximum} targets"

    def read(self, value: Any) -> tuple[str, ...]:
        """Return the ids of the paths, without repetitions. Raises `WrongShapeError`."""
        paths = tuple(dict.fromkeys(map(PathRef().read, _names(value, self.wanted))))
        if len(paths) > self.maximum:
            raise WrongShapeError(self.wanted)
        return paths


Shape = (
    Text
    | Name
    | Id
    | Whole
    | Flag
    | Amount
    | OneOf
    | NameRef
    | PathRef
    | PathRefs
    | Currency
    | Url
    | ActionNames
    | GameIds
    | TargetPaths
)
"""A shape has `wanted` and `read`."""

EntityId = Annotated[str, Id()]
GameName = Annotated[str, Name(NAME_LENGTH)]
Word = Annotated[str, Name(64)]
Username = Annotated[str, Text(50)]
Millis = Annotated[int, Whole(what="a time in epoch milliseconds")]
Count = Annotated[int, Whole(minimum=0)]
BetDelay = Annotated[int, Whole(0, LONGEST_BET_DELAY_MS, "a delay in milliseconds")]
Switch = Annotated[bool, Flag()]
Stake = Annotated[int, Amount()]
ActionId = Annotated[str, NameRef()]
TargetId = Annotated[str, PathRef()]
TargetIds = Annotated[tuple[str, ...], PathRefs(20)]
CurrencyCode = Annotated[str, Currency()]
WebAddress = Annotated[str, Url(2_048)]
Actions = Annotated[tuple[str, ...], ActionNames()]
Targets = Annotated[tuple[str, ...], TargetPaths()]


def whole_number(value: Any) -> int | None:
    """Return the integer of a JSON integer or of ASCII digits, else None.

    Digits beyond 64 bits are no integer either, because a reply could not repeat it as JSON.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and _DIGITS.fullmatch(value.strip()) and len(value) <= 32:
        number = int(value)
        return number if abs(number) < 2**63 else None
    return None


def is_given(value: Any) -> bool:
    """Return whether a parameter counts as given. Null and blank strings do not."""
    return value is not None and not (isinstance(value, str) and not value.strip())


def _names(value: Any, wanted: str) -> tuple[str, ...]:
    entries = value.split(",") if isinstance(value, str) else value
    if not isinstance(entries, list):
        raise WrongShapeError(wanted)
    given = [entry for entry in entries if is_given(entry)]
    if not all(isinstance(entry, str) for entry in given):
        raise WrongShapeError(wanted)
    return tuple(entry.strip() for entry in given)


def _is_name(name: str) -> bool:
    return 1 <= len(name) <= NAME_LENGTH and is_readable(name)


def _is_action(name: str) -> bool:
    return ":" not in name and not name_id(name).startswith(POOL_ACTION_PREFIX)


def _is_text(value: Any, maximum: int) -> bool:
    return isinstance(value, str) and 1 <= len(value.strip()) <= maximum


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(text.split()) == 1
