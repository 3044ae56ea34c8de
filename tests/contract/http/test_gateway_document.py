"""The OpenAPI document of the gateway is true: every route keeps what it says there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import requests
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core import NotSet
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)

from producers.connectors.http_push.api import gateway_app, openapi_document
from recordbus.web.door import SECURITY_HEADERS
from recordbus.web.problems import KINDS
from recordbus.web.routes import OPEN, routes_of, terms_of
from tests.unit.producers.http_push.door import MemoryDoor

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemoryDoor]:
    made = MemoryDoor(tmp_path_factory.mktemp("door"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(door: MemoryDoor) -> FastAPI:
    return gateway_app(door.parts)


def test_every_route_states_its_scope_its_rate_and_its_audit(app: FastAPI) -> None:
    """R-44 and the inventory of routes (OWASP API9): a route without terms fails here."""
    stated = {
        (route.path, *sorted(route.methods or ())): terms_of(route) for route in routes_of(app)
    }

    assert stated.keys() == {
        ("/v1/records", "POST"), ("/healthz", "GET"), ("/readyz", "GET"),
    }  # fmt: skip
    opened = {path for path, terms in stated.items() if terms.scope == OPEN}
    assert opened == {("/healthz", "GET"), ("/readyz", "GET")}
    records = stated["/v1/records", "POST"]
    assert records.scope == "records:write"
    assert (records.audit, records.rate) == ("collection", "records of a department")


def test_nothing_else_is_served(app: FastAPI) -> None:
    paths = {getattr(route, "path", "") for route in app.routes}

    assert "/docs" not in paths
    assert "/openapi.json" not in paths


def test_a_route_without_a_token_is_closed_unless_it_says_that_it_is_open(
    door: MemoryDoor, app: FastAPI
) -> None:
    for route in routes_of(app):
        for method in sorted(route.methods or ()):
            status = door.ask(method, route.path).status_code
            assert (status == 401) == (terms_of(route).scope != OPEN), route.path


def test_every_problem_has_a_status_and_says_what_to_do() -> None:
    for code, kind in KINDS.items():
        assert 400 <= kind.status < 600, code
        assert kind.title.endswith("."), code
        assert kind.next_step, code


def test_the_document_in_the_reference_is_this_one() -> None:
    kept = json.loads((ROOT / "docs/reference/openapi/gateway.json").read_text(encoding="utf-8"))

    assert kept == json.loads(json.dumps(openapi_document()))


def test_the_document_asks_for_the_scope_that_the_route_asks_for() -> None:
    document = openapi_document()
    post = document["paths"]["/v1/records"]["post"]

    assert post["x-recordbus"]["scope"] == "records:write"
    assert post["security"] == [{"token": []}]
    assert {"200", "207", "401", "409", "413", "422", "429", "503"} <= post["responses"].keys()


# What the document promises is asked of the routes, with data it calls right and data it does not.
CHECKS: Final[list[Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    positive_data_acceptance,
]
SEEDED: Final = settings(
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize(
    ("mode", "examples"), [(GenerationMode.POSITIVE, 15), (GenerationMode.NEGATIVE, 20)]
)
def test_whatever_is_asked_the_answer_is_one_that_the_document_has(
    door: MemoryDoor, mode: GenerationMode, examples: int
) -> None:
    schema = schemathesis.openapi.from_dict(asked_document(mode))
    statuses: Counter[int] = Counter()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        ask_of(door, found.ok(), mode, examples, statuses)

    assert statuses.total() >= examples
    taken = statuses[200] + statuses[207]
    assert taken > 0 if mode is GenerationMode.POSITIVE else statuses[422] > 0


def asked_document(mode: GenerationMode) -> dict[str, Any]:
    """Give the document without tokens, which have tests of their own.

    A batch with bad items is answered with 207, so wrong data is asked one by one.
    """
    document = deepcopy(openapi_document())
    post = document["paths"]["/v1/records"]["post"]
    del post["security"]
    if mode is GenerationMode.NEGATIVE:
        del post["parameters"]
        item = {"$ref": "#/components/schemas/Item"}
        post["requestBody"]["content"]["application/json"]["schema"] = item
    return document


def ask_of(
    door: MemoryDoor, operation: Any, mode: GenerationMode, examples: int, seen: Counter[int]
) -> None:
    """Ask one operation; what cannot be asked wrongly is left out."""
    if mode is GenerationMode.NEGATIVE and operation.path != "/v1/records":
        return

    @settings(SEEDED, max_examples=examples)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        answer = door.ask(case.method, case.formatted_path, *sent(door, case))
        seen[answer.status_code] += 1
        case.validate_response(as_seen(answer), checks=CHECKS)
        assert SECURITY_HEADERS.keys() <= answer.headers.keys()

    ask()


def sent(door: MemoryDoor, case: Any) -> tuple[bytes | None, dict[str, str]]:
    """Give a case's body and headers; the token is ours, and the key only if it can be sent."""
    key = (case.headers or {}).get("Idempotency-Key")
    assume(key is None or (str(key).isascii() and str(key).isprintable() and str(key).strip()))
    given_key = {} if key is None else {"idempotency-key": str(key)}
    if case.method != "POST":
        return None, given_key
    return written(case.body), given_key | door.headers()


def written(body: Any) -> bytes:
    """Give a body as it is sent."""
    if isinstance(body, NotSet):
        return b""
    return body if isinstance(body, bytes) else json.dumps(whole(body)).encode()


def whole(value: Any) -> Any:
    """Write whole numbers without a fraction: JSON Schema cannot ask for that, and we do."""
    if isinstance(value, dict):
        return {name: whole(each) for name, each in value.items()}
    if isinstance(value, list):
        return [whole(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def as_seen(answer: httpx.Response) -> Response:
    """Give an answer in the form that the checks look at."""
    return Response(
        status_code=answer.status_code,
        headers={name: [value] for name, value in answer.headers.items()},
        content=answer.content,
        request=requests.Request("POST", "http://gw/").prepare(),
        elapsed=0.0,
        verify=False,
    )
