"""Puts a door together: routes, health, and problems for whatever is not there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException

from recordbus import build
from recordbus.web.problems import MEDIA_TYPE, Problem, schema
from recordbus.web.routes import OPEN, Terms

Ready = Callable[[], Awaitable[bool]]
_HEALTH = Terms(scope=OPEN, rate="none", audit="none")
_PROBLEM = {
    "description": "A problem.",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_OK: dict[int | str, dict[str, Any]] = {
    200: {"description": "Yes.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}
# What it would record is ours to count, and an exception's message may hold what was sent.
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


def problem_answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Give the answers of a route that are problems, for its OpenAPI document."""
    return dict.fromkeys(sorted(statuses), _PROBLEM)


def make_app(
    title: str,
    router: APIRouter,
    ready: Ready,
    *,
    lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None,
    show_documentation: bool = False,
    schemas: Mapping[str, Any] | None = None,
) -> FastAPI:
    """Give an application with its routes, /healthz and /readyz; no page of documentation.

    `schemas` are named JSON Schemas that the routes' documents refer to.
    """
    app = FastAPI(
        title=title,
        version=build.version(),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if show_documentation else None,
        redirect_slashes=False,
        telemetry=_NO_TELEMETRY,
    )
    app.include_router(router)
    app.include_router(_health(ready))
    app.add_exception_handler(HTTPException, _not_served)
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(Exception, _unexpected)
    _complete_document(app, schemas or {})
    return app


def _complete_document(app: FastAPI, schemas: Mapping[str, Any]) -> None:
    """Add to the OpenAPI document what routes alone cannot say: shared schemas, and tokens."""
    made = app.openapi

    def document() -> dict[str, Any]:
        found = made()
        components = found.setdefault("components", {})
        components.setdefault("schemas", {}).update(schemas, Problem=schema())
        components["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        }
        return found

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way


def answer(problem: Problem) -> Response:
    """Give the answer that a problem is."""
    return Response(problem.body(), problem.status, headers=problem.headers())


async def _problem(_request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return answer(problem)


async def _unexpected(_request: Request, _error: Exception) -> Response:
    return answer(Problem("internal_error"))  # the door around it writes the log


async def _not_served(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = "method_not_allowed" if error.status_code == 405 else "not_found"
    found = answer(Problem(code))
    found.headers.update(_allowed(error.headers))
    return found


def _allowed(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name: value for name, value in (headers or {}).items() if name.lower() == "allow"}


def _health(ready: Ready) -> APIRouter:
    router = APIRouter(tags=["health"])

    @router.get("/healthz", responses=_OK, openapi_extra=_HEALTH.extra())
    async def healthz() -> Response:
        """Say that the process answers."""
        return Response("ok\n", media_type="text/plain")

    @router.get("/readyz", responses=_OK | problem_answers(503), openapi_extra=_HEALTH.extra())
    async def readyz() -> Response:
        """Say whether requests can be served now."""
        if await ready():
            return Response("ready\n", media_type="text/plain")
        raise Problem("unavailable", retry_after_seconds=5)

    return router
