"""Two nodes prove that they are of one cluster. A stranger proves nothing and learns nothing."""

import hmac
import secrets
from contextlib import suppress

import pytest
import trio
from trio.testing import memory_stream_pair

from actors.link.node_auth import (
    CHALLENGE_BYTES,
    COPY_GREETING,
    DOES_NOT_LEAD,
    GREETING,
    LEADS,
    PROOF_BYTES,
    DoesNotLeadError,
    NotTrustedError,
    answer_caller,
    call_for_copy,
    call_listener,
)

SECRET = b"s" * 32


async def _listen(stream: trio.abc.Stream, errors: list[Exception], *, leads: bool = True) -> None:
    try:
        await answer_caller(stream, SECRET, leads=leads)
    except NotTrustedError as error:
        errors.append(error)
        await stream.aclose()


async def test_two_nodes_with_the_same_secret_trust_each_other(autojump_clock: object) -> None:
    ours, theirs = memory_stream_pair()
    errors: list[Exception] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_listen, theirs, errors)
        await call_listener(ours, SECRET)
    assert not errors


async def test_a_caller_learns_that_the_node_does_not_lead(autojump_clock: object) -> None:
    ours, theirs = memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: _listen(theirs, [], leads=False))
        with pytest.raises(DoesNotLeadError):
            await call_listener(ours, SECRET)


async def test_a_caller_with_another_secret_is_refused_without_a_proof(
    autojump_clock: object,
) -> None:
    ours, theirs = memory_stream_pair()
    errors: list[Exception] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_listen, theirs, errors)
        with pytest.raises(NotTrustedError):
            await call_listener(ours, b"x" * 32)
    assert str(errors[0]) == "the other node has another key file"


async def test_a_listener_with_another_secret_is_not_trusted(autojump_clock: object) -> None:
    """It may accept every proof, but it cannot make its own."""
    ours, theirs = memory_stream_pair()

    async def pretend() -> None:
        await theirs.send_all(secrets.token_bytes(CHALLENGE_BYTES))
        await _read(theirs, len(GREETING) + CHALLENGE_BYTES + PROOF_BYTES)
        await theirs.send_all(LEADS + secrets.token_bytes(PROOF_BYTES))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(pretend)
        with pytest.raises(NotTrustedError):
            await call_listener(ours, SECRET)


async def test_a_verdict_that_was_changed_on_the_way_is_not_trusted(autojump_clock: object) -> None:
    ours, middle = memory_stream_pair()
    other, theirs = memory_stream_pair()

    async def forward() -> None:
        await middle.send_all(await _read(other, CHALLENGE_BYTES))
        await other.send_all(await _read(middle, len(GREETING) + CHALLENGE_BYTES + PROOF_BYTES))
        answer = await _read(other, 1 + PROOF_BYTES)
        await middle.send_all(answer.replace(DOES_NOT_LEAD, LEADS, 1))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: _listen(theirs, [], leads=False))
        nursery.start_soon(forward)
        with pytest.raises(NotTrustedError):
            await call_listener(ours, SECRET)


async def test_a_recorded_conversation_proves_nothing(autojump_clock: object) -> None:
    ours, theirs = memory_stream_pair()
    errors: list[Exception] = []
    nonce = b"n" * CHALLENGE_BYTES
    recorded = b"l" * CHALLENGE_BYTES + nonce
    proof = hmac.digest(SECRET, b"toteboard caller:" + recorded, "sha256")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_listen, theirs, errors)
        await _read(ours, CHALLENGE_BYTES)
        await ours.send_all(GREETING + nonce + proof)
    assert len(errors) == 1


async def test_the_proof_of_one_side_is_not_that_of_the_other(autojump_clock: object) -> None:
    """A stranger that calls two listeners, and passes on the proof of one to the other."""
    ours, theirs = memory_stream_pair()
    errors: list[Exception] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_listen, theirs, errors)
        challenge = await _read(ours, CHALLENGE_BYTES)
        nonce = b"n" * CHALLENGE_BYTES
        about = challenge + nonce
        proof = hmac.digest(SECRET, b"toteboard listener:" + about, "sha256")
        await ours.send_all(GREETING + nonce + proof)
    assert len(errors) == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00" * 500, b"GET / HTTP/1.1\r\n\r\n", GREETING, GREETING + b"\xff" * 64],
    ids=["nothing", "zeros", "http", "a greeting alone", "a wrong proof"],
)
async def test_a_stranger_is_refused_whatever_it_sends(data: bytes, autojump_clock: object) -> None:
    ours, theirs = memory_stream_pair()
    errors: list[Exception] = []
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_listen, theirs, errors)
        with suppress(trio.BrokenResourceError):
            await ours.send_all(data)
        await ours.send_eof()
    assert len(errors) == 1


async def _read(stream: trio.abc.Stream, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += await stream.receive_some(size - len(data))
    return data


async def test_a_caller_that_wants_a_copy_gets_one_from_any_node(autojump_clock: object) -> None:
    ours, theirs = memory_stream_pair()
    keys: list[bytes | None] = []

    async def listen() -> None:
        keys.append(await answer_caller(theirs, SECRET, leads=False))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(listen)
        key = await call_for_copy(ours, SECRET)
    assert keys == [key]
    assert key != SECRET


async def test_the_proof_of_a_caller_is_for_one_purpose(autojump_clock: object) -> None:
    """A conversation about a link cannot be turned into one about a copy on the way."""
    ours, middle = memory_stream_pair()
    other, theirs = memory_stream_pair()
    errors: list[Exception] = []

    async def turn() -> None:
        await middle.send_all(await _read(other, CHALLENGE_BYTES))
        greeting = await _read(middle, len(GREETING) + CHALLENGE_BYTES + PROOF_BYTES)
        await other.send_all(COPY_GREETING + greeting[len(COPY_GREETING) :])
        await middle.aclose()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(_listen, theirs, errors)
        nursery.start_soon(turn)
        with pytest.raises(NotTrustedError):
            await call_listener(ours, SECRET)
    assert str(errors[0]) == "the other node has another key file"
