"""The one route of the gateway: POST /v1/records, for one record or a batch of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response

from producers.connectors.http_push.documents import ANSWERS, IDEMPOTENCY_KEY, REQUEST_BODY, schemas
from producers.connectors.http_push.gateway import Gateway, Push
from recordbus.clock import Clock
from recordbus.ids import IdSource
from recordbus.web.app import make_app
from recordbus.web.door import Door
from recordbus.web.limits import RequestLimits, read_body, require_json
from recordbus.web.routes import Terms
from recordbus.web.tokens import Caller, Tokens

NAME: Final = "gateway"
TITLE: Final = "recordbus gateway"
SCOPE: Final = "records:write"
TERMS: Final = Terms(scope=SCOPE, rate="records of a department", audit="collection")

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the gateway's application is made of."""

    gateway: Gateway
    tokens: Tokens
    limits: RequestLimits
    ready: Callable[[], Awaitable[bool]]
    clock: Clock
    ids: IdSource
    lifespan: Lifespan | None = None
    show_documentation: bool = False


def gateway_app(parts: Parts) -> FastAPI:
    """Give the routes and their documents, without the frame that bounds requests."""
    app = make_app(
        TITLE,
        _router(),
        parts.ready,
        lifespan=parts.lifespan,
        show_documentation=parts.show_documentation,
        schemas=schemas(),
    )
    app.state.parts = parts
    return app


def openapi_document() -> dict[str, Any]:
    """Give the OpenAPI document of the gateway, which needs none of its parts."""
    return make_app(TITLE, _router(), _never, schemas=schemas()).openapi()


async def _never() -> bool:
    return False


def gateway_door(parts: Parts) -> Door:
    """Give the whole application as it is served."""
    return Door(gateway_app(parts), NAME, parts.limits, parts.clock, parts.ids)


def _router() -> APIRouter:
    router = APIRouter(prefix="/v1", tags=["records"])

    @router.post(
        "/records",
        summary="Publish, correct, withdraw, seal or expunge records",
        responses=ANSWERS,
        openapi_extra=TERMS.extra(
            requestBody=REQUEST_BODY,
            parameters=[IDEMPOTENCY_KEY],
            security=[{"token": []}],
        ),
    )
    async def post_records(request: Request) -> Response:
        """Take one record, or a list of them, for the department that the token names.

        2xx says that Kafka holds every record that was accepted. Anything else may be sent
        again as it is: the same record has one effect, however often it comes.
        """
        parts: Parts = request.app.state.parts
        caller = parts.tokens.caller(request.headers.get("authorization"))
        request.state.department = caller.department
        answer = await parts.gateway.take(await _push(parts, request, caller))
        return Response(answer.body, answer.status, media_type="application/json")

    return router


async def _push(parts: Parts, request: Request, caller: Caller) -> Push:
    """Read a request; the body of a caller that may not push here is not read at all."""
    client = request.client
    push = Push(
        caller,
        b"",
        request.headers.get("idempotency-key"),
        request.state.request_id,
        client.host if client else None,
    )
    await parts.gateway.let_in(push, TERMS.scope)
    require_json(request.headers.get("content-type"))
    return replace(push, body=await read_body(request.receive, parts.limits))
