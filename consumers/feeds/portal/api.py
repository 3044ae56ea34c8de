"""The routes of the portal: each one says its scope, its limit and its audit, and asks the desk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response

from consumers.feeds.portal import bodies
from consumers.feeds.portal import documents as says
from consumers.feeds.portal.bodies import Parameter, read_body, read_query
from consumers.feeds.portal.desk import READ, WRITE, Desk, Visit
from recordbus import logs
from recordbus.clock import Clock
from recordbus.errors import Misconfigured, Retryable
from recordbus.ids import IdSource
from recordbus.web.app import make_app
from recordbus.web.door import Door
from recordbus.web.limits import RequestLimits, require_json
from recordbus.web.limits import read_body as read_all
from recordbus.web.problems import Problem
from recordbus.web.rates import RateLimits
from recordbus.web.routes import Audited, Terms
from recordbus.web.tokens import Tokens

NAME: Final = "portal"
TITLE: Final = "recordbus portal"
_ONE: Final = "/subscriptions/{subscription_id}"
_ID: Final = says.path("subscription_id", "The id of a subscription of the token's agency.")
_DELIVERY: Final = says.path("delivery_id", "The id of a message.")
_FEW: Final = 100
_RETRY_SECONDS: Final = 2
_log = logs.logger(__name__)
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Run = Callable[[Callable[[], Any]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the portal's application is made of; `run` runs the desk's work, one at a time."""

    desk: Desk
    run: Run
    tokens: Tokens
    rates: RateLimits
    limits: RequestLimits
    ready: Callable[[], Awaitable[bool]]
    clock: Clock
    ids: IdSource
    lifespan: Lifespan | None = None
    show_documentation: bool = False


def portal_app(parts: Parts) -> FastAPI:
    """Give the routes and their documents, without the frame that bounds requests."""
    app = make_app(
        TITLE, _router(), parts.ready, lifespan=parts.lifespan,
        show_documentation=parts.show_documentation,
    )  # fmt: skip
    app.state.parts = parts
    return app


def portal_door(parts: Parts) -> Door:
    """Give the whole application as it is served."""
    return Door(portal_app(parts), NAME, parts.limits, parts.clock, parts.ids)


def openapi_document() -> dict[str, Any]:
    """Give the OpenAPI document of the portal, which needs none of its parts."""
    return make_app(TITLE, _router(), _never).openapi()


async def _never() -> bool:
    return False


def _router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["subscriptions"])
    _about_subscriptions(router)
    _about_messages(router)
    _about_receipts(router)
    _about_what_is_held(router)
    return router


def _about_subscriptions(router: APIRouter) -> None:
    @router.get(
        "/subscriptions", summary="All subscriptions of the agency",
        responses=says.answers("The subscriptions.", says.SUBSCRIPTIONS),
        openapi_extra=_extra(READ, "none", []),
    )  # fmt: skip
    async def get_subscriptions(request: Request) -> Response:
        """Say of each what it is now, until when, and what is held, due and owed."""
        return await _asked(
            request, READ, "portal.subscriptions", lambda d, v, _: d.subscriptions(v)
        )

    @router.get(
        _ONE, summary="One subscription",
        responses=says.answers("The subscription.", says.SUBSCRIPTION, 404),
        openapi_extra=_extra(READ, "none", [_ID]),
    )  # fmt: skip
    async def get_subscription(request: Request) -> Response:
        """Say what a subscription is now, until when, and what is held, due and owed."""
        found = _id(request)
        return await _asked(
            request, READ, "portal.subscription", lambda d, v, _: d.subscription(v, found)
        )

    @router.post(
        _ONE + "/confirm", summary="Confirm that the case still needs it",
        responses=says.answers("The subscription, confirmed.", says.SUBSCRIPTION, 404, 409),
        openapi_extra=_extra(WRITE, "alteration", [_ID]),
    )  # fmt: skip
    async def confirm(request: Request) -> Response:
        """Confirm a subscription, so that it goes on (R-36)."""
        found = _id(request)
        return await _asked(request, WRITE, "portal.confirm", lambda d, v, _: d.confirm(v, found))

    @router.post(
        _ONE + "/stop", summary="End it for good",
        responses=says.answers("The subscription, ended.", says.SUBSCRIPTION, 404, 409),
        openapi_extra=_extra(WRITE, "alteration", [_ID]),
    )  # fmt: skip
    async def stop(request: Request) -> Response:
        """End a subscription; everything that is held is then taken back."""
        found = _id(request)
        return await _asked(request, WRITE, "portal.stop", lambda d, v, _: d.stop(v, found))


