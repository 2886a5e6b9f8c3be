"""Loads the files of TLS. An error names the files that it is about, as OpenSSL does not."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager


class UnusableTlsError(Exception):
    """A certificate, its key or an authority is missing, unreadable, or not what it should be."""


def load_certificate(context: ssl.SSLContext, certificate: str, key: str | None) -> None:
    """Show a certificate in a context; its file may hold the key. Raise UnusableTlsError."""
    files = certificate if key is None else f"{certificate} and {key}"
    with _about(f"the TLS certificate and key in {files}"):
        context.load_cert_chain(certificate, key)


def trusting(purpose: ssl.Purpose, authority: str) -> ssl.SSLContext:
    """Return a context that trusts the authority in a file alone. Raise UnusableTlsError."""
    with _about(f"the TLS authority in {authority}"):
        return ssl.create_default_context(purpose, cafile=authority)


@contextmanager
def _about(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:  # ssl.SSLError is an OSError
        raise UnusableTlsError(f"cannot use {what}: {error.strerror or error}") from error
