"""The network between the nodes and the engine: slow, cut, or losing answers, as the seed decides.

`SimulatedConnection` stands for the psycopg connection below `storage/cluster/connection.py`. So
what that makes of notices, errors and silence is the production code.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar, Final, Self
from unittest.mock import patch

import psycopg
import trio
from attrs import define
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from storage.cluster.connection import Deadline
from tests.campaigns.dice import Dice
from tests.campaigns.terms.engine import Answer, Engine
from tests.campaigns.terms.machine import wait_for
from tests.campaigns.terms.replica import Result, Statement

USUAL_S: Final = 0.001
"""The most that a message usually takes one way, in seconds."""


@define(eq=False)
class Route:
    """The way from one node to the engine.

    `is_cut`: nothing arrives any more, and nobody is told. `slow_s`: how long a message may take.
    `loses`: how likely the answer to a statement that was done does not come.
    """

    dice: Dice
    is_cut: bool = False
    slow_s: float = USUAL_S
    loses: float = 0.0

    def heal(self) -> None:
        """Be without faults from now on."""
        self.is_cut, self.slow_s, self.loses = False, USUAL_S, 0.0

    async def takes_its_time(self) -> bool:
        """Wait as long as a message takes. Return whether it arrives."""
        await trio.sleep(self.dice.random() * self.slow_s)
        return not self.is_cut


@define
class _Request:
    route: Route
    term: int
    statement: Statement
    values: tuple[Any, ...]
    answer: Answer


class Wires:
    """All routes to one engine, by the user in the nodes' URL of it."""

    def __init__(self, engine: Engine, dice: Dice) -> None:
        self.engine, self._dice = engine, dice
        self._routes: dict[str, Route] = {}
        self._send, self._receive = trio.open_memory_channel[_Request](float("inf"))

    def route(self, name: str) -> Route:
        """Return the route of a node."""
        return self._routes.setdefault(name, Route(self._dice.another(name)))

    async def run(self) -> None:
        """Carry requests and answers until cancelled."""
        async with trio.open_nursery() as nursery:
            async for request in self._receive:
                nursery.start_soon(self._carry, request)

    def ask(self, request: _Request) -> None:
        """Send a request."""
        self._send.send_nowait(request)

    async def _carry(self, request: _Request) -> None:
        """Carry a request there and its answer back. A statement that has arrived is done."""
        route, answer = request.route, request.answer
        if not await route.takes_its_time():
            return
        done = await self.engine.run(request.term, request.statement, request.values)
        if route.dice.happens(route.loses) or not await route.takes_its_time():
            return
        answer.give(done.result, done.error)
        answer.has_warning = done.has_warning
        answer.come.set()


class _Cursor:
    def __init__(self, result: Result) -> None:
        self.rowcount, self.description = result.count, result.rows is not None
        self._rows = result.rows or []

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows."""
        return self._rows


class _Diagnostic:
    message_primary = "canceling wait for synchronous replication due to user request"


class SimulatedConnection:
    """A session. `connect_engine` sets `deadline` and `attempts` in a class of its own."""

    wires: ClassVar[Wires]
    deadline: Deadline
    attempts: Iterator[Deadline]

    def __init__(self, route: Route) -> None:
        self._route = route
        self._term = self.wires.engine.term
        self._is_closed = False
        self._on_notice: Callable[[Any], None] = lambda _: None

    @classmethod
    def connect(cls, url: str, autocommit: bool, client_encoding: str) -> Self:
        """Open a session."""
        assert (autocommit, client_encoding) == (True, "utf8")
        session = cls(cls.wires.route(str(conninfo_to_dict(url)["user"])))
        session._ask("SELECT 1", (), next(cls.attempts))
        return session

    def add_notice_handler(self, on_notice: Callable[[Any], None]) -> None:
        """Call this with each notice."""
        self._on_notice = on_notice

    def execute(
        self, statement: Statement, values: tuple[Any, ...] | None, binary: bool
    ) -> _Cursor:
        """Run one statement."""
        assert binary
        return _Cursor(self._ask(statement, values or (), self.deadline))

    def close(self) -> None:
        """Close the session."""
        self._is_closed = True

    def _ask(self, statement: Statement, values: tuple[Any, ...], deadline: Deadline) -> Result:
        if self._is_closed:
            raise psycopg.OperationalError("the connection is closed")
        answer = Answer()
        request = _Request(self._route, self._term, statement, values, answer)
        wait_for(answer.come, deadline.left_s(), partial(self.wires.ask, request))
        if not answer.come.is_set() or not deadline.left_s():
            self.close()
            raise errors.ConnectionTimeout("the engine did not answer in time")
        if answer.error is not None:
            self._is_closed |= type(answer.error) is psycopg.OperationalError
            raise answer.error
        if answer.has_warning:
            self._on_notice(_Diagnostic)
        assert answer.result is not None
        return answer.result


@contextmanager
def wired(wires: Wires) -> Iterator[None]:
    """Let the product's sessions go over these wires."""
    simulated = type("SimulatedConnection", (SimulatedConnection,), {"wires": wires})
    with patch("storage.cluster.connection._BoundedConnection", simulated):
        yield
