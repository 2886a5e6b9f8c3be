"""Whatever a caller sends to the API gets an error of the contract, never a 500."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from attrs import fields

from tests.support.till import Till, till
from toteboard.api.parameters import name_of
from toteboard.api.table import CALLS

VALUES: Final = (
    "9" * 5_000,
    "-" + "9" * 5_000,
    "9" * 20,
    "0." + "1" * 5_000,
    "1e400",
    "-1e400",
    "1e9999999999999999999999",
    "0e9999999999999999999999",
    "1e-9999999999999999999999",
    "-0",
    "NaN",
    "Infinity",
    "true",
    "[1]",
    '{"a": [{}]}',
    '{"EUR": 99999999999999999999999999999999}',
    '{"EUR": 1e9999999999999999999999, "EUR": 1}',
    '{"\\ud800": 1}',
    '"\\ud800"',
    '"\\u0000"',
    '"' + "x" * 5_000 + '"',
    '"\u0661"',
    "[" * 3_000,
    "[" * 3_000 + "]" * 3_000,
)
"""Values of JSON, and some that are not."""
BODIES: Final = (
    b"",
    b" ",
    b"null",
    b"\xff",
    b"\xef\xbb\xbf{}",
    b"\x00",
    b'{"amount": 1, "amount": [2]}',
    b"{" * 8_000,
    b"x" * 9_000,
    b"a=1&b=2",
)
"""Bodies that are no JSON object, or an odd one."""
QUERIES: Final = (
    "9" * 5_000,
    "%FF",
    "%00",
    "%ED%A0%80",
    "1-DON-" + "9" * 50,
    "9" * 30 + "-DON-1",
    "-9223372036854775809",
    "%D9%A1",
    "a" * 12_000,
    "&" * 5_000,
)
PATHS: Final = ("%FF", "%00", "0", "9" * 25, "-1", "%E2%80%AE", "..%2F..", "x" * 5_000)
CONTENT_TYPES: Final = ("", "text/plain", "multipart/form-data", "application/json; charset=latin1")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Till]:
    async with till(tmp_path) as opened:
        opened.site.world.add_user("ann")
        yield opened


def path_of(template: str, thing: str = "1") -> str:
    return template.format(user_id=thing, hold_id=thing, source_id=thing, kind="transfers")


def headers_of(desk: Till, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {desk.keys['operator']}", **more}


async def test_no_body_is_answered_with_500(desk: Till) -> None:
    for row in (row for row in CALLS if row.changes):
        names = [name_of(each) for each in fields(row.parameters)]
        bodies = [f'{{"{name}": {value}}}'.encode() for name in names for value in VALUES]
        for body in (*BODIES, *bodies):
            answer = await desk.site.operators.post(
                path_of(row.path), content=body, headers=headers_of(desk)
            )
            assert answer.status_code < 500, (row.name, body[:80], answer.text)
            assert answer.is_success or answer.json()["code"], (row.name, body[:80])


@pytest.mark.parametrize("number", ["9" * 5_000, "1e400", "1e9999999999999999999999"])
async def test_a_number_of_any_length_is_an_invalid_parameter(desk: Till, number: str) -> None:
    for path, body in (
        ("/v1/users/1/credits", f'{{"amount": {number}}}'),
        ("/v1/users", f'{{"name": "bob", "balances": {{"EUR": {number}}}}}'),
    ):
        answer = await desk.site.operators.post(
            path, content=body.encode(), headers=headers_of(desk)
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")


async def test_no_query_is_answered_with_500(desk: Till) -> None:
    for row in (row for row in CALLS if not row.changes):
        for name in (name_of(each) for each in fields(row.parameters)):
            for value in QUERIES:
                url = f"{path_of(row.path)}?{name}={value}"
                answer = await desk.site.operators.get(url, headers=headers_of(desk))
                assert answer.status_code < 500, (row.name, url[:80], answer.text)


async def test_no_path_or_header_is_answered_with_500(desk: Till) -> None:
    for row in CALLS:
        for thing in PATHS:
            path, method = path_of(row.path, thing), row.method
            answer = await desk.site.operators.request(method, path, headers=headers_of(desk))
            assert answer.status_code < 500, (row.name, path[:80], answer.text)
    for kind in CONTENT_TYPES:
        headers = headers_of(desk, **{"Content-Type": kind, "Idempotency-Key": "k" * 65})
        answer = await desk.site.operators.post("/v1/users", content=b"{}", headers=headers)
        assert answer.status_code == 400, kind
