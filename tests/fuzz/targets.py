"""The targets by their kinds, as the command line and the files of `found/` name them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.fuzz.http.target import HttpTarget
from tests.fuzz.messages_target import MessagesTarget
from tests.fuzz.target import Target

TARGETS: Final[Mapping[str, Callable[..., Target[Any]]]] = {
    "messages": MessagesTarget,
    "http": HttpTarget,
}
