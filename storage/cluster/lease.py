"""The lease: which node leads, and until when. It is for liveness alone; the fence is in the log.

The row of `toteboard_lease` has the leader's epoch, its id and address, and the time on the
engine's clock until which no other node campaigns. The leader renews it each second for `LEASE_S`.
All changes are compare-and-set on the epoch, so of several candidates one wins. The epoch rises
with each change of the holder. If the engine loses a change of this row in a promotion, two nodes
may take the same epoch: the log accepts the first record of one of them.

Every function raises EngineUnclearError if the engine did not confirm. Then the lease may or may
not be changed: read it.
"""

from typing import Any, Final

from attrs import frozen

from storage.cluster.connection import Deadline, EngineConnection

LEASE_S: Final = 3.0
"""Seconds from a renewal to the end of the lease."""

HALTED_S: Final = 1e9
"""A lease without a holder that lasts longer than so many seconds: no node may lead."""

_FIELDS: Final = """
    epoch, holder, address, extract(epoch FROM until - clock_timestamp())::float8,
    (extract(epoch FROM clock_timestamp()) * 1000)::bigint, successor, check_id"""
_UNTIL: Final = "clock_timestamp() + make_interval(secs => %s)"

_READ: Final = f"SELECT {_FIELDS} FROM toteboard_lease"
_RENEW: Final = f"""
    UPDATE toteboard_lease SET until = {_UNTIL} WHERE epoch = %s AND holder = %s
    RETURNING {_FIELDS}"""
_CAMPAIGN: Final = f"""
    UPDATE toteboard_lease
    SET epoch = %s, holder = %s, address = %s, until = {_UNTIL}, successor = ''
    WHERE epoch = %s AND until <= clock_timestamp() RETURNING {_FIELDS}"""
_NAME_SUCCESSOR: Final = "UPDATE toteboard_lease SET successor = %s WHERE epoch = %s"
_HALT: Final = """
    UPDATE toteboard_lease SET holder = '', address = '',
        until = clock_timestamp() + interval '1000 years' WHERE holder <> ''"""
_HAND_OVER: Final = f"""
    UPDATE toteboard_lease
    SET epoch = %s, holder = %s, address = %s, until = {_UNTIL}, successor = ''
    WHERE epoch = %s AND holder = %s RETURNING {_FIELDS}"""


@frozen
class Lease:
    """The lease as the engine has it.

    `left_s` is negative if it is over. `engine_ms` is the engine's clock, epoch ms. `holder` and
    `address` are empty before the first leader. `successor` is the address of the node to which an
    operator wants the lease handed over, empty for none. `check_id` is the last check of all files
    that an operator wants.
    """

    epoch: int
    holder: str
    address: str
    left_s: float
    engine_ms: int
    successor: str = ""
    check_id: str = ""

    @property
    def is_halted(self) -> bool:
        """Whether no node may lead (`halt_lease`)."""
        return not self.holder and self.left_s > HALTED_S


def read_lease(engine: EngineConnection, deadline: Deadline) -> Lease:
    """Return the lease."""
    _, [row] = engine.run(deadline, _READ)
    return _lease(row)


def renew_lease(
    engine: EngineConnection, deadline: Deadline, epoch: int, holder: str
) -> Lease | None:
    """Renew the lease of this holder; return it, or None if another node has taken it."""
    return _changed(engine, deadline, _RENEW, LEASE_S, epoch, holder)


def campaign(
    engine: EngineConnection, deadline: Deadline, seen: Lease, least: int, holder: str, address: str
) -> Lease | None:
    """Take the lease if it is over and has not changed since it was seen; return it, or None.

    Its epoch is the next one, and more than `least`, the epoch of the log's last record.
    """
    epoch = max(seen.epoch, least) + 1
    return _changed(engine, deadline, _CAMPAIGN, epoch, holder, address, LEASE_S, seen.epoch)


def release_lease(
    engine: EngineConnection, deadline: Deadline, epoch: int, holder: str
) -> Lease | None:
    """End the lease of this holder now; return it, or None if another node has taken it."""
    return _changed(engine, deadline, _RENEW, 0.0, epoch, holder)


def hand_over(
    engine: EngineConnection, deadline: Deadline, mine: Lease, successor: str, address: str
) -> Lease | None:
    """Give the lease to another node, with the next epoch; return it, or None if it is not mine."""
    values = mine.epoch + 1, successor, address, LEASE_S, mine.epoch, mine.holder
    return _changed(engine, deadline, _HAND_OVER, *values)


def name_successor(engine: EngineConnection, deadline: Deadline, epoch: int, address: str) -> bool:
    """Ask the holder of a lease to hand it over; return False if the lease has moved already."""
    changed, _ = engine.run(deadline, _NAME_SUCCESSOR, address, epoch)
    return changed == 1


def halt_lease(engine: EngineConnection, deadline: Deadline) -> None:
    """Let no node campaign: a node has noticed that the log has lost a confirmed record.

    Until `toteboard cluster reseed`.
    """
    engine.run(deadline, _HALT)


def _changed(
    engine: EngineConnection, deadline: Deadline, statement: Any, *values: Any
) -> Lease | None:
    _, rows = engine.run(deadline, statement, *values)
    return _lease(rows[0]) if rows else None


def _lease(row: tuple[Any, ...]) -> Lease:
    return Lease(*row)
