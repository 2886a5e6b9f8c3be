"""The requests, one class for each: `from toteboard.client.requests import PlaceBet`.

The classes are those of the op table (`protocol/ops.py`). Their fields are the parameters of the
op. Amounts are hundredths and times are epoch milliseconds.
"""

from game.commands import *  # noqa: F403  # Everything in the table.
from protocol.requests import *  # noqa: F403
