"""The targets by kind, as the command line and the files of `found/` name them."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.campaigns.fuzz.http.target import HttpTarget
from tests.campaigns.fuzz.messages_target import MessagesTarget
from tests.campaigns.fuzz.target import Target

TARGETS: Final[Mapping[str, Callable[..., Target[Any]]]] = {
    "messages": MessagesTarget,
    "http": HttpTarget,
}
