"""Signs users in with verified tokens, and makes the source of keys that the settings name."""

from pathlib import Path

import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from actors.clock import Clock
from actors.store import Store
from storage.token_writes import TokenSignIn
from storage.users import DisabledUserError
from storage.write import Values
from toteboard.people import HOME_CURRENCY
from toteboard.token_settings import TokenSettings
from toteboard.tokens.key_sources import FixedKey, JwksSource, KeySource
from toteboard.tokens.verification import TokenRefusedError, Verifier, refuse_unfit

log = structlog.get_logger()


class TokenDesk:
    """Signs users in with tokens, in the deciding process. `keys.run` must be running."""

    def __init__(
        self,
        settings: TokenSettings,
        keys: KeySource,
        store: Store,
        clock: Clock,
        initial_balance: int,
    ) -> None:
        self._settings, self._store, self._clock = settings, store, clock
        self._verifier = Verifier(settings, keys)
        self._initial_balance = initial_balance

    async def sign_in(self, token: str) -> Values:
        """Return the user's id, name and session key. Raise DisabledUserError, StorageError.

        A token that is refused looks like a disabled user to the caller; the log has the reason.
        """
        try:
            claims = await self._verifier.verify(token, self._clock.now())
        except TokenRefusedError as refused:
            log.info("token_refused", reason=str(refused))
            raise DisabledUserError("") from None
        write = TokenSignIn(
            claims.issuer,
            claims.subject,
            claims.name,
            claims.can_host,
            claims.may_bet,
            {HOME_CURRENCY: self._initial_balance},
            self._settings.jwt_session_ttl,
        )
        return await self._store.perform(write)


def key_source(settings: TokenSettings) -> KeySource:
    """Return the source of keys that the settings name. Raise OSError, ValueError."""
    if settings.jwt_secret is not None:
        return FixedKey(settings.jwt_secret.encode())
    if settings.jwt_public_key is not None:
        return FixedKey(_pem(Path(settings.jwt_public_key), settings.algorithms))
    return JwksSource(str(settings.jwt_issuer), str(settings.jwt_jwks_url))


def _pem(
    path: Path, algorithms: tuple[str, ...]
) -> RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey:
    """Return the key of a PEM file. Raise OSError, ValueError."""
    key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey):
        raise ValueError("it is not an RSA, EC or Ed25519 key")
    for algorithm in algorithms:
        try:
            refuse_unfit(key, algorithm)
        except TokenRefusedError:
            continue
        return key
    raise ValueError("it fits none of jwt_algorithms")
