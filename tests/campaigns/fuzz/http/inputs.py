"""Generate meaningful connections, and damage them as HTTP rather than as bytes."""

import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Final
from urllib.parse import urlencode

LONGEST: Final = 20_000
MOST_FIELDS: Final = 100
OPERATOR, SLOW = 1, 8
SILENT, ENDS, RESETS, DEAF = 0, 2, 4, 6
"""How a client ends its side: not at all, with a FIN, with a reset; DEAF clients do not read."""
NAME, PASSWORD = "ann", "hunter2 hunter2"

PATHS: Final = (
    *("/", "/healthz", "/readyz", "/asyncapi.json", "/config.json", "/metrics", "/r/login/"),
    *("/r/signup/", "/style.css", "/app/main.js", "/index.html", "/r/login", "/r/password/"),
    "/r/signout/",
)
ODD_PATHS: Final = (
    *("*", "//", "/../outside.js", "/%2e%2e/outside.js", "/..%2foutside.js", "/app/..%5c", "/%00"),
    *("/%ff", "/%", "/%zz", "/.hidden.js", "/%2ehidden.js", "/package.json", "/app/secret.py"),
    *("/app/", "/app", "/vendor", "/style.css/", "/style.css/x", "/a" * 3_000, "/?" + "q" * 5_000),
    *("/\u00e9", "/#x", "/a b", "http://x/healthz", "HTTPS://x:1?a", "http://", "http://[::1]/"),
    *("ftp://x/", "http://me@x/", "x:80", "//x/healthz", "/healthz?a=%ff&b", "/healthz;x", "/./"),
    *(
        "/../page2/outside.js",
        "/app/../../outside.js",
        "/" + "%41" * 2_000,
        "ws://x/",
        "/r/login//",
    ),
    *("/index.html%00.js", "/app/main.js%20", "/" + "x" * 300 + ".js", "/" + "a/" * 1_200 + ".js"),
)
METHODS: Final = (
    *("GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PRI", "get"),
    *("G", "X" * 32, "X" * 33, "GET\x00", "G(T", "PROPFIND", "QUERY"),
)
FIELDS: Final = {
    "Host": (
        "h",
        "h:80",
        "",
        "h:99999",
        "[::1]:1",
        "[",
        "[D:1]",
        "[::1::]:1",
        "a b",
        "h,h",
        "x" * 300,
        "\u00e9",
        "h/x",
    ),
    "Connection": ("close", "keep-alive", "Upgrade", "close, Upgrade", ",", "keep-alive, close"),
    "Upgrade": ("websocket", "h2c", "WebSocket", "websocket, h2c", "TLS/1.0", ""),
    "Sec-WebSocket-Key": ("AAAAAAAAAAAAAAAAAAAAAA==", "zz", "", "A" * 24),
    "Sec-WebSocket-Version": ("13", "8", "13, 8", ""),
    "HTTP2-Settings": ("AAMAAAB", "AAIAAAAF", ""),
    "Content-Length": ("0", "1", "5", "-1", "+1", "1, 1", "0x1", "1_0", "9" * 15, "9" * 16, ""),
    "Transfer-Encoding": ("chunked", "gzip, chunked", "Chunked", "identity", "\x0bchunked", ""),
    "Content-Type": (
        *("application/json", "application/x-www-form-urlencoded", "text/plain", "", ";", "\xff"),
        *("application/json; charset=utf-16", "multipart/form-data; boundary=x", "a" * 3_000),
    ),
    "Origin": (
        *("https://friend.test", "http://h", "null", "http://[", "https://h:x", "", "http://h@x"),
        *("http://[::1]:80", "file://", "\xff", "HTTP://H", "http://" + "h" * 2_000),
    ),
    "X-Forwarded-For": ("1.2.3.4", "::1", "[::1]", "1.2.3.4, 5.6.7.8", ",", "\xff", "x" * 999),
    "X-Forwarded-Proto": ("https", "http", "HTTPS", "x", ","),
    "X-Forwarded-Host": ("games.test", "h:1", "[", "a, b", "\xff", "x" * 999, "h\tx"),
    "Range": (
        *("bytes=0-1", "bytes=-1", "bytes=5-", "bytes=9-1", "bytes=0-0,2-3", "bytes=", "bytes=a-b"),
        *("bytes=99999999999-", "bytes=-", "bytes=" + "0-0," * 900, "x=0-1", "bytes=--1", "bytes"),
        *("bytes=-99999999999", "bytes=\u0661-2", "bytes=+1-2", "bytes=1_0-2_0", "bytes=0-0" * 500),
    ),
    "If-Range": ("x", '"x"', "Sat, 29 Oct 1994 19:43:31 GMT"),
    "If-None-Match": ("*", '"x"', 'W/"x"', "x, y", ",", '"', "\xff", '"' * 1_000),
    "If-Modified-Since": (
        *(
            "Sat, 29 Oct 2094 19:43:31 GMT",
            "yesterday",
            "",
            "Sat, 99 Oct 1994 99:43:31 GMT",
            "\xff",
        ),
        *("Sat, 29 Oct 1994 19:43:31 -9999", "1 Jan 0000 00:00:00 +2400", "0", "1 Jan 99999 0:0:0"),
    ),
    "Expect": ("100-continue", "x", "100-continue, 100-continue", ""),
    "Accept-Encoding": ("gzip", "identity;q=0", "*", "\xff"),
    "Cookie": ("a=b; c", "\xff", "=" * 500),
    "TE": ("trailers",),
    "Trailer": ("Content-Length",),
    "Forwarded": ("for=1.2.3.4;host=x", '"'),
    "Keep-Alive": ("timeout=9",),
    "X" * 200: ("y" * 3_000, "\x80\xff", "a\x00b", "a\x7fb", "a\r\n b", "a\rb", "a\nb"),
}
NO_FIELDS: Final = (
    " X: y",
    "X : y",
    ":y",
    "X",
    "X y: z",
    "\u00e9: x",
    "",
    "\tX",
    "X\x00: y",
    "(: y",
)
BODIES: Final = (
    *("", "{}", "[]", "null", "0", '"x"', "{", '{"username": "ann"}', "username=ann", "a=b&a=c"),
    *("username=%ff&password=x", "username=\xff", "&=&", "%", "password=" + "x" * 9_000),
    *('{"username": "ann", "password": 1}', '{"username": ["ann"], "password": "hunter2 hunter2"}'),
    *('{"username": "\\ud800", "password": "hunter2 hunter2"}', "[" * 5_000, '[["a", "b"]]'),
    *('{"username": "\\u0000", "password": "\\u0000"}', '[["username", "ann"]]', '["ab"]'),
    *('{"username": "' + "x" * 60 + '", "password": "hunter2 hunter2"}', '{"username": 1e999}'),
    *('{"username": "e\u0301", "password": "\u00a0\u0301\u2003\ufdfa\u1100\u1161"}', "x" * 9_000),
)
CHUNKS: Final = (
    *(
        b"1\r\nx\r\n0\r\n\r\n",
        b"0\r\n\r\n",
        b"zz\r\n",
        b"-1\r\n",
        b"1;a=b\r\nx\r\n0\r\nA: b\r\n\r\n",
    ),
    *(
        b"FFFFFFFFFFFFFFFFF\r\n",
        b"1\r\nxy\r\n0\r\n\r\n",
        b"1\nx\n0\n\n",
        b"0\r\nA\r\n\r\n",
        b"1\r\nx",
    ),
    *(b"0x1\r\nx\r\n0\r\n\r\n", b"1 \r\nx\r\n0\r\n\r\n", b"1;" + b"a" * 9_000, b"\r\n0\r\n\r\n"),
)
NO_HTTP: Final = (
    *(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x12\4\0\0\0\0\0", b"\x16\x03\x01\x02\0\x01\0\x01\xfc"),
    *(
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\r\n",
        b"\r\n\r\n",
        b"\0",
        b"GET / HTTP/0.9\r\n\r\n",
        b"GET /\r\n",
    ),
)
STRAY: Final = (
    b"\r",
    b"\n",
    b"\0",
    b" ",
    b"\t",
    b":",
    b"\r\n",
    b"\xff",
    b"%",
    b"\x0b",
    b"\r\n\r\n",
)
VERSIONS: Final = (
    "HTTP/1.0",
    "HTTP/1.2",
    "HTTP/2.0",
    "HTTP/0.9",
    "http/1.1",
    "HTTP/1.1 ",
    "HTTP/11",
)
END: Final = b"\r\n\r\n"


class Connections:
    """Generates connections. `address`: the path and query that sign a user in."""

    longest = LONGEST

    def __init__(self, address: str) -> None:
        self._address = address
        self._sound = [*self.sown(Random(address))]

    def sown(self, chance: Random) -> Iterator[bytes]:
        """Yield each kind of request to both ports, alone, and some of them pipelined."""
        made = [*self._requests()]
        for number, data in enumerate(made):
            yield bytes([number % 2 | ENDS, 0]) + data
            yield bytes([SILENT, chance.randrange(256)]) + data
        for _ in range(30):
            behind_each_other = b"".join(chance.sample(made, 3))
            yield bytes([chance.randrange(16), chance.randrange(256)]) + behind_each_other

    def _requests(self) -> Iterator[bytes]:
        for path in (*PATHS, *ODD_PATHS):
            yield request("GET", path)
        for method in METHODS:
            yield request(method, "/healthz")
        for name, values in FIELDS.items():
            for value in values:
                yield request("GET", "/style.css", {name: value})
        yield from (each + END for each in NO_HTTP)
        yield request("GET", "/", {f"X-{number}": "" for number in range(MOST_FIELDS)})
        yield from self._with_bodies()
        yield from (upgrade(path) for path in (self._address, "/", "/x", self._address + "x"))
        yield upgrade(self._address) + b"\x81\x80\0\0\0\0"

    def _with_bodies(self) -> Iterator[bytes]:
        good = {"username": NAME, "password": PASSWORD}
        for text in (json.dumps(good), json.dumps(good | {"username": "bob"}), *BODIES):
            yield posted("/r/login/", text, "application/json")
            yield posted("/r/signup/", text, "application/json")
        # Never with ann's password: it would end the key of the address that signs her in.
        for text in BODIES:
            yield posted("/r/signout/", text, "application/json")
        for text in (urlencode(good), *BODIES):
            yield posted("/r/login/", text, "application/x-www-form-urlencoded")
        for name in ("Content-Type", "Origin", "Expect"):
            for value in FIELDS[name]:
                json_or_not = {
                    "Content-Type": "application/json",
                    "Content-Length": "2",
                    name: value,
                }
                yield request("POST", "/r/login/", json_or_not, b"{}")
        fields = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}
        for chunks in CHUNKS:
            yield request("POST", "/r/login/", fields) + chunks

    def damaged(self, data: bytes, chance: Random) -> bytes:
        """Return the input with a change that is specific to HTTP."""
        if len(data) < 3 or chance.random() < 0.02:
            return chance.choice(self._sound)
        manner, cut, said = data[0], data[1], data[2:]
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            said = chance.choice(DAMAGES)(said, chance)
        if chance.random() < 0.2:
            manner, cut = chance.randrange(16), chance.choice((0, 0, chance.randrange(256)))
        if chance.random() < 0.02:
            said += upgrade(self._address)
        return (bytes([manner, cut]) + said)[:LONGEST]

    def words(self) -> list[bytes]:
        """Return names and values of fields, paths and bodies."""
        odd = [*PATHS, *ODD_PATHS, *METHODS, *FIELDS, *VERSIONS, *BODIES]
        odd += [value for values in FIELDS.values() for value in values]
        found = {_bytes(each) for each in odd if 0 < len(each) < 60}
        return sorted(found | {each for each in (*CHUNKS, *NO_HTTP, *STRAY) if len(each) < 60})


