"""What intake writes while a later version of a schema is registered already."""

from __future__ import annotations

from copy import deepcopy
from io import BytesIO
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_reader

from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas import catalog
from streams.intake.testing import Desk
from streams.intake.topics import MEETINGS, RECORDS, RELATIONS

ADDED = {"name": "added_later", "type": "string", "default": "unknown"}


def outermost(_schema: Any, _name: str) -> Any:
    return _schema


def branch(schema: Any, name: str) -> Any:
    """Give the branch of an entry's content that has a name."""
    (found,) = [each for each in schema["fields"][0]["type"] if each["name"].endswith(name)]
    return found


LATER = {
    RECORDS: (outermost, ""),
    RELATIONS: (branch, "RecordRelations"),
    MEETINGS: (branch, "Bundle"),
}


def said(desk: Desk, topic: str, schema: Any) -> Any:
    """Give what intake says of a record in a topic, read with a schema."""
    handled = desk.say(records.change())
    assert handled.quarantined is None
    (output,) = [each for each in handled.outputs if each.topic == topic]
    assert output.value is not None
    options: dict[str, Any] = dict(catalog.READ_OPTIONS)
    return schemaless_reader(
        BytesIO(output.value[5:]), parse_schema(deepcopy(schema)), None, **options
    )


def without_default(value: Any) -> Any:
    """Take the added field out again."""
    content = value["content"][1] if "content" in value else value
    assert content.pop(ADDED["name"]) == ADDED["default"]
    return value


@pytest.mark.parametrize("topic", LATER)
def test_fields_of_a_later_schema_have_their_default(topic: str) -> None:
    name = catalog.topics().spec(topic).value_schema
    assert name is not None
    ours: Any = deepcopy(dict(catalog.avro_schema(name)))
    later = deepcopy(ours)
    place, part = LATER[topic]
    place(later, part)["fields"].insert(3, ADDED)
    registry = Registry(topic, later)
    found = said(Desk(registry), topic, later)
    assert without_default(found) == said(Desk(MemoryRegistry()), topic, ours)


class Registry(MemoryRegistry):
    """A registry in which one topic has a later schema than this release."""

    def __init__(self, topic: str, later: Any) -> None:
        super().__init__()
        self._later = {topic: later}

    def add_topic(self, topic: str) -> int:
        """Register what the topic has."""
        added = super().add_topic(topic)
        later = self._later.get(topic)
        return added if later is None else self.add(f"{topic}-value", later)
