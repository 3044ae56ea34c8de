"""Reads the status and version of a record without reading the record.

The values of `records.v1` begin with their head, so a schema cut off behind `status` reads just
that: at thousands of records a second, upkeep cannot afford to decode bodies it never looks at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Protocol, cast

from fastavro import parse_schema, schemaless_reader

from recordbus.errors import Misconfigured
from recordbus.kafka.wire import HEADER_BYTES, unframe

_LAST: Final = "status"


@dataclass(frozen=True, slots=True)
class Glimpse:
    """The head of a record: which version of it this is, and whether it is a removal."""

    version: int
    removed: bool


class _Schema(Protocol):
    @property
    def parsed(self) -> Any:
        """Give the schema, self-contained."""


class SchemaLookup(Protocol):
    """Gives a writer's schema by its id."""

    def schema_by_id(self, schema_id: int) -> _Schema:
        """Give the schema; raises Rejected when unknown, Retryable when the registry is away."""


class Glimpser:
    """Glimpses at values whose schemas it looks up once each."""

    def __init__(self, registry: SchemaLookup) -> None:
        self._registry = registry
        self._heads: dict[int, Any] = {}

    def glimpse(self, value: bytes) -> Glimpse:
        """Read the head of a framed record; Rejected `not_framed` when it is not framed."""
        schema_id, _ = unframe(value)
        head = self._heads.get(schema_id)
        if head is None:
            head = self._heads[schema_id] = _head(self._registry.schema_by_id(schema_id).parsed)
        buffer = BytesIO(value)
        buffer.seek(HEADER_BYTES)
        found = cast(Mapping[str, Any], schemaless_reader(buffer, head, None))
        return Glimpse(found["version"], found[_LAST] != "live")


def _head(schema: Mapping[str, Any]) -> Any:
    """Cut a record's schema off behind its status."""
    names = [field["name"] for field in schema["fields"]]
    if _LAST not in names or "version" not in names[: names.index(_LAST)]:
        raise Misconfigured(
            "the schema of records.v1 does not begin with a version and a status",
            hint="register the schemas of this release with `recordbus schemas register`",
        )
    return parse_schema({**schema, "fields": schema["fields"][: names.index(_LAST) + 1]})
