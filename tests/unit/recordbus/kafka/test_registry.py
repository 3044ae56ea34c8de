"""The registry client on its in-memory twin: caches, references, and what its errors mean."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator

import httpx
import pytest
from confluent_kafka.schema_registry.error import SchemaRegistryError

from recordbus.errors import Misconfigured, Rejected, Retryable
from recordbus.kafka import registry as registry_module
from recordbus.kafka.registry import Reference, SchemaRegistry

PART = json.dumps({"type": "enum", "name": "x.Kind", "symbols": ["A", "B"]})
WHOLE = json.dumps(
    {"type": "record", "name": "x.Whole", "fields": [{"name": "kind", "type": "x.Kind"}]}
)


@pytest.fixture
def registry() -> Iterator[SchemaRegistry]:
    made = SchemaRegistry(f"mock://{uuid.uuid4().hex}")
    yield made
    made.close()


def test_a_schema_is_found_by_id_with_its_references_written_out(registry: SchemaRegistry) -> None:
    registry.register("x.Kind", PART)
    schema_id = registry.register("whole-value", WHOLE, ["x.Kind"])

    found = registry.schema_by_id(schema_id)

    assert found.text == WHOLE
    assert found.parsed["fields"][0]["type"]["symbols"] == ["A", "B"]


def test_a_reference_may_name_an_older_version(registry: SchemaRegistry) -> None:
    registry.register("x.Kind", PART)
    registry.register("x.Kind", PART.replace('"B"', '"B", "C"'))
    schema_id = registry.register("w", WHOLE, [Reference("x.Kind", "x.Kind", 1)])

    assert registry.schema_by_id(schema_id).parsed["fields"][0]["type"]["symbols"] == ["A", "B"]


def test_two_clients_of_one_name_share_the_registry(registry: SchemaRegistry) -> None:
    other = SchemaRegistry(registry.url)

    assert other.versions_of("late") == frozenset()
    schema_id = registry.register("late", PART)

    assert other.owns("late", schema_id)
    assert other.id_of("late") == schema_id


def test_an_unknown_id_is_rejected_and_asked_for_again(registry: SchemaRegistry) -> None:
    with pytest.raises(Rejected) as caught:
        registry.schema_by_id(1)
    assert caught.value.reason == "unknown_schema"

    assert registry.register("s", PART) == 1
    assert registry.schema_by_id(1).text == PART


def test_an_id_of_another_subject_is_not_owned(registry: SchemaRegistry) -> None:
    mine = registry.register("mine", PART)
    other = registry.register("other", WHOLE.replace("x.Kind", "string"))

    assert registry.owns("mine", mine)
    assert not registry.owns("mine", other)


def test_every_version_is_given_oldest_first(registry: SchemaRegistry) -> None:
    newer = PART.replace('"B"', '"B", "C"')
    registry.register("s", PART)
    registry.register("s", newer)

    assert [version.text for version in registry.texts_of("s")] == [PART, newer]
    assert registry.texts_of("nobody") == []
    assert registry.subjects() == ["s"]


def test_a_subject_that_is_not_there_says_how_to_register(registry: SchemaRegistry) -> None:
    with pytest.raises(Misconfigured, match="schemas register"):
        registry.id_of("missing")


def test_text_that_is_no_schema_is_rejected(registry: SchemaRegistry) -> None:
    schema_id = registry.register("s", "[" * 100_000)

    with pytest.raises(Rejected) as caught:
        registry.schema_by_id(schema_id)
    assert caught.value.reason == "unknown_schema"


def test_more_references_than_any_schema_needs_are_refused(
    registry: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_module, "MAX_REFERENCES", 1)
    second = json.dumps({"type": "enum", "name": "x.Second", "symbols": ["A"]})
    registry.register("x.Kind", PART)
    registry.register("x.Second", second)
    schema_id = registry.register("w", WHOLE, ["x.Kind", "x.Second"])

    with pytest.raises(Rejected) as caught:
        registry.schema_by_id(schema_id)
    assert caught.value.reason == "too_many_items"


def test_a_registry_that_is_away_is_retryable() -> None:
    away = SchemaRegistry("http://127.0.0.1:9", timeout_seconds=0.5)
    try:
        with pytest.raises(Retryable, match=r"127\.0\.0\.1:9"):
            away.schema_by_id(1)
    finally:
        away.close()


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        (500, Retryable, "did not answer"),
        (429, Retryable, "did not answer"),
        (401, Misconfigured, "REGISTRY__USER"),
        (409, Misconfigured, "schemas check"),
        (422, Misconfigured, "log says more"),
    ],
)
def test_an_answer_says_what_to_do(
    registry: SchemaRegistry,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    kind: type[Exception],
    says: str,
) -> None:
    def refuse(*_arguments: object) -> int:
        raise SchemaRegistryError(status, status * 100, "no")

    monkeypatch.setattr(registry._client, "register_schema", refuse)

    with pytest.raises(kind, match=says):
        registry.register("s", PART)


def test_what_was_read_stays_while_the_registry_is_away(
    registry: SchemaRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema_id = registry.register("s", PART)
    registry.schema_by_id(schema_id)
    assert registry.owns("s", schema_id)

    def away(*_arguments: object) -> None:
        raise httpx.ConnectError("gone")

    for name in ("get_schema", "get_versions", "get_version"):
        monkeypatch.setattr(registry._client, name, away)

    assert registry.schema_by_id(schema_id).text == PART
    assert registry.owns("s", schema_id)
    with pytest.raises(Retryable):
        registry.owns("s", schema_id + 1)


def test_an_address_that_cannot_be_one_is_misconfigured() -> None:
    with pytest.raises(Misconfigured, match="REGISTRY__URL"):
        SchemaRegistry("ftp://nowhere")