def _about_messages(router: APIRouter) -> None:
    @router.get(
        _ONE + "/messages", summary="Fetch what is due",
        responses=says.answers("The next messages, in order.", says.MESSAGES, 404, 409),
        openapi_extra=_extra(
            READ, "disclosure",
            [_ID, says.query(bodies.AFTER), says.query(bodies.LIMIT_MESSAGES)],
        ),
    )  # fmt: skip
    async def get_messages(request: Request) -> Response:
        """Hand over the next envelopes, decided now; the cursor acknowledges what came before."""
        found = _id(request)
        return await _asked(
            request, READ, "portal.messages",
            lambda d, v, q: d.messages(v, found, q.get("after"), int(q.get("limit", _FEW))),
            bodies.AFTER, bodies.LIMIT_MESSAGES,
        )  # fmt: skip

    @router.get(
        _ONE + "/attempts", summary="The last attempts to tell it anything",
        responses=says.answers("The attempts, the newest first.", says.ATTEMPTS, 404),
        openapi_extra=_extra(READ, "none", [_ID, says.query(bodies.LIMIT_ATTEMPTS)]),
    )  # fmt: skip
    async def get_attempts(request: Request) -> Response:
        """Say when what was tried, with how many messages and what came of it; no content."""
        found = _id(request)
        return await _asked(
            request, READ, "portal.attempts",
            lambda d, v, q: d.attempts(v, found, int(q.get("limit", _FEW))), bodies.LIMIT_ATTEMPTS,
        )  # fmt: skip


def _about_receipts(router: APIRouter) -> None:
    @router.get(
        _ONE + "/receipts", summary="The receipts that are awaited",
        responses=says.answers("The receipts, the oldest first.", says.OWED, 404),
        openapi_extra=_extra(READ, "none", [_ID]),
    )  # fmt: skip
    async def get_receipts(request: Request) -> Response:
        """Say which corrections and retractions are still to be acknowledged, and until when."""
        found = _id(request)
        return await _asked(request, READ, "portal.owed", lambda d, v, _: d.owed(v, found))

    @router.post(
        _ONE + "/receipts", summary="Give receipts",
        responses=says.answers("What became of each, in order.", says.RECEIPTED, 404, 415, 422),
        openapi_extra=_extra(
            WRITE, "alteration", [_ID], says.body(bodies.RECEIPTS, "What was carried out.")
        ),
    )  # fmt: skip
    async def post_receipts(request: Request) -> Response:
        """Take receipts of what was carried out; one that nobody awaits is ignored and counted."""
        found = _id(request)
        return await _sent(
            request, "portal.receipts", bodies.RECEIPTS, lambda d, v, b: d.receipts(v, found, b)
        )

    @router.get(
        _ONE + "/receipts/{delivery_id}", summary="The proof of a receipt",
        responses=says.answers("The proof.", says.PROOF, 404),
        openapi_extra=_extra(READ, "none", [_ID, _DELIVERY]),
    )  # fmt: skip
    async def get_proof(request: Request) -> Response:
        """Give what proves that a receipt was given, with its place in the audit's log."""
        found, delivery_id = _id(request), request.path_params["delivery_id"]
        answer = await _asked(
            request, READ, "portal.proof", lambda d, v, _: d.proof(v, found, delivery_id)
        )
        answer.headers["content-disposition"] = 'attachment; filename="receipt.json"'
        return answer


