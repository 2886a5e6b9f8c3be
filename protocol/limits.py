"""The limits of a server, with their defaults and units (contract, section 9).

Every limit is a setting of `toteboard serve` under the same name, and `get_opcodes` shows it.
`game/limits.py` has those that the rules know. `toteboard/settings.py` reads the values.
"""

from typing import Any, Final

from attrs import field, frozen

from game.limits import RuleLimits
from game.vocabulary import LONGEST_BET_DELAY_MS

MOST_MESSAGE_SIZE: Final = 16 * 1_024 * 1_024
"""Bytes: the most that `max_message_size` may be. A message is held in memory whole."""

_RULES = RuleLimits()


def _whole(default: int, minimum: int = 1, maximum: int | None = None) -> Any:
    return field(default=default, metadata={"kind": "whole"} | _bounds(minimum, maximum))


def _duration(default: int, minimum: int = 1, maximum: int | None = None) -> Any:
    return field(default=default, metadata={"kind": "duration"} | _bounds(minimum, maximum))


def _bounds(minimum: int, maximum: int | None) -> dict[str, int]:
    return {"minimum": minimum} | ({} if maximum is None else {"maximum": maximum})


@frozen(kw_only=True)
class Limits(RuleLimits):
    """Limits in force. Durations are milliseconds, sizes bytes, amounts hundredths.

    The order is that of the settings and of op 2, so the limits of the rules are named again. The
    `policies` have no kind: `toteboard/policies.py` reads them, and op 2 shows them by themselves.
    """

    max_message_size: int = _whole(65_536, minimum=1_024, maximum=MOST_MESSAGE_SIZE)
    rate_limit: int = _whole(200, minimum=0)
    rate_burst: int = _whole(400)
    cost_limit: int = _whole(4 * 1_024 * 1_024, minimum=0)
    chat_limit: int = _whole(2, minimum=0)
    connections_per_user: int = _whole(20)
    joins_per_connection: int = _whole(1_000)
    mailbox_size: int = _whole(1_000)
    outbox_size: int = _whole(1_000)
    outbox_bytes: int = _whole(8 * 1_024 * 1_024, minimum=65_536)
    games_per_source: int = _whole(10_000)
    pools_per_game: int = _whole(_RULES.pools_per_game)
    handshake_timeout: int = _duration(10_000)
    ping_interval: int = _duration(20_000)
    resume_limit: int = _whole(1_000, minimum=0)
    presence_limit: int = _whole(200, minimum=0)
    distribution_interval: int = _duration(100)
    max_bet_delay: int = _duration(_RULES.max_bet_delay, minimum=0, maximum=LONGEST_BET_DELAY_MS)
    correction_window: int = _duration(_RULES.correction_window)
    pool_policy: str = field(default=_RULES.pool_policy, metadata={"kind": "text"})
    max_game_admins: int = _whole(_RULES.max_game_admins)
    http_connections_per_address: int = _whole(50, minimum=0)
    guests: bool = field(default=True, metadata={"kind": "flag"})
    guest_connections: int = _whole(1_000, minimum=0)
    session_ttl: int = _duration(24 * 3_600_000, minimum=1_000)
    initial_balance: int = field(default=100_000, metadata={"kind": "amount", "minimum": 0})
    admins_may_bet: bool = field(default=_RULES.admins_may_bet, metadata={"kind": "flag"})
    allowed_origins: tuple[str, ...] = field(default=(), metadata={"kind": "origins"})
