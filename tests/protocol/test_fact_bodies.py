"""Facts for receivers: every number is known as an amount, or as something else."""

from typing import Any, get_args, get_type_hints

from attrs import fields, has

from game.state import FACTS
from protocol.fact_bodies import AMOUNTS

NO_AMOUNTS = {
    *("open_at", "close_at", "live_start_at", "live_finish_at", "finish_at", "happened_at"),
    *("stop_accepting_bets_at", "expired_at", "blocked_at", "allowed_at", "switch_at"),
    *("hot_since", "likely_to_happen_at", "void_after", "confirm_at", "reopened_at"),
    *("resolved_at", "bet_delay", "confirm_for", "corrects_seq", "resolved_seq"),
    *("by", "user_id", "type", "participants", "current_count"),
    *("prices", "policy"),
}
"""Times, ids, positions and counts; prices and the policy, which are shown as on the wire."""


def numbers_in(kind: type) -> set[tuple[type, str]]:
    """Return the fields with numbers of a class and of the classes in it, except policies."""
    found: set[tuple[type, str]] = set()
    for each in fields(kind):
        if each.name in NO_AMOUNTS:
            continue
        parts = set(parts_of(get_type_hints(kind)[each.name]))
        if int in parts:
            found.add((kind, each.name))
        for part in parts:
            if isinstance(part, type) and has(part):
                found |= numbers_in(part)
    return found


def parts_of(hint: Any) -> list[Any]:
    return [hint, *(part for inner in get_args(hint) for part in parts_of(inner))]


def test_every_number_of_a_fact_is_an_amount_or_known_as_none() -> None:
    found = set().union(*map(numbers_in, FACTS))
    assert found == {(kind, name) for kind, names in AMOUNTS.items() for name in names}
