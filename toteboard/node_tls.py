"""TLS between the nodes of a cluster: both sides show a certificate of the operator's authority.

It protects what the nodes send each other. That they are of one cluster, they prove by their key
file as well (`actors/link/node_auth.py`).
"""

import ssl

from attrs import frozen

from toteboard.settings import Settings
from toteboard.tls_files import load_certificate, trusting


@frozen
class NodeTls:
    """What a node shows and demands when it listens, and when it calls; None for no TLS."""

    listening: ssl.SSLContext | None = None
    calling: ssl.SSLContext | None = None


def node_tls(settings: Settings) -> NodeTls:
    """Return the TLS between nodes. Raise UnusableTlsError."""
    if settings.node_tls_ca is None:
        return NodeTls()
    return NodeTls(
        _context(settings, ssl.Purpose.CLIENT_AUTH), _context(settings, ssl.Purpose.SERVER_AUTH)
    )


def _context(settings: Settings, purpose: ssl.Purpose) -> ssl.SSLContext:
    """Trust the operator's authority alone: not those of the system."""
    assert settings.node_tls_ca is not None
    assert settings.node_tls_cert is not None
    context = trusting(purpose, settings.node_tls_ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    load_certificate(context, settings.node_tls_cert, settings.node_tls_key)
    return context
