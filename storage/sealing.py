"""Session keys at rest: sealed with a secret that is not in the database.

A client proves itself by a digest over id, nonce and session key, so the server needs the key as
it is: a hash of it would not do. The database holds each key encrypted (AES-256-GCM) under a secret
from a file beside it, so a copy of the database alone signs no client in.

What is bound. The user's id is authenticated with the key: a sealed key that is copied into another
user's row does not open. Each sealing draws its own 96-bit nonce; one secret may seal 2^32 keys.

What is derived. The file holds at least 32 random bytes in any form. HKDF derives the cipher's key
from them and, independently, the `secret_id` that the database notes: it tells whether a secret is
the right one, and nothing about the secret.

What it does not protect from. The secret is in the server's memory, and an intruder who reads both
files has the keys. A lost secret loses the session keys and nothing else: users sign in again.
"""

import os
import secrets
from base64 import b64decode, b64encode
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import DatabaseUnusableError
from storage.files import private_draft, sync

NONCE_BYTES: Final = 12
LEAST_BYTES, MOST_BYTES = 32, 4_096
"""Of a key file, without white space at its ends."""
DECOY: Final = 0, "x" * 43
"""What is opened for a user without a key, so that it takes as long. No user has the id 0."""


class Sealer:
    """Seals session keys under one secret, and opens them."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(derived(secret, b"session keys"))
        self.secret_id = derived(secret, b"secret id")[:8].hex()
        self.decoy = self.seal(*DECOY)

    def seal(self, user_id: int, key: str) -> str:
        """Return a user's session key as it is stored."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return b64encode(
            nonce + self._cipher.encrypt(nonce, key.encode(), _bound(user_id))
        ).decode()

    def unseal(self, user_id: int, sealed: str) -> str | None:
        """Return the session key; None if another secret or another user's key was sealed."""
        try:
            raw = b64decode(sealed)
            key = self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound(user_id))
        except (InvalidTag, ValueError, TypeError):
            return None
        return key.decode()


class KeyFile:
    """The file with the secret, read when the first key is sealed or opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._sealer: Sealer | None = None

    def exists(self) -> bool:
        """Return whether there is such a file, or was when it was read."""
        return self._sealer is not None or self.path.exists()

    def sealer(self) -> Sealer:
        """Return what seals with the secret, which is made if there is none.

        Raise DatabaseUnusableError if the file cannot be used.
        """
        if self._sealer is None:
            try:
                self._sealer = Sealer(self._secret())
            except OSError as error:
                raise DatabaseUnusableError(
                    f"cannot use the key file {self.path}: {error.strerror or error}"
                ) from error
        return self._sealer

    def _secret(self) -> bytes:
        if not self.path.exists():
            self._make()
        with open(self.path, "rb") as file:
            _refuse_readable_by_others(self.path, os.fstat(file.fileno()))
            secret = file.read(MOST_BYTES + 1).strip()
        if not LEAST_BYTES <= len(secret) <= MOST_BYTES:
            raise DatabaseUnusableError(
                f"the key file {self.path} must hold {LEAST_BYTES} to {MOST_BYTES} bytes, "
                f"not {len(secret)}"
            )
        return secret

    def _make(self) -> None:
        """Make it whole or not at all; another process that does so at this moment may be first."""
        with private_draft(self.path) as draft:
            draft.write_text(secrets.token_hex(LEAST_BYTES) + "\n")
            sync(draft)
            with suppress(FileExistsError):
                os.link(draft, self.path)
        sync(self.path.parent)


def _refuse_readable_by_others(path: Path, about: os.stat_result) -> None:
    """The owner alone; a group too if root owns the file, as credentials of systemd are given."""
    allowed = 0o640 if about.st_uid == 0 else 0o600
    if about.st_mode & 0o7777 & ~allowed & 0o077:
        raise DatabaseUnusableError(
            f"the key file {path} can be read or changed by other users: chmod 600 {path}"
        )


def derived(secret: bytes, purpose: bytes) -> bytes:
    """Return 32 bytes for one purpose, from which no other purpose's can be found."""
    return HKDF(SHA256(), 32, None, b"toteboard " + purpose).derive(secret)


def _bound(user_id: int) -> bytes:
    return b"session key of user %d" % user_id
