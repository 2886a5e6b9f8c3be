"""Signing up and signing in by name and password, for a session key (decisions 20 to 22).

What the key then opens is `actors/edge/admission.py`. A name that is not there, a wrong password
and a disabled user are one answer after the same work; no line of the log holds a password or a
key.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import structlog
import trio
from starlette.requests import Request
from starlette.responses import Response

from actors.edge.addresses import neighbourhood
from actors.services import Services
from game.refusals import Code
from storage import users
from storage.errors import StorageError
from storage.users import DisabledUserError, NameTakenError, NewUser
from toteboard.http.forms import Credentials, must_be_proper, read_credentials
from toteboard.http.health import Health
from toteboard.http.passwords import Passwords, TooManyWaitingError
from toteboard.http.responses import HttpRefusal, json_answer
from toteboard.http.throttle import Throttle
from toteboard.people import HOME_CURRENCY

log = structlog.get_logger()

ADDRESS_BURST: Final = 60
ADDRESS_INTERVAL_S: Final = 1.0
"""Sign-ups and sign-ins from one address: 60 at once, and one more a second."""
NAME_BURST: Final = 10
NAME_INTERVAL_S: Final = 6.0
"""Wrong passwords for one name: 10 at once, and one more in six seconds."""
BUSY_S: Final = 2.0
LEAST_LEFT: Final = 10
"""A key with less than a tenth of `session_ttl` left is not handed out again."""


class Accounts:
    """The two calls. `has_signup` false: nobody signs up."""

    def __init__(self, services: Services, health: Health, *, has_signup: bool) -> None:
        self._services = services
        self._health = health
        self._has_signup = has_signup
        self._addresses = Throttle(ADDRESS_BURST, ADDRESS_INTERVAL_S)
        self._names = Throttle(NAME_BURST, NAME_INTERVAL_S)
        self.passwords = Passwords()

    async def sign_up(self, request: Request) -> Response:
        """POST /r/signup/. Raises `HttpRefusal`."""
        if not self._has_signup:
            text = "Sign-up is disabled on this server. Ask the operator for an account."
            raise HttpRefusal(403, Code.NOT_AUTHORIZED, text)
        given = await self._given(request)
        must_be_proper(given)
        with _refusing(), self._spent_if_looked_at(request):
            new = await self._add(given)
        log.info("user_signed_up", user_id=new.id, user_name=new.name)
        return _signed_in(new)

    async def log_in(self, request: Request) -> Response:
        """POST /r/login/. Raises `HttpRefusal`."""
        given = await self._given(request)
        name = given.username.lower()[:50]
        if wait := self._names.take(name, trio.current_time()):
            raise _too_often("Too many failed sign-ins for this username.", wait)
        with _refusing(), self._spent_if_looked_at(request, name):
            known, is_new = await self._proven(given)
        self._names.refund(name)
        if is_new:
            self._services.connections.close_all_of(known.id, "a new session key was made")
        log.info("user_signed_in", user_id=known.id, is_new_key=is_new)
        return _signed_in(known)

    async def _given(self, request: Request) -> Credentials:
        if not self._health.is_serving:
            text = "The server is starting or stopping."
            raise HttpRefusal(503, Code.OVERLOADED, text, retry_after_s=BUSY_S)
        given = await read_credentials(request)
        if wait := self._addresses.take(_address(request), trio.current_time()):
            raise _too_often("Too many attempts from this address.", wait)
        return given

    @contextmanager
    def _spent_if_looked_at(self, request: Request, name: str | None = None) -> Iterator[None]:
        """An attempt whose password nobody had time to look at counts for nothing."""
        try:
            yield
        except (TooManyWaitingError, StorageError):
            self._addresses.refund(_address(request))
            if name is not None:
                self._names.refund(name)
            raise

    async def _add(self, given: Credentials) -> NewUser:
        if users.user_by_name(self._services.database, given.username):
            raise NameTakenError(given.username)
        limits, now_ms = self._services.limits, self._services.clock.now()
        add = partial(
            users.add_user,
            name=given.username,
            can_host=False,
            balances={HOME_CURRENCY: limits.initial_balance},
            key_expires_at=now_ms + limits.session_ttl,
            now_ms=now_ms,
            password_hash=await self.passwords.hash(given.password),
        )
        return await self._services.writer.perform(add)

    async def _proven(self, given: Credentials) -> tuple[NewUser, bool]:
        database, limits = self._services.database, self._services.limits
        user = users.user_by_name(database, given.username)
        kept = users.password_hash_of(database, user.id if user else 0)
        if not await self._matches(kept, given) or user is None:
            raise _wrong()
        sign_in = partial(
            users.sign_in,
            user_id=user.id,
            now_ms=self._services.clock.now(),
            session_ttl=limits.session_ttl,
            least_left=limits.session_ttl // LEAST_LEFT,
        )
        return await self._services.writer.perform(sign_in)

    async def _matches(self, kept: str | None, given: Credentials) -> bool:
        """Whether the password is right. An old hash may be of a password as it was typed."""
        if await self.passwords.matches(kept, given.password):
            return True
        is_prepared = given.as_sent == given.password
        return not is_prepared and await self.passwords.matches(kept, given.as_sent)


def _address(request: Request) -> str:
    return neighbourhood(request.client.host if request.client else "")


@contextmanager
def _refusing() -> Iterator[None]:
    """Raise an error as its HTTP refusal, which does not tell what was wrong with a sign-in."""
    try:
        yield
    except NameTakenError:
        text = (
            "This username is taken. Names that differ only in case count as the same;"
            " choose another."
        )
        raise HttpRefusal(409, Code.ALREADY_EXISTS, text, parameter="username") from None
    except DisabledUserError:
        raise _wrong() from None
    except TooManyWaitingError:
        text = "Too many users are signing in. Try again in 2 seconds."
        raise HttpRefusal(503, Code.OVERLOADED, text, retry_after_s=BUSY_S) from None
    except StorageError as error:
        log.error("storage_failed", error=str(error))
        text = "The database is not available. Try again in 2 seconds."
        raise HttpRefusal(503, Code.OVERLOADED, text, retry_after_s=BUSY_S) from None


def _wrong() -> HttpRefusal:
    log.info("sign_in_refused")
    return HttpRefusal(401, Code.NOT_AUTHORIZED, "The name or the password is wrong.")


def _too_often(text: str, wait_s: float) -> HttpRefusal:
    retry_after_ms = round(wait_s * 1_000)
    return HttpRefusal(
        429, Code.RATE_LIMITED, text, retry_after_s=wait_s, retry_after_ms=retry_after_ms
    )


def _signed_in(user: NewUser) -> Response:
    return json_answer({"username": user.name, "id": user.id, "user_session_key": user.session_key})
