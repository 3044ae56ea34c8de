"""The Avro schema of a message: self-contained, and made of the bus's own types (pure).

Invariant: a field that may be withheld can be empty. Otherwise a record that lacks one could not
be told at all, or only with a made-up value.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

from consumers.feeds.formats.given import branches_of, definition, may_be_absent
from consumers.feeds.formats.message import MESSAGE, NAMESPACE, definitions, in_avro

_PRIMITIVES: Final = frozenset({"null", "boolean", "int", "long", "double", "bytes", "string"})


@cache
def message_schema() -> dict[str, Any]:
    """Give the schema as parsed JSON; callers must not change it."""
    schema: dict[str, Any] = _Writer().named(MESSAGE)
    return schema


def message_schema_text() -> str:
    """Give the schema as JSON text, the same for the same types."""
    return json.dumps(message_schema(), ensure_ascii=False, indent=1) + "\n"


class _Writer:
    """Writes each type out where it is first met, in the namespace of feeds."""

    def __init__(self) -> None:
        self._written: set[str] = set()

    def named(self, full_name: str) -> Any:
        name = f"{NAMESPACE}.{full_name.rpartition('.')[2]}"
        if name in self._written:
            return name
        self._written.add(name)
        own = in_avro() if full_name == MESSAGE else definitions().get(full_name)
        said = definition(full_name) if own is None else own
        made = {**said, "namespace": NAMESPACE}
        if "fields" in said:
            made["fields"] = [self._field(full_name, each) for each in said["fields"]]
        return made

    def _field(self, of: str, field: dict[str, Any]) -> dict[str, Any]:
        made = {**field, "type": self._type(field["type"])}
        if (of, field["name"]) not in may_be_absent():
            return made
        if isinstance(field["type"], dict) and field["type"].get("type") == "array":
            return {**made, "default": []}
        return {**made, "type": ["null", *branches_of(made["type"])], "default": None}

    def _type(self, kind: Any) -> Any:
        if isinstance(kind, list):
            return [self._type(each) for each in kind]
        if isinstance(kind, dict):
            return {**kind, "items": self._type(kind["items"])} if "items" in kind else kind
        return kind if kind in _PRIMITIVES else self.named(kind)
