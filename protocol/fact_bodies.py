"""The facts as an operator's receivers are sent them (docs/how-to/event-stream.md).

A body has the fields of the fact. Amounts are hundredths in the journal, prices ten-thousandths;
both become JSON numbers here, as on the wire.
"""

from collections.abc import Mapping
from typing import Any, Final

from cattrs.gen import make_dict_unstructure_fn, override
from cattrs.preconf.orjson import make_converter

from game.facts import (
    BetPlaced,
    Entry,
    PoolOpened,
    PoolResolved,
    Settlement,
    StakeLimits,
    TargetScratched,
)
from game.policy import Policy
from game.revisions import Move, PoolCorrected
from game.state import FACTS
from protocol.op import Body
from protocol.pool_messages import amount_or_null, policy_values
from protocol.result_messages import prices_shown

AMOUNTS: Final[Mapping[type, tuple[str, ...]]] = {
    BetPlaced: ("amount",),
    PoolOpened: ("carried_in",),
    Settlement: ("won_stake", "lost_stake", "void_stake", "returned_stake", "paid"),
    StakeLimits: ("minimum", "maximum", "of_user"),
    PoolResolved: ("takeout", "breakage", "minus", "carried_out"),
    TargetScratched: ("amount_total",),
    PoolCorrected: (
        *("takeout", "breakage", "minus", "carried_out", "carry_moved", "carry_change"),
    ),
    Move: ("amount", "points", "owed"),
}
"""The fields that are amounts in hundredths, or None."""


def fact_body(game_id: str, entry: Entry) -> Body:
    """Return a fact with its game, position, time (epoch ms) and kind."""
    return {
        "game_id": game_id,
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.fact.kind,
        "fact": _CONVERTER.unstructure(entry.fact),
    }


def _policy_body(policy: Policy) -> Body:
    return {"name": policy.name} | policy_values(policy)


def _converter() -> Any:
    converter = make_converter(detailed_validation=False)
    converter.register_unstructure_hook(Policy, _policy_body)
    for kind in (*(each for each in AMOUNTS if each not in FACTS), *FACTS):
        shown: dict[str, Any] = {
            name: override(unstruct_hook=amount_or_null) for name in AMOUNTS.get(kind, ())
        }
        if kind in (PoolResolved, PoolCorrected):
            shown["prices"] = override(unstruct_hook=prices_shown)
        hook: Any = make_dict_unstructure_fn(kind, converter, **shown)
        converter.register_unstructure_hook(kind, hook)
    return converter


_CONVERTER: Final = _converter()
