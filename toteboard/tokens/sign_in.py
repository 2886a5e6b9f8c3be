"""Signs users in with verified tokens, and makes the source of keys that the settings name."""

from pathlib import Path
from typing import Any

import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from actors.games.tokens import TokenHolder
from actors.services import Services
from actors.store import Store
from storage.token_writes import TokenSignIn, TokenUser
from storage.users import DisabledUserError
from storage.write import Values
from toteboard.people import HOME_CURRENCY
from toteboard.token_settings import TokenSettings
from toteboard.tokens.key_sources import FixedKey, JwksSource, KeySource
from toteboard.tokens.verification import TokenClaims, TokenRefusedError, Verifier, refuse_unfit

log = structlog.get_logger()


class TokenDesk:
    """Signs users in with tokens, in the deciding process. `keys.run` must be running.

    `initial_balance` of a new user in hundredths.
    """

    def __init__(
        self,
        settings: TokenSettings,
        keys: KeySource,
        initial_balance: int,
        store: Store,
        services: Services,
    ) -> None:
        self._store, self._reads, self._clock = store, services.reads, services.clock
        self._verifier = Verifier(settings, keys)
        self._balances = {HOME_CURRENCY: initial_balance}
        self._key_lives_ms = settings.jwt_session_ttl

    async def sign_in(self, token: str) -> Values:
        """Return the user's id, name and session key. Raise DisabledUserError, StorageError.

        A token that is refused looks like a disabled user to the caller; the log has the reason.
        """
        claims = await self._claims(token)
        return await self._store.perform(TokenSignIn(*self._of_user(claims)))

    async def holder(self, token: str, *, only: int | None = None) -> TokenHolder:
        """Return the holder of a token; a user who is new is added.

        Raise DisabledUserError as `sign_in` does, also for another user than the one with the id
        `only`. Raise StorageError. A user who is known costs a write only with the first use of a
        token that says rights, so clients may reconnect as often as they like.
        """
        claims = await self._claims(token)
        if only is not None:
            known = self._reads.user_by_identity(claims.issuer, claims.subject)
            if known is None or known.id != only:
                raise DisabledUserError("")
        write = TokenUser(*self._of_user(claims))
        if self._reads.decided(write, self._clock.now()).changes:
            await self._store.perform(write)
        user = self._reads.user_by_identity(claims.issuer, claims.subject)
        if user is None or user.disabled:
            raise DisabledUserError("")
        return TokenHolder(user, claims.expires_at)

    async def _claims(self, token: str) -> TokenClaims:
        try:
            return await self._verifier.verify(token, self._clock.now())
        except TokenRefusedError as refused:
            log.info("token_refused", reason=str(refused))
            raise DisabledUserError("") from None

    def _of_user(self, claims: TokenClaims) -> tuple[Any, ...]:
        """Return the values of a write about the user of a token."""
        return (
            claims.issuer,
            claims.subject,
            claims.name,
            claims.can_host,
            claims.may_bet,
            self._balances,
            self._key_lives_ms,
            claims.issued_at,
        )


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