def _about_what_is_held(router: APIRouter) -> None:
    @router.get(
        _ONE + "/digest", summary="The digest of what must be held",
        responses=says.answers("The digests.", says.EXPECTED, 404),
        openapi_extra=_extra(READ, "none", [_ID, says.query(bodies.SALTED)]),
    )  # fmt: skip
    async def get_digest(request: Request) -> Response:
        """Give the salted digest of everything that must be held, and of each bucket of it."""
        found = _id(request)
        return await _asked(
            request, READ, "portal.digest", lambda d, v, q: d.digest(v, found, q.get("salt")),
            bodies.SALTED,
        )  # fmt: skip

    @router.post(
        _ONE + "/digest", summary="Compare what is held",
        responses=says.answers("Equal, or where not.", says.COMPARED, 404, 415, 422),
        openapi_extra=_extra(
            WRITE, "none", [_ID], says.body(bodies.HELD, "The digest of what is held.")
        ),
    )  # fmt: skip
    async def post_digest(request: Request) -> Response:
        """Compare what is held with what must be, and name what differs where leaves are sent."""
        found = _id(request)
        return await _sent(
            request, "portal.compare", bodies.HELD, lambda d, v, b: d.compare(v, found, b)
        )

    @router.post(
        _ONE + "/resend", summary="Be told again",
        responses=says.answers("How much will be told again.", says.GRANTED, 404, 415, 422),
        openapi_extra=_extra(
            WRITE, "alteration", [_ID], says.body(bodies.RESEND, "What is to be told again.")
        ),
    )  # fmt: skip
    async def post_resend(request: Request) -> Response:
        """Let what was told last be told again, under the same ids, as what may now be had."""
        found = _id(request)
        return await _sent(
            request, "portal.resend", bodies.RESEND, lambda d, v, b: d.resend(v, found, b)
        )


def _extra(
    scope: str, audit: Audited, parameters: list[dict[str, Any]], body: Any = None
) -> dict[str, Any]:
    more = {"parameters": parameters, "security": [{"token": []}]}
    if body is not None:
        more["requestBody"] = body
    return Terms(scope=scope, rate="requests of an agency", audit=audit).extra(**more)


def _id(request: Request) -> str:
    return str(request.path_params["subscription_id"])


async def _sent(
    request: Request, command: str, adapter: Any, work: Callable[[Desk, Visit, Any], bytes]
) -> Response:
    """Carry out a request with a body, which is read only for a caller that may send one."""
    parts: Parts = request.app.state.parts
    visit = await _let_in(request, WRITE, command)
    read_query(request.query_params.multi_items(), ())
    require_json(request.headers.get("content-type"))
    read = read_body(adapter, await read_all(request.receive, parts.limits))
    return await _carried_out(parts, lambda: work(parts.desk, visit, read))


async def _asked(
    request: Request, scope: str, command: str,
    work: Callable[[Desk, Visit, dict[str, str]], bytes], *parameters: Parameter,
) -> Response:  # fmt: skip
    """Carry out a request that has nothing but its path and its query."""
    parts: Parts = request.app.state.parts
    visit = await _let_in(request, scope, command)
    query = read_query(request.query_params.multi_items(), parameters)
    return await _carried_out(parts, lambda: work(parts.desk, visit, query))


async def _let_in(request: Request, scope: str, command: str) -> Visit:
    parts: Parts = request.app.state.parts
    caller = parts.tokens.caller(request.headers.get("authorization"))
    request.state.agency = caller.agency
    parts.rates.admit(caller.agency)
    parts.rates.take(caller.agency, 1)
    visit = Visit(caller, command, request.client.host if request.client else None)
    await _ran(parts, lambda: parts.desk.let_in(visit, scope))
    return visit


async def _carried_out(parts: Parts, work: Callable[[], bytes]) -> Response:
    return Response(await _ran(parts, work), media_type="application/json")


async def _ran(parts: Parts, work: Callable[[], Any]) -> Any:
    """Do some work of the desk; nothing of it counts as answered while something is away."""
    try:
        return await parts.run(work)
    except (Retryable, Misconfigured) as error:
        _log.warning("a subscriber was put off", error=type(error).__name__)
        raise Problem("unavailable", retry_after_seconds=_RETRY_SECONDS) from None
