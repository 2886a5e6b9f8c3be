"""A measured value, and the names of the contenders.

`bench/field.py` runs the contenders; `bench/report.py` evaluates the values.
"""

from attrs import frozen

OURS, BEFORE = "ours", "before"
WEBSOCKETS, WS, TRIO = "websockets", "ws", "trio-websocket"
LIMIT, USUAL = "limit", "usual"
PEERS = (WEBSOCKETS, WS, TRIO)
"""The peers that send messages and store nothing."""
DURABLE_PEERS = (LIMIT, USUAL)
"""The peers that store bets and publish nothing."""


@frozen
class Sample:
    """One value of one contender in one round. The name of the figure contains its unit."""

    figure: str
    who: str
    round: int
    value: float
