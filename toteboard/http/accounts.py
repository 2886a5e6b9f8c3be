"""Sign-up and sign-in by name and password, which return a session key (decisions 20 to 22).

`actors/edge/admission.py` checks the session key when a client connects with it. An unknown name, a
wrong password and a disabled user get the same answer after the same work. No log line holds a
password or a key.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import Response

from actors.edge.addresses import neighbourhood
from game.refusals import Code
from protocol.limits import Limits
from storage.errors import StorageError
from storage.reads import Reads
from storage.store import AddUser, MakeKey, SignIn
from storage.user_writes import SetPassword
from storage.users import DisabledUserError, NameTakenError
from storage.write import Values
from toteboard.http.account_service import ADDRESS, NAME, AccountService
from toteboard.http.forms import (
    PasswordForm,
    must_be_proper,
    read_form,
    read_password_change,
    read_token,
)
from toteboard.http.health import ServesRequests
from toteboard.http.passwords import Passwords, TooManyWaitingError
from toteboard.http.responses import HttpRefusal, json_answer
from toteboard.people import HOME_CURRENCY

log = structlog.get_logger()

BUSY_S: Final = 2.0
LEAST_LEFT: Final = 10
"""A key with less than a tenth of `session_ttl` left is replaced at a sign-in."""


class Accounts:
    """The HTTP calls. Without `has_signup`, sign-up is refused."""

    def __init__(
        self,
        service: AccountService,
        reads: Reads,
        limits: Limits,
        health: ServesRequests,
        *,
        has_signup: bool,
    ) -> None:
        self._service, self._reads = service, reads
        self._limits = limits
        self._health = health
        self._has_signup = has_signup
        self.passwords = Passwords()

    async def sign_up(self, request: Request) -> Response:
        """Answer POST /r/signup/. Raise HttpRefusal."""
        if not self._has_signup:
            text = "Sign-up is disabled on this server. Ask the operator for an account."
            raise HttpRefusal(403, Code.NOT_AUTHORIZED, text)
        given = await self._given(request)
        must_be_proper(given)
        with _refusing():
            async with self._refunded_if_unverified(request):
                new = await self._add(given)
        log.info("user_signed_up", user_id=new["id"], user_name=new["name"])
        return _signed_in(new)

    async def log_in(self, request: Request) -> Response:
        """Answer POST /r/login/. Raise HttpRefusal."""
        given = await self._given(request)
        with _refusing():
            known = await self._signed_in(request, given)
        log.info("user_signed_in", user_id=known["id"], is_new_key=known["is_new"])
        return _signed_in(known)

    async def change_password(self, request: Request) -> Response:
        """Answer POST /r/password/. Raise HttpRefusal."""
        await self._admit(request)
        given, new = await read_password_change(request)
        with _refusing():
            known = await self._signed_in(request, given)
            new_hash = await self.passwords.hash(new)
            await self._service.perform(SetPassword(known["name"], new_hash))
        log.info("password_changed", user_id=known["id"])
        return _signed_in(known)

    async def sign_out_everywhere(self, request: Request) -> Response:
        """Answer POST /r/signout/. Raise HttpRefusal."""
        given = await self._given(request)
        with _refusing():
            known = await self._signed_in(request, given)
            new = await self._service.perform(MakeKey(known["name"], self._limits.session_ttl))
        log.info("devices_signed_out", user_id=new["id"])
        return _signed_in(new)

    async def sign_in_with_token(self, request: Request) -> Response:
        """Answer POST /r/token/. Raise HttpRefusal."""
        await self._admit(request)
        token = await read_token(request)
        try:
            with _refusing():
                known = await self._service.sign_in_with_token(token)
        except HttpRefusal as refusal:
            if refusal.status == 401:
                text = "The token is not accepted."
                raise HttpRefusal(401, "not_authenticated", text) from None
            raise
        log.info("user_signed_in", user_id=known["id"], is_new_key=known["is_new"])
        return _signed_in(known)

    async def _given(self, request: Request) -> PasswordForm:
        await self._admit(request)
        return await read_form(request)

    async def _admit(self, request: Request) -> None:
        """Count an attempt of this address. Raise HttpRefusal if there are too many."""
        if not self._health.is_serving:
            text = "The server is starting or shutting down. Try again in 2 seconds."
            raise HttpRefusal(503, Code.OVERLOADED, text, retry_after_s=BUSY_S)
        with _refusing():
            if wait := await self._service.attempt(ADDRESS, _address(request)):
                raise _too_often("Too many attempts from this address.", wait)

    async def _signed_in(self, request: Request, given: PasswordForm) -> Values:
        """Sign the user in, unless too many have failed for this name. Raise HttpRefusal."""
        name = given.username.lower()[:50]
        if wait := await self._service.attempt(NAME, name):
            raise _too_often("Too many failed sign-ins for this username.", wait)
        async with self._refunded_if_unverified(request, name):
            known = await self._verified(given)
        await self._service.refund(NAME, name)
        return known

    @asynccontextmanager
    async def _refunded_if_unverified(
        self, request: Request, name: str | None = None
    ) -> AsyncIterator[None]:
        """Do not count an attempt whose password was not verified."""
        try:
            yield
        except (TooManyWaitingError, StorageError):
            await self._service.refund(ADDRESS, _address(request))
            if name is not None:
                await self._service.refund(NAME, name)
            raise

    async def _add(self, given: PasswordForm) -> Values:
        if self._reads.user_by_name(given.username):
            raise NameTakenError(given.username)
        return await self._service.perform(
            AddUser(
                name=given.username,
                can_host=False,
                balances={HOME_CURRENCY: self._limits.initial_balance},
                key_lives_ms=self._limits.session_ttl,
                password_hash=await self.passwords.hash(given.password),
            )
        )

    async def _verified(self, given: PasswordForm) -> Values:
        """Verify the password and sign the user in. Raise HttpRefusal if it is wrong."""
        user = self._reads.user_by_name(given.username)
        kept = self._reads.password_hash_of(user.id if user else 0)
        if not await self._matches(kept, given) or user is None:
            raise _wrong()
        session_ttl = self._limits.session_ttl
        return await self._service.perform(
            SignIn(user.id, key_lives_ms=session_ttl, least_left_ms=session_ttl // LEAST_LEFT)
        )

    async def _matches(self, kept: str | None, given: PasswordForm) -> bool:
        """Return whether the password is right. An old hash may be of the password as typed."""
        if await self.passwords.matches(kept, given.password):
            return True
        is_prepared = given.as_sent == given.password
        return not is_prepared and await self.passwords.matches(kept, given.as_sent)


def _address(request: Request) -> str:
    return neighbourhood(request.client.host if request.client else "")


@contextmanager
def _refusing() -> Iterator[None]:
    """Raise an error as its HTTP refusal, which hides the reason of a failed sign-in."""
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
        text = "Too many sign-ins in progress. Try again in 2 seconds."
        raise HttpRefusal(503, Code.OVERLOADED, text, retry_after_s=BUSY_S) from None
    except StorageError as error:
        log.error("storage_failed", error=str(error))
        text = "The database is not available. Try again in 2 seconds."
        raise HttpRefusal(503, Code.OVERLOADED, text, retry_after_s=BUSY_S) from None


def _wrong() -> HttpRefusal:
    log.info("sign_in_refused")
    return HttpRefusal(401, Code.NOT_AUTHORIZED, "The username or the password is wrong.")


def _too_often(text: str, wait_s: float) -> HttpRefusal:
    retry_after_ms = round(wait_s * 1_000)
    return HttpRefusal(
        429, Code.RATE_LIMITED, text, retry_after_s=wait_s, retry_after_ms=retry_after_ms
    )


def _signed_in(user: Values) -> Response:
    body: dict[str, Any] = {"username": user["name"], "id": user["id"]}
    return json_answer(body | {"user_session_key": user["session_key"]})
