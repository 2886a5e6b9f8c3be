"""Bugs that power cuts must find. Each changes lines of the server's source."""

from typing import Final

from attrs import evolve

from tests.campaigns.mutations import MUTATIONS as SIM
from tests.campaigns.mutations import Mutation


def _synchronous(mode: str, what: str) -> Mutation:
    change = "PRAGMA synchronous=FULL", f"PRAGMA synchronous={mode}"
    return Mutation(what, "storage.opening", (change,))


def _told_before_commit() -> Mutation:
    """Delay the simulation's mutation, so that clients always hear before the commit."""
    known = SIM["told-before-commit"]
    (before, after), *others = known.changes
    return evolve(known, changes=((before, f"{after}        await trio.sleep(0.05)\n"), *others))


MUTATIONS: Final = {
    "normal": _synchronous("NORMAL", "the WAL is synced before a checkpoint, not at each commit"),
    "off": _synchronous("OFF", "nothing is synced"),
    "told-before-commit": _told_before_commit(),
}
