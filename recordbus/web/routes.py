"""What every route must say of itself: who may call it, what limits it, what is audited.

Invariant: a route without these three does not come into being, and a test asks all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from fastapi import FastAPI
from fastapi.routing import APIRoute

from recordbus.web.problems import Problem
from recordbus.web.tokens import Caller

Audited = Literal["collection", "consultation", "disclosure", "erasure", "none"]

_KEY: Final = "x-recordbus"
OPEN: Final = "open"


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a route: the scope a token needs (`open` for none), the limit, the audit."""

    scope: str
    rate: str
    audit: Audited

    def extra(self, **more: Any) -> dict[str, Any]:
        """Give what stands in the OpenAPI document of the route."""
        return {_KEY: asdict(self), **more}


def terms_of(route: APIRoute) -> Terms:
    """Give the terms of a route; raises KeyError when it has none."""
    return Terms(**(route.openapi_extra or {})[_KEY])


def routes_of(app: FastAPI) -> Iterable[APIRoute]:
    """Give every route that serves something, however it was included."""
    return [route for route in app.routes if isinstance(route, APIRoute)]


def require_scope(caller: Caller, terms: Terms) -> None:
    """Raise Problem `forbidden` when a token does not have the scope of a route (R-44)."""
    if terms.scope not in caller.scopes:
        raise Problem("forbidden")
