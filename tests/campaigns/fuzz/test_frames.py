"""Malformed frames and HTTP over real sockets are answered, or closed as documented.

`make frames` sends many more. `tests/e2e/test_websocket_conformance.py` tests RFC 6455 section by
section.
"""

from pathlib import Path

import pytest

from tests.campaigns.fuzz.frames import ANSWERED, LAST
from tests.campaigns.fuzz.siege import Siege
from tests.support.depth import depth

FRAMES = depth(gate=1_500, deep=10_000)


@pytest.mark.deep
async def test_thousands_of_malformed_frames_are_answered_or_closed_with_their_code(
    tmp_path: Path,
) -> None:
    siege = Siege(FRAMES, seed=1)
    await siege.lay(tmp_path)
    assert siege.count >= FRAMES
    assert siege.neighbour > 0, "who behaves is served meanwhile"
    assert len(siege.kinds) > len(LAST) + len(ANSWERED)
    assert {"closed with 1002", "closed with 1007", "closed with 1009"} <= siege.ends.keys()
    assert {"HTTP 200", "HTTP 400", "HTTP 401", "HTTP 404", "HTTP 413"} <= siege.ends.keys()
    assert {"HTTP 400", "HTTP 431", "HTTP 505", "hung up on"} <= siege.ends.keys()