def request(
    method: str, path: str, fields: dict[str, str] | None = None, body: bytes = b""
) -> bytes:
    """Return the bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in ({"Host": "h"} | (fields or {})).items()]
    return _bytes("\r\n".join(lines)) + END + body


def posted(path: str, text: str, kind: str) -> bytes:
    """Return a POST with a body of this content type."""
    body = text.encode(errors="surrogatepass")
    fields = {"Content-Type": kind, "Content-Length": str(len(body))}
    return request("POST", path, fields, body)


def upgrade(path: str) -> bytes:
    """Return a handshake."""
    fields = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    return request("GET", path, fields | {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="})


def _bytes(text: str) -> bytes:
    """Encode as Latin-1 if possible, as fields are read, and as UTF-8 otherwise."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


# Each function changes one aspect of a request.


def _one_line(said: bytes, chance: Random) -> tuple[list[bytes], int]:
    lines = said.split(b"\r\n")
    return lines, chance.randrange(len(lines))


def _other_request_line(said: bytes, chance: Random) -> bytes:
    line, rest, behind = said.partition(b"\r\n")
    parts = [*line.split(b" "), b"", b"", b""][:3]
    choices: Sequence[Sequence[str]] = (METHODS, (*PATHS, *ODD_PATHS), ("HTTP/1.1", *VERSIONS))
    number = chance.choices((0, 1, 2), (3, 6, 1))[0]
    parts[number] = _bytes(chance.choice(choices[number]))
    return b" ".join(parts) + rest + behind


