"""What a question gives: a value, and the names of those of whom it is one.

Who they are and how they run is `bench/field.py`; what becomes of the values, `bench/report.py`.
"""

from attrs import frozen

OURS, BEFORE = "ours", "before"
WEBSOCKETS, WS, TRIO = "websockets", "ws", "trio-websocket"
PEERS = (WEBSOCKETS, WS, TRIO)


@frozen
class Sample:
    """One value, of one contender in one round; the figure's name says its unit."""

    figure: str
    who: str
    round: int
    value: float
