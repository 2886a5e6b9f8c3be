"""The values of options that take a number, beyond the settings."""

from collections.abc import Callable
from typing import TypeVar

import click

Number = TypeVar("Number", int, float)


def number_option(kind: type[Number], least: Number, most: Number) -> Callable[[str], Number]:
    """Return the type of a click option that takes a number from `least` to `most`."""
    name = "a whole number" if kind is int else "a number"

    def read(text: str) -> Number:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not least <= value <= most:
            raise click.BadParameter(f"{text!r} is not {name} from {least:,} to {most:,}")
        return value

    return read
