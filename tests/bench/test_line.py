import socket
from collections.abc import Iterator

import pytest

from bench.line import MESSAGE, CrowdError, Line, frame, texts


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


Ends = tuple[socket.socket, socket.socket]


@pytest.mark.parametrize("size", range(1, 2 * len(MESSAGE) + 2))
def test_every_message_is_counted_once_however_it_is_cut(ends: Ends, size: int) -> None:
    ours, theirs = ends
    line, heard = Line(ours), b"..".join([MESSAGE + b":1}"] * 20)
    for start in range(0, len(heard), size):
        theirs.send(heard[start : start + size])
        line.hear()
    assert line.heard == 20


def test_a_connection_that_ends_is_no_silence(ends: Ends) -> None:
    ours, theirs = ends
    theirs.close()
    with pytest.raises(CrowdError):
        Line(ours).hear()


@pytest.mark.parametrize("length", [10, 125, 126, 500])
def test_a_request_is_one_masked_text_frame_of_its_size(length: int) -> None:
    sent = frame(900, text="x" * length)
    unmasked = sent.replace(bytes(4), b"", 1)
    masked_bit = 0x80
    assert sent[0] == 0x81
    assert sent[1] & masked_bit
    assert texts(bytes([unmasked[0], unmasked[1] & ~masked_bit]) + unmasked[2:]) == [
        b'{"op":900,"text":"' + b"x" * length + b'"}'
    ]
