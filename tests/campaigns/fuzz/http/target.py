"""The HTTP target: bytes of a connection go through gate, admission and site, and are checked.

An input is a byte for the port and the client's behaviour, a byte for where its bytes are split,
and the bytes. A world takes many connections one after the other.
"""

import logging
from collections.abc import Iterable
from pathlib import Path
from random import Random
from typing import Final

from attrs import frozen

from tests.campaigns.fuzz.caller import Pipe
from tests.campaigns.fuzz.http import heads
from tests.campaigns.fuzz.http.answers import Answer, answers, is_as_it_has_to_be
from tests.campaigns.fuzz.http.inputs import DEAF, ENDS, OPERATOR, RESETS, SILENT, SLOW, Connections
from tests.campaigns.fuzz.http.stage import HEAD_S, Life, Stage
from tests.campaigns.fuzz.log import lines
from tests.campaigns.fuzz.loop import settled
from tests.campaigns.fuzz.target import Target
from tests.campaigns.log import Line
from tests.support.raw_client import split

LIFETIME: Final = 500
ONE_BY_ONE, FIRST = 255, 40
"""How many bytes may be sent one by one. More would take time and find no more."""
PIECE_S: Final = 3.0
"""The pause of a slow client between two pieces."""
PATIENCE_S: Final = 5.0
"""The timeouts of the server for a body and between two requests."""
STEPS: Final = {SILENT: 3, ENDS: 0, RESETS: 0, DEAF: 8}
"""How often PATIENCE_S passes until any connection of this kind has ended."""
REFUSED = ("request_refused", "handshake_refused")
ACCEPTED = b"HTTP/1.1 101 "


@frozen
class Manner:
    """The behaviour of a client."""

    port: str
    ends_by: int
    is_slow: bool

    @classmethod
    def of(cls, byte: int) -> "Manner":
        return cls("operator" if byte & OPERATOR else "public", byte & DEAF, bool(byte & SLOW))


class HttpTarget(Target[Life]):
    """Runs each input as a connection."""

    def __init__(self, lifetime: int = LIFETIME) -> None:
        super().__init__(lifetime)

    @property
    def inputs(self) -> Connections:
        """Return the generator of connections."""
        return self._inputs

    def _open(self, folder: Path) -> None:
        self._log = self._exits.enter_context(lines(_is_told, logging.DEBUG))
        self._stage = Stage(folder)
        self._inputs = Connections(self._stage.address)

    def _begin(self) -> Life:
        life = self._stage.begin()
        self._tasks = life.tasks()
        return life

    def _take(self, life: Life, data: bytes) -> None:
        first, cut, said = *data[:2].ljust(2, b"\0"), data[2:]
        manner = Manner.of(first)
        heads.is_the_same_in_pieces(said, Random(cut).randint(0, len(said)))
        self._log.clear()
        pipe = life.connect(manner.port, is_deaf=manner.ends_by == DEAF)
        _say(life, pipe, _pieces(said, cut), manner)
        _until_it_ends(life, pipe, manner)
        wrong = [line for line in self._log if line["level"] not in ("debug", "info")]
        assert not wrong, ("our own fault", wrong)
        if manner.ends_by in (SILENT, ENDS):
            self._judge(pipe.heard, said)
        else:
            self.outcomes["gone" if manner.ends_by == RESETS else "deaf"] += 1

    def _judge(self, heard: bytes, said: bytes) -> None:
        if heard.startswith(ACCEPTED):
            _, rest = split(heard.partition(b"\r\n\r\n")[2])
            assert not rest, ("not a whole frame", rest)
            self.outcomes["a WebSocket"] += 1
            return
        handled = [line for line in self._log if line["event"] == "http_handled"]
        _was_asked(handled, said)
        told = [*answers(heard, [line["method"] for line in handled if line["status"]])]
        for answer in told:
            is_as_it_has_to_be(answer)
            self.outcomes[str(answer.status)] += 1
        self.outcomes["nothing said"] += not told
        assert not any(each.is_last for each in told[:-1]), ("goes on after its end", told)
        _are_those_logged(told, self._log)

    def _audit(self, life: Life) -> None:
        assert life.side.public.connections == 0, "a connection is still counted"
        tasks = life.tasks()
        assert tasks == self._tasks, ("tasks are left", tasks, self._tasks)


def _is_told(level: str, line: Line) -> bool:
    return level not in ("debug", "info") or line["event"] in ("http_handled", *REFUSED)


def _pieces(said: bytes, cut: int) -> list[bytes]:
    """Split the bytes: not at all, into some pieces, or the first bytes one by one."""
    if cut == ONE_BY_ONE:
        return [*(bytes([byte]) for byte in said[:FIRST]), said[FIRST:]]
    chance = Random(cut)
    cuts = sorted(chance.randint(0, len(said)) for _ in range(min(cut, chance.randint(1, 5))))
    return [said[a:b] for a, b in zip([0, *cuts], [*cuts, len(said)], strict=True)]


def _say(life: Life, pipe: Pipe, chunks: list[bytes], manner: Manner) -> None:
    """Send everything, and check that a slow client is held to the timeout of a head."""
    said, last, passed = b"", len(chunks) - 1, 0.0
    for number, chunk in enumerate(chunks):
        if number:
            life.do(settled)
            if manner.is_slow:
                life.pass_time(PIECE_S)
                passed += PIECE_S
        is_waiting = isinstance(heads.read(said), type(None))
        assert passed < HEAD_S or not is_waiting or pipe.is_closed, "a head has more than its time"
        pipe.say(chunk)
        said += chunk
        if number == last and manner.ends_by == RESETS:
            pipe.break_off()
    if manner.ends_by in (ENDS, RESETS):
        pipe.end()
    life.do(settled)


def _until_it_ends(life: Life, pipe: Pipe, manner: Manner) -> None:
    for _ in range(STEPS[manner.ends_by]):
        if not pipe.is_closed:
            life.pass_time(PATIENCE_S)
    if not pipe.is_closed and pipe.heard.startswith(ACCEPTED):
        pipe.end()
        life.do(settled)
        life.pass_time(PATIENCE_S)
    assert pipe.is_closed, ("never hung up on", pipe.heard[:100])


def _was_asked(handled: Iterable[Line], said: bytes) -> None:
    """Check that the site was called for exactly the requests that h11 finds, in this order."""
    found = heads.requests_in(said)
    for line in handled:
        asked = line["method"], line["path"]
        method, path = next(found, (b"", b""))
        sent = method.decode(), path.decode("latin-1")
        assert asked == sent, ("another request than was sent", asked, sent)


def _are_those_logged(told: list[Answer], log: Iterable[Line]) -> None:
    statuses = [line["status"] for line in log if line["status"]]
    assert [each.status for each in told] == statuses, ("another answer than is logged", statuses)
