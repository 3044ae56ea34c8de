"""What was set aside reaches operators whole: reason, origin, department and original bytes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from recordbus.departments import Contact, Department, Departments
from recordbus.kafka.codec import Decoder
from recordbus.kafka.registry import SchemaRegistry
from schemas import catalog
from streams.quarantine import TOPIC, QuarantineEncoder
from streams.runtime.effects import Quarantined


@pytest.fixture
def registry() -> SchemaRegistry:
    registry = SchemaRegistry("mock://quarantine")
    registry.register(f"{TOPIC}-value", catalog.avro_text("recordbus.v1.Quarantined"), [])
    return registry


@pytest.fixture
def departments() -> Departments:
    contact = Contact(unit="Records")
    return Departments(
        [Department(name="harbor-pd", title="Harbor PD", ori="ZZ0010100", contact=contact)]
    )


def aside(topic: str, value: bytes | None = b"\xff bytes") -> Quarantined:
    moment = int(datetime(2026, 1, 2, tzinfo=UTC).timestamp() * 1000)
    return Quarantined("intake", "truncated", "at byte 9", topic, 2, 41, moment, b"key", value)


def test_everything_about_it_is_there(registry: SchemaRegistry, departments: Departments) -> None:
    encode = QuarantineEncoder(registry, departments)
    read = Decoder(registry, f"{TOPIC}-value").decode(encode(aside("ingest.harbor-pd.v1")))
    assert read["department"] == "harbor-pd"
    assert (read["reason"], read["detail"], read["stage"]) == ("truncated", "at byte 9", "intake")
    assert (read["source_topic"], read["source_partition"], read["source_offset"]) == (
        "ingest.harbor-pd.v1",
        2,
        41,
    )
    assert (read["key"], read["value"]) == (b"key", b"\xff bytes")


@pytest.mark.parametrize("topic", ["ingest.upkeep.v1", "records.v1", "ingest.nobody.v1"])
def test_a_topic_of_the_bus_has_no_department(
    registry: SchemaRegistry, departments: Departments, topic: str
) -> None:
    encode = QuarantineEncoder(registry, departments)
    read = Decoder(registry, f"{TOPIC}-value").decode(encode(aside(topic, None)))
    assert read["department"] is None
    assert read["value"] is None
    assert encode.department_of(topic) == ""
