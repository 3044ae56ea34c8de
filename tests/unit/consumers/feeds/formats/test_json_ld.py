"""JSON-LD: every field has one name, NIEM's where there is one, and no value is lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pyld import jsonld  # type: ignore[import-untyped]

from consumers.feeds.envelope import Delivery
from consumers.feeds.formats.given import RECORD, UPDATE, definition
from consumers.feeds.formats.json_ld import CONTEXT, context, name_of, to_json_ld
from consumers.feeds.formats.message import MESSAGE, POINTER, definitions
from schemas import catalog
from schemas.files import read_yaml
from tests.unit.consumers.feeds.formats import messages

NIEM = "https://docs.oasis-open.org/niemopen/ns/model/"
TYPES = sorted(
    {*definitions(), *catalog.registration_order(RECORD), *catalog.registration_order(UPDATE)}
)
EXPANDED = {
    "nc": f"{NIEM}niem-core/6.0/", "j": f"{NIEM}domains/justice/6.0/",
    "rb": "urn:recordbus:terms:v1:",
}  # fmt: skip
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


def load(url: str, _options: object = None) -> dict[str, Any]:
    """Give the context by its name, and nothing from any network."""
    assert url == CONTEXT
    return {"contextUrl": None, "documentUrl": url, "document": json.loads(json.dumps(context()))}


OPTIONS = {"documentLoader": load}


def document(delivery: Delivery) -> dict[str, Any]:
    data = json.loads(to_json_ld(delivery.body))["data"]
    assert isinstance(data, dict)
    return data


def said(value: Any) -> Any:
    """Give what a value says: unknown is no statement in JSON-LD."""
    if isinstance(value, dict):
        return {name: said(each) for name, each in value.items() if each is not None}
    return [said(each) for each in value] if isinstance(value, list) else value


def fields(full_name: str) -> list[str]:
    own = definitions().get(full_name) or definition(full_name)
    return [each["name"] for each in own.get("fields", ())]


def keys(node: Any) -> Iterator[str]:
    """Yield all names of an expanded document."""
    for each in node if isinstance(node, list) else [node]:
        if isinstance(each, dict):
            yield from (name for name in each if not name.startswith("@"))
            for value in each.values():
                yield from keys(value)


@pytest.mark.parametrize("full_name", TYPES)
def test_every_field_has_a_name_and_no_two_of_a_type_the_same(full_name: str) -> None:
    counted = Counter(name_of(full_name, each) for each in fields(full_name))
    assert [name for name, count in counted.items() if count > 1] == []


def test_every_name_of_niem_is_given_to_a_field_that_there_is() -> None:
    known = {name.rpartition(".")[2]: fields(name) for name in TYPES}
    stray = {
        (of, each) for of, named in read_yaml("niem.yaml").items() for each in named
        if each not in known.get(of, ())
    }  # fmt: skip
    assert stray == set()
    names = {name for named in read_yaml("niem.yaml").values() for name in named.values()}
    assert all(name.partition(":")[0] in ("nc", "j") for name in names)
    assert len(names) > 90


@pytest.mark.parametrize(
    ("full_name", "field"),
    [("Association", "basis"), ("Association", "grade"), ("Association", "expires_at"),
     ("Association", "disputes"), ("Association", "evidence_kind"), ("Record", "disputes")],
)  # fmt: skip
def test_what_niem_has_no_name_for_is_ours(full_name: str, field: str) -> None:
    """R-01, R-03, R-05, R-19, R-21 must not be lost in a vocabulary that lacks them."""
    assert name_of(f"{catalog.NAMESPACE}.{full_name}", field).startswith("rb:")


@pytest.mark.parametrize("number", range(len(messages.every_kind())))
def test_a_document_expands_to_those_names_and_compacts_to_the_same_values(number: int) -> None:
    told = document(messages.every_kind()[number])
    expanded = jsonld.expand(told, OPTIONS)
    assert set(keys(expanded)) == {iri(each) for each in named(told, MESSAGE)}
    assert compacted(expanded) == said(told)


@settings(max_examples=25, deadline=None, suppress_health_check=_SLOW)
@given(messages.deliveries())
def test_any_message_comes_back(delivery: Delivery) -> None:
    told = document(delivery)
    assert compacted(jsonld.expand(told, OPTIONS)) == said(told)


def test_the_envelope_stays_and_says_what_it_carries() -> None:
    delivery = messages.every_kind()[0]
    plain, made = json.loads(delivery.body), json.loads(to_json_ld(delivery.body))
    assert made["datacontenttype"] == "application/ld+json"
    assert {name: made[name] for name in ("id", "source", "type", "subject", "specversion")} == {
        name: plain[name] for name in ("id", "source", "type", "subject", "specversion")
    }
    assert to_json_ld(delivery.body) == to_json_ld(delivery.body)


@settings(max_examples=25, deadline=None, suppress_health_check=_SLOW)
@given(messages.deliveries())
def test_nothing_is_there_that_the_envelope_does_not_say(delivery: Delivery) -> None:
    """R-31: a masked field does not come back through a form."""
    plain = json.loads(delivery.body)["data"]
    assert untyped(document(delivery)) == untyped(plain)


def untyped(value: Any) -> Any:
    """Give a value without what only names types; of a union with its name, the value."""
    if isinstance(value, dict):
        return {name: untyped(each) for name, each in value.items() if not name.startswith("@")}
    if isinstance(value, list) and len(value) == 2 and str(value[0]).startswith("recordbus.v1."):
        return untyped(value[1])
    return [untyped(each) for each in value] if isinstance(value, list) else value


def compacted(expanded: Any) -> Any:
    found = jsonld.compact(expanded, CONTEXT, OPTIONS)
    return json.loads(json.dumps(found))


def iri(name: str) -> str:
    prefix, _, local = name.partition(":")
    return EXPANDED[prefix] + local


def named(value: Any, full_name: str) -> Iterator[str]:
    """Yield the names that the fields of a document should have, by their types in the schemas."""
    own = definitions().get(full_name) or definition(full_name)
    kinds = {each["name"]: each["type"] for each in own["fields"]}
    for field, each in value.items():
        if field.startswith("@") or each is None:
            continue
        yield name_of(full_name, field)
        for item in each if isinstance(each, list) else [each]:
            if isinstance(item, dict):
                yield from named(item, type_of(item, kinds[field]))


def type_of(item: dict[str, Any], kind: Any) -> str:
    if "@type" in item:
        return POINTER if item["@type"] == "Pointer" else f"{catalog.NAMESPACE}.{item['@type']}"
    branches = [kind] if not isinstance(kind, list) else [each for each in kind if each != "null"]
    (only,) = [each["items"] if isinstance(each, dict) else each for each in branches]
    return str(only)
