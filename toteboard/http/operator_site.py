"""The paths of the operator port, and what answers them (docs/reference/http.md)."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from toteboard.api.refusals import ApiCode, ApiRefusal
from toteboard.http.addresses import Addresses
from toteboard.http.guard import Guard
from toteboard.http.health import ServesRequests
from toteboard.http.page import operator_page
from toteboard.http.responses import HANDLERS, json_answer
from toteboard.http.site import health_routes
from toteboard.metrics import CONTENT_TYPE, Metrics


def operator_site(
    health: ServesRequests, metrics: Metrics, addresses: Addresses, api: ASGIApp
) -> ASGIApp:
    """Return the site of the operator port, as an ASGI application."""

    async def all_metrics(_request: Request) -> Response:
        return Response(await metrics.text(), media_type=CONTENT_TYPE)

    routes = [
        *health_routes(health),
        Route("/metrics", all_metrics),
        Route("/v1/{path:path}", api),
    ]
    app = Starlette(routes=routes, exception_handlers={**HANDLERS, Exception: _failed})
    # It would redirect to a host that the client names.
    app.router.default, app.router.redirect_slashes = operator_page(), False
    return Guard(app, addresses, ())


async def _failed(_request: Request, _error: Exception) -> Response:
    """Answer a call that failed by a bug of ours, in the form of the other refusals."""
    refusal = ApiRefusal(ApiCode.INTERNAL_ERROR, "Internal error.")
    return json_answer(refusal.body, refusal.status)
