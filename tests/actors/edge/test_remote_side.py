"""What the edge of a worker answers, and what it passes on to the deciding side."""

import pytest
import trio

from actors.link.caller import Continuation
from actors.link.remote_client import RemoteClient
from tests.support.linked import linked, received


@pytest.mark.parametrize(
    ("op", "is_passed_on"),
    [(1, False), (100, False), (2, True), (372, True), (363, True)],
    ids=["ping", "logon", "get_opcodes", "another query", "a change"],
)
async def test_an_edge_answers_what_costs_nothing_and_passes_on_every_query(
    op: int, is_passed_on: bool, autojump_clock: object
) -> None:
    """`cost_limit` is a user's over all workers, so no worker may answer a query."""
    passed_on: list[str | bytes] = []

    def note(_client: RemoteClient, text: str | bytes) -> Continuation | None:
        passed_on.append(text)
        return None

    async with linked() as ends:
        ends.decider.on_message = note
        connection = await ends.connect(1)
        text = f'{{"op":{op},"game_id":"g"}}'
        assert ends.edge.receive(connection, text) is None
        answered = received(connection) != b""
        await trio.sleep(1)
        assert (passed_on == [text], answered) == (is_passed_on, not is_passed_on)