def _another_field(said: bytes, chance: Random) -> bytes:
    name = chance.choice([*FIELDS])
    value = chance.choice(FIELDS[name])
    return _put_in(said, _bytes(f"{name}: {value}"), chance)


def _no_field(said: bytes, chance: Random) -> bytes:
    return _put_in(said, _bytes(chance.choice(NO_FIELDS)), chance)


def _put_in(said: bytes, line: bytes, chance: Random) -> bytes:
    head, end, rest = said.partition(END)
    lines = head.split(b"\r\n")
    lines.insert(chance.randint(min(1, len(lines)), len(lines)), line)
    return b"\r\n".join(lines) + end + rest


def _a_line_less(said: bytes, chance: Random) -> bytes:
    lines, at = _one_line(said, chance)
    return b"\r\n".join(lines[:at] + lines[at + 1 :])


def _a_line_twice(said: bytes, chance: Random) -> bytes:
    lines, at = _one_line(said, chance)
    many = chance.choice((2, 2, 2, 120))
    return b"\r\n".join(lines[:at] + lines[at : at + 1] * many + lines[at + 1 :])


def _another_line_end(said: bytes, chance: Random) -> bytes:
    lines, at = _one_line(said, chance)
    end = chance.choice((b"\n", b"\r", b"\r\r\n", b"\n\n", b"\r\n ", b""))
    return b"\r\n".join(lines[:at]) + end + b"\r\n".join(lines[at:])


