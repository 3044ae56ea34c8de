"""What every route must say of itself: who may call it, what limits it, what is audited.

Invariant: a route without these three does not come into being, and a test asks all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

Audited = Literal["collection", "alteration", "consultation", "disclosure", "erasure", "none"]

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


def routes_of(app: FastAPI) -> list[APIRoute]:
    """Give every route that serves something, however it was included."""
    return list(_within(app.routes))


def _within(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    for route in routes:
        included = getattr(route, "original_router", None)  # how FastAPI keeps what was included
        if isinstance(route, APIRoute):
            yield route
        elif included is not None:
            yield from _within(included.routes)
