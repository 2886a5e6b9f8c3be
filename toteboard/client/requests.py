"""Everything that can be asked, a class each: `from toteboard.client.requests import PlaceBet`.

The classes are those of the op table (`protocol/ops.py`); their fields are the op's parameters,
amounts in hundredths, times in epoch milliseconds.
"""

from game.commands import *  # noqa: F403  # whatever the table has: no list to keep beside it
from protocol.requests import *  # noqa: F403