def _stray(said: bytes, chance: Random) -> bytes:
    at = chance.randint(0, len(said))
    return said[:at] + chance.choice(STRAY) + said[at + chance.choice((0, 1)) :]


def _cut(said: bytes, chance: Random) -> bytes:
    return said[: chance.randint(0, len(said))]


def _other_body(said: bytes, chance: Random) -> bytes:
    kind = chance.choice(FIELDS["Content-Type"][:2])
    path = chance.choice(("/r/login/", "/r/signup/", "/r/signout/", "/healthz"))
    return posted(path, chance.choice(BODIES), kind) + chance.choice((b"", said))


def _other_chunks(said: bytes, chance: Random) -> bytes:
    fields = {"Transfer-Encoding": "chunked", "Content-Type": chance.choice(FIELDS["Content-Type"])}
    chunks = b"".join(chance.choices(CHUNKS, k=chance.choice((1, 2, 3))))
    return request("POST", "/r/login/", fields) + chunks + chance.choice((b"", said))


def _more_behind(said: bytes, chance: Random) -> bytes:
    path = chance.choice((*PATHS, *ODD_PATHS))
    return said + request(chance.choice(METHODS[:4]), path) * chance.choice((1, 1, 2, 20))


def _no_http(said: bytes, chance: Random) -> bytes:
    return chance.choice((b"", said)) + chance.choice(NO_HTTP)


DAMAGES: Final = (
    *(_other_request_line, _another_field, _another_field, _another_field, _no_field, _a_line_less),
    *(_a_line_twice, _another_line_end, _stray, _cut, _other_body, _other_chunks, _more_behind),
    _no_http,
)
