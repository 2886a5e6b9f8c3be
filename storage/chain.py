"""Digests of rows, and a chain of them over each game's facts.

A fact's digest is over the digest before it and its own row. So a row that was changed, moved,
dropped or put in breaks the chain, also where every other copy of a value was changed with it. The
digest of the latest fact, the head, is kept with the game too, so that a loss at the end is
noticed. There is no secret in it: a program that computes all digests again, from the row that it
changed on, makes a chain that holds.

The digests are stored: how they are made here must not change.
"""

from hashlib import sha256
from typing import Any

import orjson


def digest(*row: Any) -> bytes:
    """Return SHA-256 over a row's columns, 32 bytes.

    They are written as a JSON array: there no value can slide into another, NULL is not the empty
    text and 1 is not '1'.
    """
    return sha256(orjson.dumps(row, default=_blob)).digest()


def link(
    head: bytes, game_id: str, seq: int, at: int, kind: str, pool_id: str | None, body: str
) -> bytes:
    """Return the digest of the fact that follows the one with the digest `head`, empty at first."""
    return digest(head.hex(), game_id, seq, at, kind, pool_id, body)


def _blob(value: Any) -> list[str]:
    # Only a hand at the file leaves bytes in these columns. No other value is an array.
    return [bytes(value).hex()]
