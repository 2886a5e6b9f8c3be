"""Admission on simulated time: slow handshakes and guessed credentials have no effect."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import trio

from actors.games.sign_ins import SignIns
from storage.sealing import Sealer
from storage.store import DisableUser
from tests.support.reads import reads_told
from tests.support.strangers import answer_to, handshake, heard_until_hung_up, is_unauthorized
from tests.support.world import World
from toteboard_client import signed_url

TIMEOUT_MS = 10_000


@pytest.mark.parametrize("pause_s", [1, 0.1])
async def test_a_handshake_of_a_byte_at_a_time_gets_no_longer_than_others(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, pause_s: float
) -> None:
    async with World(tmp_path, handshake_timeout=TIMEOUT_MS) as world:
        stream, began = await world.listener.open(), trio.current_time()
        async with trio.open_nursery() as nursery:

            async def drip() -> None:
                with suppress(trio.ClosedResourceError):  # the server has closed the connection
                    for byte in handshake(f"/?n={'x' * 1_000}"):
                        await stream.send_all(bytes([byte]))
                        await trio.sleep(pause_s)

            nursery.start_soon(drip)
            assert await heard_until_hung_up(stream) == b""
            nursery.cancel_scope.cancel()
        assert trio.current_time() - began == pytest.approx(TIMEOUT_MS / 1_000)


async def test_a_client_hears_503_if_nobody_decides_about_its_claim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, autojump_clock: object
) -> None:
    async def undecided(*_: object) -> None:
        await trio.sleep_forever()

    monkeypatch.setattr(SignIns, "admit", undecided)
    async with World(tmp_path, handshake_timeout=TIMEOUT_MS) as world:
        world.add_user("ann")
        began = trio.current_time()
        answer = await answer_to(world, handshake(signed_url("/", *world.keys["ann"])))
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert trio.current_time() - began < 2 * TIMEOUT_MS / 1_000


async def test_every_reason_to_say_401_takes_the_same_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, autojump_clock: object
) -> None:
    async with World(tmp_path) as world:
        for name in ("ann", "gone", "late"):
            world.add_user(name)
        DisableUser("gone").perform(world.operator, 1)
        late, late_key = world.keys["late"]
        world.operator.execute("UPDATE session_keys SET expires_at = 1 WHERE user_id = ?", (late,))
        ann, key = world.keys["ann"]
        spent = signed_url("/", ann, key)
        assert (await first_response(world, spent)).startswith(b"HTTP/1.1 101 ")
        reasons = {
            "nothing": "/",
            "no such user": signed_url("/", 999, key),
            "the key of another": signed_url("/", ann, late_key),
            "disabled": signed_url("/", *world.keys["gone"]),
            "expired": signed_url("/", late, late_key),
            "spent": spent,
        }
        took = {}
        for why, target in reasons.items():
            with work_of(monkeypatch) as took[why]:
                assert is_unauthorized(await answer_to(world, handshake(target))), why
        assert "compared" in took["nothing"]
        assert any("session_keys" in work for work in took["nothing"])
        assert len({tuple(work) for work in took.values()}) == 1, took


async def first_response(world: World, target: str) -> bytes:
    """Return the first bytes of the response to a handshake."""
    stream = await world.listener.open()
    await stream.send_all(handshake(target))
    answer = bytes(await stream.receive_some())
    await stream.aclose()
    return answer


@contextmanager
def work_of(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """List what is read from the database, decrypted and compared, in order."""
    work: list[str] = []
    compare, unseal = hmac.compare_digest, Sealer.unseal

    def compared(one: bytes, other: bytes) -> bool:
        work.append("compared")
        return compare(one, other)

    def unsealed(sealer: Sealer, user_id: int, sealed: str) -> str | None:
        key = unseal(sealer, user_id, sealed)
        work.append(f"unsealed {len(sealed)}, {key is not None}")
        return key

    with monkeypatch.context() as patch, reads_told(lambda sql, _: work.append(sql)):
        patch.setattr(Sealer, "unseal", unsealed)
        patch.setattr(hmac, "compare_digest", compared)
        yield work
