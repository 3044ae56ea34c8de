"""The OpenAPI document of the portal is true: every route keeps what it says there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import assume, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from consumers.feeds.portal.api import openapi_document, portal_app
from recordbus.web.door import SECURITY_HEADERS
from recordbus.web.routes import OPEN, routes_of, terms_of
from tests.contract.http.test_gateway_document import CHECKS, ROOT, SEEDED, as_seen, written
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.portal.door import ID, MemoryPortal

ONE = "/v1/subscriptions/{subscription_id}"
TERMS = {
    ("/healthz", "GET"): (OPEN, "none"), ("/readyz", "GET"): (OPEN, "none"),
    ("/v1/subscriptions", "GET"): ("feeds:read", "none"), (ONE, "GET"): ("feeds:read", "none"),
    (f"{ONE}/confirm", "POST"): ("feeds:write", "alteration"),
    (f"{ONE}/stop", "POST"): ("feeds:write", "alteration"),
    (f"{ONE}/messages", "GET"): ("feeds:read", "disclosure"),
    (f"{ONE}/attempts", "GET"): ("feeds:read", "none"),
    (f"{ONE}/receipts", "GET"): ("feeds:read", "none"),
    (f"{ONE}/receipts", "POST"): ("feeds:write", "alteration"),
    (f"{ONE}/receipts/{{delivery_id}}", "GET"): ("feeds:read", "none"),
    (f"{ONE}/digest", "GET"): ("feeds:read", "none"),
    (f"{ONE}/digest", "POST"): ("feeds:write", "none"),
    (f"{ONE}/resend", "POST"): ("feeds:write", "alteration"),
}  # fmt: skip


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemoryPortal]:
    portal = MemoryPortal(tmp_path_factory.mktemp("portal"))
    portal.subscribe()
    portal.bus.say(*(made.record(number, 1) for number in range(4)), made.association(1, 1))
    portal.settle()
    cursor = portal.fetch(limit=4)["cursor"]
    portal.bus.say(made.record(1, 2, "", "expunged"), made.record(2, 2, "corrected"))
    portal.settle()
    portal.fetch(portal.fetch(cursor)["cursor"])
    yield portal
    portal.close()


def test_every_route_states_its_scope_its_rate_and_its_audit(portal: MemoryPortal) -> None:
    """R-44 and the inventory of routes (OWASP API9): a route without terms fails here."""
    stated = {
        (route.path, *sorted(route.methods or ())): terms_of(route)
        for route in routes_of(portal_app(portal.parts))
    }
    assert {each: (terms.scope, terms.audit) for each, terms in stated.items()} == TERMS
    rates = {terms.rate for terms in stated.values() if terms.scope != OPEN}
    assert rates == {"requests of an agency"}


def test_a_route_without_a_token_is_closed_unless_it_says_that_it_is_open(
    portal: MemoryPortal,
) -> None:
    for (path, method), (scope, _) in TERMS.items():
        status = portal.ask(method, path.format(subscription_id=ID, delivery_id="x")).status_code
        assert (status == 401) == (scope != OPEN), path


def test_the_document_in_the_reference_is_this_one() -> None:
    kept = (Path(ROOT) / "docs/reference/openapi/portal.json").read_text(encoding="utf-8")
    assert json.loads(kept) == json.loads(json.dumps(openapi_document()))


@pytest.mark.parametrize(
    ("mode", "examples"), [(GenerationMode.POSITIVE, 10), (GenerationMode.NEGATIVE, 10)]
)
def test_whatever_is_asked_the_answer_is_one_that_the_document_has(
    portal: MemoryPortal, mode: GenerationMode, examples: int
) -> None:
    schema = schemathesis.openapi.from_dict(asked_document())
    statuses: Counter[int] = Counter()
    is_right = mode is GenerationMode.POSITIVE
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if is_right or can_be_wrong(operation):
            ask_of(portal, operation, mode, examples, statuses)
    assert statuses.keys() <= ({200, 404, 409} if is_right else {200, 400, 404, 422})
    assert statuses[200] >= 50 if is_right else statuses[400] + statuses[422] >= 20


def asked_document() -> dict[str, Any]:
    """Give the document without tokens, and asking for the subscription that there is."""
    document = deepcopy(openapi_document())
    for routes in document["paths"].values():
        for route in routes.values():
            route.pop("security", None)
            for each in route.get("parameters", ()):
                if each["name"] == "subscription_id":
                    each["schema"] = {"enum": [ID]}
    stop = document["paths"].pop(f"{ONE}/stop")  # after it there is little left to ask
    document["paths"][f"{ONE}/stop"] = stop
    return document


def can_be_wrong(operation: Any) -> bool:
    """Say whether there is anything but the path that could be wrong."""
    return bool(operation.body or operation.query)


def ask_of(
    portal: MemoryPortal, operation: Any, mode: GenerationMode, examples: int, seen: Counter[int]
) -> None:
    """Ask one operation with data that its document calls right, or wrong."""

    @settings(SEEDED, max_examples=examples)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if mode is GenerationMode.NEGATIVE:
            assume(case.path_parameters in (None, {"subscription_id": ID}))
        query = case.query or {}
        assume(all(isinstance(each, str | int) for each in query.values()))
        text = "&".join(f"{name}={value}" for name, value in query.items())
        assume(text.isascii() and text.isprintable() and not set(text) & set(' #%+"<>[]\\^`{|}'))
        content = None if case.method != "POST" else written(case.body)
        path = case.formatted_path + (f"?{text}" if text else "")
        answer = portal.ask(case.method, path, content, portal.headers())
        seen[answer.status_code] += 1
        case.validate_response(as_seen(answer), checks=CHECKS)
        assert SECURITY_HEADERS.keys() <= answer.headers.keys()

    ask()
