"""The frame around every request: screened head, request id, headers, access line, numbers.

Invariants: whatever happens inside, the client gets an answer with an id and no trace; the access
line names the route and never the path, so no number of a record gets into a log.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recordbus import logs
from recordbus.clock import Clock
from recordbus.ids import IdSource
from recordbus.metrics import HTTP_REQUEST_SECONDS, HTTP_REQUESTS_TOTAL
from recordbus.web.limits import ClientLeft, RequestLimits, screen_head
from recordbus.web.problems import Problem

SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "()",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_DRAIN_SECONDS: Final = 1.0
_log = logs.logger(__name__)


class Door:
    """Wraps an ASGI application; `name` stands in metrics and log lines."""

    def __init__(
        self, app: ASGIApp, name: str, limits: RequestLimits, clock: Clock, ids: IdSource
    ) -> None:
        self._app = app
        self._name = name
        self._limits = limits
        self._clock = clock
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = _Visit(self._ids.next(), receive, send)
        scope.setdefault("state", {})["request_id"] = visit.request_id
        began = self._clock.monotonic()
        try:
            await self._serve(scope, visit)
        finally:
            self._note(scope, visit, self._clock.monotonic() - began)

    async def _serve(self, scope: Scope, visit: _Visit) -> None:
        try:
            screen_head(scope, self._limits)
            await self._app(scope, visit.receive, visit.send)
        except ClientLeft:
            visit.status = 499
        except Problem as problem:
            await visit.refuse(problem)
        except Exception as error:  # noqa: BLE001 - the outermost edge of a request
            _log.error("a request failed", request_id=visit.request_id, exc_info=error)
            await visit.refuse(Problem("internal_error"))

    def _note(self, scope: Scope, visit: _Visit, seconds: float) -> None:
        route = str(getattr(scope.get("route"), "path", "none"))
        method = scope["method"] if scope["method"] in _METHODS else "other"
        status = str(visit.status)
        HTTP_REQUESTS_TOTAL.labels(door=self._name, route=route, method=method, status=status).inc()
        HTTP_REQUEST_SECONDS.labels(door=self._name, route=route).observe(seconds)
        _log.info(
            "request",
            door=self._name,
            method=method,
            route=route,
            status=visit.status,
            seconds=round(seconds, 4),
            department=scope["state"].get("department"),
            agency=scope["state"].get("agency"),
            request_id=visit.request_id,
        )


class _Visit:
    """One request: what was answered, and the headers that every answer has."""

    def __init__(self, request_id: str, receive: Receive, send: Send) -> None:
        self.request_id = request_id
        self.status = 0
        self._receive = receive
        self._send = send
        self._is_complete = False
        self._closes = False

    async def receive(self) -> Message:
        """Pass on a part of the request."""
        message = await self._receive()
        self._is_complete = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Pass on a part of the answer, with the headers that each has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self._completed(list(message.get("headers", ())))
        elif self._closes and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._drain()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    async def refuse(self, problem: Problem) -> None:
        """Answer with a problem, unless an answer has begun already."""
        if self.status:
            return
        body = problem.body()
        headers = {**problem.headers(), "content-length": str(len(body))}
        start = [(name.encode(), value.encode()) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": problem.status, "headers": start})
        await self.send({"type": "http.response.body", "body": body, "more_body": False})

    def _completed(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        given = {name.lower(): value for name, value in headers}
        self._closes = given.get(b"connection") == b"close"
        own = {**SECURITY_HEADERS, "x-request-id": self.request_id}
        return [
            *headers,
            *((name.encode(), own[name].encode()) for name in own if name.encode() not in given),
        ]

    async def _drain(self) -> None:
        """Let a client finish for a moment: closing on unread bytes would take the answer away."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while not self._is_complete:
                    await self.receive()
