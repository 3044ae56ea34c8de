"""Our own values: what is encoded decodes to the same, and what is wrong is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.errors import Rejected
from recordbus.kafka.codec import Decoder, Encoder
from recordbus.kafka.registry import SchemaRegistry
from recordbus.kafka.wire import frame, unframe

CAT = {"type": "record", "name": "Cat", "fields": [{"name": "lives", "type": "int"}]}
DOG = {"type": "record", "name": "Dog", "fields": [{"name": "tricks", "type": "string"}]}
SCHEMA: dict[str, Any] = {
    "type": "record",
    "name": "Pet",
    "namespace": "test",
    "fields": [
        {"name": "name", "type": ["null", "string"], "default": None},
        {"name": "born", "type": {"type": "long", "logicalType": "timestamp-micros"}},
        {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []},
        {"name": "kind", "type": [CAT, DOG]},
    ],
}
WITH_MAP: dict[str, Any] = {
    **SCHEMA,
    "name": "Mapped",
    "fields": [{"name": "counts", "type": {"type": "map", "values": "long"}}],
}
REX = {
    "name": "Rex",
    "born": datetime(2020, 1, 2, 3, 4, 5, 6, UTC),
    "tags": ["a", "b"],
    "kind": ("test.Dog", {"tricks": "sit"}),
}


@pytest.fixture(scope="module")
def registry() -> Iterator[SchemaRegistry]:
    made = SchemaRegistry("mock://codec")
    made.register("pet", json.dumps(SCHEMA))
    made.register("mapped", json.dumps(WITH_MAP))
    yield made
    made.close()


def test_a_value_comes_back_as_it_was(registry: SchemaRegistry) -> None:
    framed = Encoder(registry, "pet").encode(REX)

    assert unframe(framed)[0] == registry.id_of("pet")
    assert Decoder(registry, "pet").decode(framed) == REX


@given(st.dictionaries(st.text(max_size=5), st.integers(-(2**63), 2**63 - 1), max_size=4))
def test_what_the_compiled_codec_does_not_cover_comes_back_too(counts: dict[str, int]) -> None:
    registry = SchemaRegistry("mock://mapped")
    registry.register("mapped", json.dumps(WITH_MAP))

    framed = Encoder(registry, "mapped").encode({"counts": counts})

    assert Decoder(registry, "mapped").decode(framed) == {"counts": counts}


def test_a_reader_sees_its_own_version_of_what_an_earlier_one_wrote(
    registry: SchemaRegistry,
) -> None:
    owner = {"name": "owner", "type": "string", "default": "nobody"}
    newer = {**SCHEMA, "fields": [*SCHEMA["fields"], owner]}

    framed = Encoder(registry, "pet").encode(REX)

    assert Decoder(registry, "pet", newer).decode(framed) == {**REX, "owner": "nobody"}


def test_an_older_version_can_be_written_on_purpose(request: pytest.FixtureRequest) -> None:
    registry = SchemaRegistry(f"mock://{request.node.name}")
    old = registry.register("s", json.dumps(CAT))
    newer = {**CAT, "fields": [*CAT["fields"], {"name": "n", "type": "int", "default": 0}]}
    new = registry.register("s", json.dumps(newer))

    framed = Encoder(registry, "s", schema_id=old).encode({"lives": 9})

    assert new != old
    assert Decoder(registry, "s").decode(framed) == {"lives": 9}
    assert Decoder(registry, "s", newer).decode(framed) == {"lives": 9, "n": 0}


@pytest.mark.parametrize(
    "wrong",
    [
        {**REX, "name": 7},
        {**REX, "born": "CANARY"},
        {key: value for key, value in REX.items() if key != "kind"},
        {**REX, "kind": ("test.Bird", {})},
    ],
)
def test_a_value_that_does_not_fit_is_named_without_its_content(
    registry: SchemaRegistry, wrong: dict[str, Any]
) -> None:
    with pytest.raises(Rejected) as caught:
        Encoder(registry, "pet").encode(wrong)

    assert caught.value.reason == "not_encodable"
    assert "CANARY" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_wrong_bytes_escape_the_reasons(registry: SchemaRegistry) -> None:
    decoder = Decoder(registry, "pet")
    good = Encoder(registry, "pet").encode(REX)
    expected = {
        None: "not_framed",
        b"nonsense": "not_framed",
        good[:-1]: "truncated",
        good + b"\0": "trailing_bytes",
        frame(99_999, good[5:]): "unknown_schema",
        frame(registry.id_of("mapped"), b"\0"): "schema_not_for_topic",
        good[:5] + b"\x09": "not_decodable",
    }

    for value, reason in expected.items():
        with pytest.raises(Rejected) as caught:
            decoder.decode(value)
        assert caught.value.reason == reason
