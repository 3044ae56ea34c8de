"""The registry client and the catalogue of schemas on a real registry."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from recordbus.errors import Misconfigured, Rejected, Retryable
from recordbus.kafka.catalogue import register_all, subjects
from recordbus.kafka.codec import Decoder, Encoder
from recordbus.kafka.registry import Reference, SchemaRegistry
from recordbus.kafka.schema_check import problems
from recordbus.local.servers import LocalServers
from recordbus.testing.pytest_plugin import TopicNames
from schemas import catalog

FULL = "FULL_TRANSITIVE"


def record(name: str, *fields: Mapping[str, object]) -> str:
    return json.dumps({"type": "record", "name": name, "namespace": "test", "fields": fields})


def test_references_come_back_written_out(
    schema_registry: SchemaRegistry, topic_names: TopicNames
) -> None:
    part, whole = topic_names("test.Part"), topic_names("whole")
    schema_registry.register(part, record("Part", {"name": "n", "type": "int"}))
    text = record("Whole", {"name": "parts", "type": {"type": "array", "items": "test.Part"}})

    schema_id = schema_registry.register(whole, text, [Reference("test.Part", part, 1)])
    found = schema_registry.schema_by_id(schema_id)

    assert found.parsed["fields"][0]["type"]["items"]["fields"] == [{"name": "n", "type": "int"}]
    assert schema_registry.owns(whole, schema_id)
    assert schema_registry.register(whole, text, [Reference("test.Part", part, 1)]) == schema_id


def test_an_incompatible_version_is_refused_with_advice(
    schema_registry: SchemaRegistry, topic_names: TopicNames
) -> None:
    subject = topic_names("strict")
    schema_registry.register(subject, record("R", {"name": "a", "type": "int"}))
    schema_registry.set_compatibility(FULL, subject)

    with pytest.raises(Misconfigured, match="schemas check"):
        schema_registry.register(
            subject, record("R", {"name": "a", "type": "int"}, {"name": "b", "type": "string"})
        )

    optional = {"name": "b", "type": ["null", "string"], "default": None}
    schema_registry.register(subject, record("R", {"name": "a", "type": "int"}, optional))
    assert len(schema_registry.versions_of(subject)) == 2


def test_an_unknown_id_is_rejected(schema_registry: SchemaRegistry) -> None:
    with pytest.raises(Rejected) as caught:
        schema_registry.schema_by_id(987_654)

    assert caught.value.reason == "unknown_schema"


def test_the_whole_catalogue_registers_once_and_reads_back_as_it_is(
    schema_registry: SchemaRegistry,
) -> None:
    departments = ["river-pd", "county-court"]
    assert problems(schema_registry, departments) == []

    assert register_all(schema_registry, departments) == len(subjects(departments))
    assert register_all(schema_registry, departments) == 0

    assert problems(schema_registry, departments) == []
    for subject in subjects(departments):
        found = schema_registry.schema_by_id(schema_registry.id_of(subject.name))
        assert found.parsed == catalog.avro_schema(subject.full_name)


def test_a_new_version_that_breaks_an_old_one_is_named(
    schema_registry: SchemaRegistry, topic_names: TopicNames
) -> None:
    department = "old-pd"
    subject = f"ingest.{department}.v1-value"
    schema_registry.set_compatibility("NONE")
    try:
        schema_registry.register(
            subject,
            json.dumps(
                {
                    "type": "record",
                    "name": "RecordChange",
                    "namespace": "recordbus.v1",
                    "fields": [{"name": "event_id", "type": "long"}],
                }
            ),
        )
    finally:
        schema_registry.set_compatibility(FULL)

    found = problems(schema_registry, [department])

    assert found
    assert all(sentence.startswith(subject) for sentence in found)


def test_decoding_goes_on_while_the_registry_is_away(own_servers: LocalServers) -> None:
    registry = own_servers.schema_registry()
    registry.register("s", record("R", {"name": "a", "type": "int"}))
    encoder, decoder = Encoder(registry, "s"), Decoder(registry, "s")
    framed = encoder.encode({"a": 1})
    assert decoder.decode(framed) == {"a": 1}

    own_servers.kill_registry()

    assert decoder.decode(encoder.encode({"a": 2})) == {"a": 2}
    with pytest.raises(Retryable, match="did not answer"):
        registry.schema_by_id(12_345)
    with pytest.raises(Retryable, match="did not answer"):
        registry.register("other", record("R", {"name": "a", "type": "int"}))

    own_servers.start_registry()
    again = own_servers.schema_registry()
    assert again.id_of("s") == encoder.schema_id
    again.close()
    registry.close()
