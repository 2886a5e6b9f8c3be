"""Where a page of a list ends, as the text `before` of an answer and of the next query.

The text has three parts, such as `1700000000000-DON-7`. Clients send it back as it is.
"""

from game.shapes import whole_number
from storage.listings import PagePlace
from toteboard.api.refusals import invalid_value


def place_text(place: PagePlace | None) -> str | None:
    """Return a place as text; None after the last page."""
    return None if place is None else "-".join(map(str, place))


def read_place(text: str | None) -> PagePlace | None:
    """Return the place that `before` names, None for the first page. Raise ApiRefusal."""
    if text is None:
        return None
    try:
        first, word, last = text.split("-")
        return _number(first), word, _number(last)
    except ValueError:
        raise invalid_value("before", "what the page before has returned") from None


def _number(text: str) -> int:
    """Return a number that SQLite can compare. Raise ValueError."""
    number = whole_number(text)
    if number is None:
        raise ValueError(text)
    return number
