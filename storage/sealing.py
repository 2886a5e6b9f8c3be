"""Session keys at rest: encrypted with a secret that is not in the database.

A client proves its identity with a digest over user id, nonce and session key. The server needs the
key itself to verify it; a hash of the key is not enough. The database holds each key encrypted
(AES-256-GCM) with a secret from a file beside it. So no client can sign in with a stolen copy of
the database alone.

Binding. The user id is authenticated with the key: a sealed key that is copied into another user's
row does not open. Each sealing uses a random 96-bit nonce, so one secret may seal 2^32 keys.

Derivation. The key file holds at least 32 random bytes. HKDF derives the cipher's key from them
and, independently, the `secret_id` that the database stores. The id tells whether a secret is the
right one, and reveals nothing about it.

Limits. The secret is in the server's memory, and an intruder who reads both files has the keys. If
the secret is lost, only the session keys are lost: users sign in again.
"""

import os
import secrets
import stat
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
"""The length of a key file, without white space at its ends."""
DECOY: Final = 0, "x" * 43
"""The key to open for a user without one, so that it takes as long. No user has the id 0."""


class Sealer:
    """Seals session keys with one secret, and opens them.

    `node_secret` is what the nodes of a cluster prove to each other that they know.
    """

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(derived(secret, b"session keys"))
        self.secret_id = derived(secret, b"secret id")[:8].hex()
        self.node_secret = derived(secret, b"node link")
        self.decoy = self.seal(*DECOY)

    def seal(self, user_id: int, key: str) -> str:
        """Return the stored form of a user's session key."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return b64encode(
            nonce + self._cipher.encrypt(nonce, key.encode(), _bound(user_id))
        ).decode()

    def unseal(self, user_id: int, sealed: str) -> str | None:
        """Return the session key; None if it was sealed with another secret or for another user."""
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
        """Return whether the file exists, or existed when it was read."""
        return self._sealer is not None or self.path.exists()

    def sealer(self) -> Sealer:
        """Return the sealer of the file's secret. Create a missing file.

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
        # Without O_NONBLOCK, it would wait for a process that writes to a FIFO.
        with open(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise DatabaseUnusableError(f"the key file {self.path} is not a regular file")
            _refuse_readable_by_others(self.path, os.fstat(file.fileno()))
            secret = file.read(MOST_BYTES + 1).strip()
        if not LEAST_BYTES <= len(secret) <= MOST_BYTES:
            raise DatabaseUnusableError(
                f"the key file {self.path} must hold {LEAST_BYTES} to {MOST_BYTES} bytes, "
                f"not {len(secret)}"
            )
        return secret

    def _make(self) -> None:
        """Create the file in one step, unless another process creates it first."""
        with private_draft(self.path) as draft:
            draft.write_text(secrets.token_hex(LEAST_BYTES) + "\n")
            sync(draft)
            with suppress(FileExistsError):
                os.link(draft, self.path)
        sync(self.path.parent)


def _refuse_readable_by_others(path: Path, about: os.stat_result) -> None:
    """Allow only the owner, and a group if root owns the file, as systemd passes credentials."""
    allowed = 0o640 if about.st_uid == 0 else 0o600
    if about.st_mode & 0o7777 & ~allowed & 0o077:
        raise DatabaseUnusableError(
            f"the key file {path} can be read or changed by other users: run chmod 600 {path}"
        )


def derived(secret: bytes, purpose: bytes) -> bytes:
    """Return 32 bytes for one purpose, independent of those for other purposes."""
    return HKDF(SHA256(), 32, None, b"toteboard " + purpose).derive(secret)


def _bound(user_id: int) -> bytes:
    return b"session key of user %d" % user_id
