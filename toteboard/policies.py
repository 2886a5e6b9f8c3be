"""The policies of a settings file: `[policies.NAME]` (docs/reference/settings.md).

A table has the values of a policy that differ from those of `plain`. `game/policy.py` defines them,
and decides which are usable. The shipped policies are always there, and cannot be redefined.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from attrs import asdict

from game.policy import PLAIN, SHIPPED, DeadHeat, Policy, Unbacked, complaint

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_KEYS: Final = ("takeout", "break_to", "minimum", "dead_heat", "unbacked")
_LARGEST: Final = Decimal(1_000)


class PoliciesError(ValueError):
    """A policy cannot be used. The text names the policy and the expected value."""


def read_policies(tables: Any) -> dict[str, Policy]:
    """Return the shipped policies and those of `tables`, by name. Raise PoliciesError."""
    if not isinstance(tables, dict):
        raise PoliciesError("policies (from the file) must be tables such as [policies.club]")
    return {**SHIPPED, **{name: _policy(name, table) for name, table in tables.items()}}


def policies_from_values(values: Mapping[str, Mapping[str, Any]]) -> dict[str, Policy]:
    """Return the policies of the mappings that `attrs.asdict` makes of policies, by name."""
    return {
        name: Policy(
            **{
                **each,
                "dead_heat": DeadHeat(each["dead_heat"]),
                "unbacked": Unbacked(each["unbacked"]),
            }
        )
        for name, each in values.items()
    }


def written_policies(policies: Mapping[str, Policy]) -> str:
    """Return the tables of the policies that are not shipped, as TOML; "" if there are none."""
    return "".join(_written(each) for name, each in policies.items() if name not in SHIPPED)


def _policy(name: str, table: Any) -> Policy:
    if name in SHIPPED:
        raise PoliciesError(f"policy {name} (from the file) is shipped: choose another name")
    if _NAME.fullmatch(name) is None:
        raise PoliciesError(
            f"policy {name[:80]!r} (from the file): a name has 1 to 32 lower-case letters, digits, "
            "'-' and '_', and begins with a letter or digit"
        )
    if not isinstance(table, dict) or table.keys() - set(_KEYS):
        raise _unusable(name, f"its keys are {', '.join(_KEYS)}")
    values = asdict(PLAIN) | {key: _value(name, key, raw) for key, raw in table.items()}
    policy = Policy(**(values | {"name": name}))
    if (why := complaint(policy)) is not None:
        raise _unusable(name, why)
    return policy


def _value(name: str, key: str, raw: Any) -> Any:
    try:
        match key:
            case "dead_heat":
                return DeadHeat(raw)
            case "unbacked":
                return Unbacked(raw)
            case _:
                return _hundredths(raw)
    except ValueError:
        raise _unusable(name, _wanted(key)) from None


def _hundredths(raw: Any) -> int:
    """Return the hundredths of a TOML number, which has at most two decimals.

    One that is far out of range is cut to a size that `complaint` refuses.
    """
    if isinstance(raw, bool) or not isinstance(raw, int | Decimal):
        raise ValueError(raw)
    exact = Decimal(raw)
    if not exact.is_finite():
        raise ValueError(raw)
    exact = max(-_LARGEST, min(exact, _LARGEST))
    if exact * 100 % 1:
        raise ValueError(raw)
    return int(exact * 100)


def _wanted(key: str) -> str:
    words = {"dead_heat": DeadHeat, "unbacked": Unbacked}
    if key in words:
        return f"{key} must be one of {', '.join(words[key])}"
    return f"{key} must be a number with at most two decimals"


def _unusable(name: str, why: str) -> PoliciesError:
    return PoliciesError(f"policy {name} (from the file) cannot be used: {why}")


def _written(policy: Policy) -> str:
    minimum = "" if policy.minimum is None else f"minimum = {_decimals(policy.minimum)}\n"
    return (
        f"\n[policies.{policy.name}]\n"
        f"takeout = {_decimals(policy.takeout)}\n"
        f"break_to = {_decimals(policy.break_to)}\n"
        f"{minimum}"
        f'dead_heat = "{policy.dead_heat}"\n'
        f'unbacked = "{policy.unbacked}"\n'
    )


def _decimals(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"
