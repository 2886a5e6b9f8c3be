"""HTTP requests to the public port over real sockets, each with the expected statuses.

They are bodies, pipelines, partial requests and bytes that are not HTTP/1.1.
`tests/campaigns/fuzz/http/answers.py` checks everything else about the answers.
"""

from collections.abc import Callable, Sequence
from random import Random

from attrs import frozen

from tests.campaigns.fuzz.frames import pieces
from tests.campaigns.fuzz.http.inputs import BODIES, posted, request, upgrade

BAD_BODIES = tuple(text for text in BODIES if len(text) < 8_000 and not text.endswith('"}'))
LAST = {"Connection": "close"}
HEALTH = request("GET", "/healthz")


@frozen
class Errand:
    """Bytes to send and the expected statuses.

    There is a pause between several `pieces`. `ends`: the client sends nothing more. `statuses`:
    the alternatives for each answer, in order.
    """

    kind: str
    pieces: Sequence[bytes]
    statuses: Sequence[tuple[int, ...]]
    ends: bool = False


def errand(chance: Random) -> Errand:
    """Return a random errand."""
    return chance.choice(KINDS)(chance)


def _good(chance: Random) -> Errand:
    path, status = chance.choice(
        (("/healthz", 200), ("/readyz", 200), ("/config.json", 200), ("/asyncapi.json", 200))
    )
    said = request(chance.choice(("GET", "GET", "HEAD")), path, LAST)
    return Errand("HTTP: good", pieces(said, chance), [(status,)])


def _nowhere(chance: Random) -> Errand:
    path = chance.choice(("/metrics", "/x", "/../../etc/passwd", "/%2e%2e/%2e%2e/x", "/%00"))
    return Errand("HTTP: nowhere", [request("GET", path, LAST)], [(404,)])


def _pipeline(chance: Random) -> Errand:
    paths = chance.choices(("/healthz", "/nowhere", "/config.json"), k=chance.randint(2, 40))
    said = b"".join(request("GET", path) for path in paths) + request("GET", "/readyz", LAST)
    statuses = [(404,) if path == "/nowhere" else (200,) for path in paths]
    return Errand("HTTP: pipeline", pieces(said, chance), [*statuses, (200,)])


def _wrong_password(chance: Random) -> Errand:
    text = f'{{"username": "u{chance.randrange(10**9)}", "password": "hunter2 hunter2"}}'
    said = posted("/r/login/", text, "application/json")
    return Errand("HTTP: wrong password", pieces(said, chance), [(401,)], ends=True)


def _bad_body(chance: Random) -> Errand:
    kind = chance.choice(("application/json", "application/x-www-form-urlencoded", "a/b"))
    said = posted("/r/signup/", chance.choice(BAD_BODIES), kind)
    return Errand("HTTP: bad body", pieces(said, chance), [(400, 415)], ends=True)


def _large_body(chance: Random) -> Errand:
    said = posted("/r/login/", "x" * chance.choice((8_193, 100_000)), "application/json")
    return Errand("HTTP: large body", [said], [(413,)], ends=True)


def _half_a_body(chance: Random) -> Errand:
    said = posted("/r/login/", '{"username": "ann"}', "application/json")
    cut = said[: -chance.randint(1, 18)]
    return Errand("HTTP: half a body", [cut], [(400, 408)], ends=True)


def _bad_chunk(chance: Random) -> Errand:
    fields = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    chunk = chance.choice((b"zz\r\n", b"-1\r\n", b"0x1\r\nx\r\n", b"1\r\nxy\r\n"))
    return Errand(
        "HTTP: bad chunk", [request("POST", "/r/login/", fields) + chunk], [(400, 408)], ends=True
    )


def _framed_twice(chance: Random) -> Errand:
    again = chance.choice((b"Content-Length: 2", b"Transfer-Encoding: chunked"))
    twice = b"\r\nContent-Length: 2\r\n" + again
    said = HEALTH.replace(b"\r\n\r\n", twice + b"\r\n\r\n{}")
    return Errand("HTTP: framed twice", [said], [(400,)])


def _bad_head(chance: Random) -> Errand:
    line = chance.choice((b"X: a\nb", b" X: y", b"X : y", b"X", b"X: \0", b"Host: h", b"X: a\rb"))
    said = HEALTH.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n")
    return Errand("HTTP: bad head", [said], [(400,)])


def _large_head(chance: Random) -> Errand:
    fields = chance.choice(({"X": "y" * 20_000}, {f"X-{number}": "y" for number in range(101)}))
    return Errand("HTTP: large head", [request("GET", "/healthz", fields)], [(431,)])


def _http_2(chance: Random) -> Errand:
    said = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + chance.randbytes(chance.randint(0, 300))
    return Errand("HTTP/2", [said], [(505,)])


def _other_upgrade(chance: Random) -> Errand:
    fields = {"Connection": "Upgrade, HTTP2-Settings", "HTTP2-Settings": "AAMAAAB"}
    said = request("GET", "/", fields | {"Upgrade": chance.choice(("h2c", "TLS/1.0", "x"))})
    return Errand("HTTP: another upgrade", [said + chance.randbytes(9)], [(400,)])


def _late_upgrade(chance: Random) -> Errand:
    return Errand("HTTP: an upgrade behind a request", [HEALTH + upgrade("/")], [(200,), (400,)])


def _broken_off(chance: Random) -> Errand:
    """Return a request whose head is incomplete."""
    return Errand("HTTP: broken off", [HEALTH[: chance.randrange(len(HEALTH))]], [], ends=True)


Kind = Callable[[Random], Errand]
KINDS: Sequence[Kind] = (
    *(_good, _nowhere, _pipeline, _wrong_password, _bad_body, _large_body, _half_a_body),
    *(_bad_chunk, _framed_twice, _bad_head, _large_head, _http_2, _other_upgrade, _late_upgrade),
    _broken_off,
)
