"""Digests of rows, and a chain of digests over the facts of each game.

The digest of a fact covers the digest before it and the fact's row. A row that was changed, moved,
deleted or inserted breaks the chain, even if all other copies of its values were changed too. The
game stores the digest of its latest fact, the head, so facts missing at the end are noticed. The
chain has no secret: a program that recomputes all digests from the changed row on makes a valid
chain.

The digests are stored, so the way in which they are computed must not change.
"""

from hashlib import sha256
from typing import Any

import orjson


def digest(*row: Any) -> bytes:
    """Return the SHA-256 of a row's columns, 32 bytes.

    The columns are hashed as a JSON array, so that the boundaries between values count, and NULL
    differs from the empty text and 1 from '1'.
    """
    return sha256(orjson.dumps(row, default=_blob)).digest()


def link(
    head: bytes, game_id: str, seq: int, at: int, kind: str, pool_id: str | None, body: str
) -> bytes:
    """Return the digest of the fact after the one with the digest `head` (b"" for the first)."""
    return digest(head.hex(), game_id, seq, at, kind, pool_id, body)


def _blob(value: Any) -> list[str]:
    # Only a manual edit of the file leaves bytes in these columns. No other value is an array.
    return [bytes(value).hex()]
