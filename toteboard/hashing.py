"""Passwords: what one may be, how it is prepared for comparison, and its hash.

The algorithm is argon2id with the minimum parameters that OWASP recommends: 19 MiB and two passes,
about 30 ms on one core. `toteboard/http/passwords.py` hashes in a thread.
"""

import unicodedata
from typing import Final

from argon2 import PasswordHasher

HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
SHORTEST_PASSWORD: Final = 8
"""Code points after `opaque`. Some emoji are several."""
LONGEST_PASSWORD: Final = 1_024
"""Bytes of UTF-8, because a request has a limited size."""


def opaque(password: str) -> str:
    """Prepare a password for comparison, so that it is the same however it was typed.

    RFC 8265, section 4.2 (OpaqueString): all kinds of spaces become U+0020, and characters are
    composed.
    """
    spaced = "".join(" " if unicodedata.category(each) == "Zs" else each for each in password)
    return unicodedata.normalize("NFC", spaced)


def password_fault(password: str) -> str | None:
    """Return what a prepared password (`opaque`) must be, if this one is not; else None."""
    if len(password) < SHORTEST_PASSWORD:
        return f"{SHORTEST_PASSWORD} characters or more"
    if len(password.encode("utf-8", "replace")) > LONGEST_PASSWORD:
        return f"at most {LONGEST_PASSWORD:,} bytes long"
    if any(unicodedata.category(each) in ("Cc", "Cs") for each in password):
        return "free of control characters"
    return None


def hashed(password: str) -> str:
    """Return the hash of a password. It takes about 30 ms."""
    return HASHER.hash(password)
