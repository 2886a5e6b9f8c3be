"""A token desk without tokens: the name of a user is a token of the user, valid for an hour."""

from actors.games.tokens import TokenHolder
from actors.services import Services
from actors.store import Store
from storage.users import DisabledUserError
from storage.write import Values

HOUR_MS = 3_600_000


class NameDesk:
    """Accepts the name of each user. It adds nobody."""

    def __init__(self, _store: Store, services: Services) -> None:
        self._services = services

    async def sign_in(self, token: str) -> Values:
        """Refuse: there are no session keys here."""
        raise DisabledUserError(token)

    async def holder(self, token: str, *, only: int | None = None) -> TokenHolder:
        """Return the user with this name."""
        user = self._services.reads.user_by_name(token)
        if user is None or only not in (None, user.id):
            raise DisabledUserError(token)
        return TokenHolder(user, self._services.clock.now() + HOUR_MS)
