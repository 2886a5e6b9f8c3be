"""The classes of replies and publications: `from toteboard_client.messages import BetPlaced`.

Amounts are `Money`, times are epoch milliseconds. docs/reference/protocol.md has their meaning.
"""

from toteboard_client._generated.messages import *  # noqa: F403  # Everything that there is.
