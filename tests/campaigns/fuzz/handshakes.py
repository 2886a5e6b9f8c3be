"""Invalid handshakes. The server answers each with an HTTP error or closes the connection."""

from collections.abc import Callable, Sequence
from random import Random

from attrs import frozen

from toteboard_client import signed_url

GOOD = (
    "GET {path} HTTP/1.1\r\nHost: toteboard.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@frozen
class Knock:
    """Bytes to send, with a pause between the `pieces`, and the expected end.

    `status`: the start of the answer; 0 allows any 4xx or none. `ends`: the client closes
    afterwards; otherwise the server must.
    """

    kind: str
    pieces: Sequence[bytes]
    status: int = 0
    ends: bool = False


def knock(chance: Random, key: tuple[int, str]) -> Knock:
    """Return a random invalid handshake. `key` belongs to a user who could sign in."""
    return chance.choices(KINDS, WEIGHTS)[0](chance, key)


def good(key: tuple[int, str]) -> bytes:
    """Return a valid handshake."""
    return GOOD.format(path=signed_url("/", *key)).encode()


def _no_http(chance: Random, key: tuple[int, str]) -> Knock:
    garbage = chance.choice(
        (
            chance.randbytes(chance.randint(1, 400)),
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + chance.randbytes(200),
            b"SSH-2.0-OpenSSH_9.6\r\n",
            b"GET\r\n\r\n",
            b"GET / HTTP/9.9\r\n\r\n",
            b"\r\n" * 100,
        )
    )
    return Knock("no HTTP", [garbage + b"\r\n\r\n"])


def _no_websocket(chance: Random, key: tuple[int, str]) -> Knock:
    lines = good(key).split(b"\r\n")
    without = chance.choice((2, 3, 4, 5))
    changed = (
        lines[:without] + lines[without + 1 :],
        [lines[0].replace(b"GET", b"POST"), *lines[1:]],
        [line.replace(b"13", b"8") if b"Version" in line else line for line in lines],
        [line.replace(b"websocket", b"h2c") if b"Upgrade:" in line else line for line in lines],
    )
    return Knock("HTTP, but no WebSocket", [b"\r\n".join(chance.choice(changed))])


def _not_signed_in(chance: Random, key: tuple[int, str]) -> Knock:
    path = signed_url("/", *key)
    wrong = chance.choice(
        (path[:-1] + ("0" if path[-1] != "0" else "1"), "/", path + "&n=1", "/?id=%ff&n=1&h=1")
    )
    return Knock("not signed in", [GOOD.format(path=wrong).encode()], status=401)


def _elsewhere(chance: Random, key: tuple[int, str]) -> Knock:
    path = chance.choice(("/x", "//", "/" + "y" * 5_000, "/%00"))
    return Knock("another path", [GOOD.format(path=path).encode()], status=404)


def _frames_behind_a_no(chance: Random, key: tuple[int, str]) -> Knock:
    sent = GOOD.format(path="/").encode() + chance.randbytes(chance.randint(1, 3_000))
    return Knock("frames behind a refused handshake", [sent], status=401)


def _too_long(chance: Random, key: tuple[int, str]) -> Knock:
    return Knock("a handshake of 100 KB", [good(key)[:-2] + b"X: " + b"y" * 100_000])


def _half(chance: Random, key: tuple[int, str]) -> Knock:
    whole = good(key)
    return Knock("half, then hung up", [whole[: chance.randint(0, len(whole) - 1)]], ends=True)


def _half_and_wait(chance: Random, key: tuple[int, str]) -> Knock:
    whole = good(key)
    return Knock("half, then silence", [whole[: chance.randint(0, len(whole) - 1)]])


def _slow(chance: Random, key: tuple[int, str]) -> Knock:
    whole = good(key)
    return Knock("a byte at a time", [whole[i : i + 1] for i in range(len(whole))])


Kind = Callable[[Random, tuple[int, str]], Knock]
KINDS: Sequence[Kind] = (
    *(_no_http, _no_websocket, _not_signed_in, _elsewhere, _frames_behind_a_no, _half),
    *(_too_long, _half_and_wait, _slow),
)
WEIGHTS = (*[10] * 6, 1, 2, 2)
