"""A schema registry in memory: the answers of a real one, and its absence, at will."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from recordbus.errors import Rejected, Retryable
from schemas import catalog


class KnownSchema(NamedTuple):
    """A registered schema, self-contained."""

    id: int
    text: str
    parsed: Any


class MemoryRegistry:
    """Holds schemas by id and subject; set `away` to make every question fail as retryable."""

    def __init__(self) -> None:
        self.away = False
        self.asked = 0
        self._by_id: dict[int, KnownSchema] = {}
        self._subjects: dict[str, list[int]] = {}

    def add(self, subject: str, schema: Any) -> int:
        """Register a parsed schema; the same schema has the same id in every subject."""
        text = json.dumps(schema, sort_keys=True)
        for known in self._by_id.values():
            if known.text == text:
                schema_id = known.id
                break
        else:
            schema_id = len(self._by_id) + 1
            self._by_id[schema_id] = KnownSchema(schema_id, text, json.loads(text))
        self._subjects.setdefault(subject, []).append(schema_id)
        return schema_id

    def add_topic(self, topic: str) -> int:
        """Register the schema that the catalogue gives a topic."""
        full_name = catalog.topics().spec(topic).value_schema
        assert full_name is not None
        return self.add(f"{topic}-value", catalog.avro_schema(full_name))

    def schema_by_id(self, schema_id: int) -> KnownSchema:
        """Give a schema; raises Rejected `unknown_schema` when there is none of that id."""
        self._ask()
        if schema_id not in self._by_id:
            raise Rejected("unknown_schema", f"the registry has no schema with id {schema_id}")
        return self._by_id[schema_id]

    def owns(self, subject: str, schema_id: int) -> bool:
        """Say whether a schema id is a version of a subject."""
        self._ask()
        return schema_id in self._subjects.get(subject, ())

    def texts_of(self, subject: str) -> list[KnownSchema]:
        """Give every version of a subject, oldest first."""
        self._ask()
        return [self._by_id[each] for each in self._subjects.get(subject, ())]

    def id_of(self, subject: str) -> int:
        """Give the id of a subject's latest version."""
        self._ask()
        return self._subjects[subject][-1]

    def _ask(self) -> None:
        self.asked += 1
        if self.away:
            raise Retryable("the registry does not answer", hint="bring it back")
