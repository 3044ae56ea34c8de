"""The JSON Schema of a message: its envelope, its data and every type of content (pure).

A field that is not required is one that an agreement may withhold. What is not named here may come
in later versions, so nothing is forbidden: a reader passes over what it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from consumers.feeds.formats.given import RECORD, UPDATE, branches_of, definition, may_be_absent
from consumers.feeds.formats.message import POINTER, data_fields, definitions
from schemas import catalog

_PLAIN: Final[Mapping[str, Mapping[str, Any]]] = {
    "string": {"type": "string"}, "boolean": {"type": "boolean"}, "int": {"type": "integer"},
    "long": {"type": "integer"}, "double": {"type": "number"},
}  # fmt: skip
_INSTANT: Final = {"type": "string", "format": "date-time"}
_NULL: Final = {"type": "null"}


@cache
def json_schema() -> dict[str, Any]:
    """Give the schema of an envelope; callers must not change it."""
    types = _types((RECORD, UPDATE, POINTER))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:recordbus:feed:v1:message",
        "title": "A message of a feed, in its CloudEvents 1.0 envelope",
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "pattern": "^dlv_[0-9a-f]{40}$"},
            "source": {"type": "string", "minLength": 1},
            "type": {"type": "string", "pattern": r"^recordbus\.[a-z]+\.[a-z]+\.v1$"},
            "subject": {"type": "string", "pattern": "^(record|association)/.+$"},
            "datacontenttype": {"const": "application/json"},
            "data": _data(),
        },
        "required": ["specversion", "id", "source", "type", "subject", "datacontenttype", "data"],
        "$defs": {_short(name): _record(name) for name in types},
    }


def _data() -> dict[str, Any]:
    fields = data_fields()
    return {
        "type": "object",
        "properties": {
            each["name"]: {"description": each["doc"], **_schema(each["type"])} for each in fields
        },
        "required": [each["name"] for each in fields],
    }


def _definition(full_name: str) -> Mapping[str, Any]:
    return definitions().get(full_name) or definition(full_name)


def _types(roots: Iterable[str]) -> list[str]:
    """Give the named types below some, each once, sorted by name."""
    found: dict[str, None] = {}

    def visit(kind: Any) -> None:
        if isinstance(kind, list):
            for each in kind:
                visit(each)
        elif isinstance(kind, dict):
            visit(kind.get("items", []))
        elif "." in kind and kind not in found:
            found[kind] = None
            visit([each["type"] for each in _definition(kind).get("fields", ())])

    visit([*roots, f"{catalog.NAMESPACE}.AssociationStatus"])
    return sorted(found, key=_short)


def _record(full_name: str) -> dict[str, Any]:
    said = _definition(full_name)
    if said["type"] == "enum":
        return {"description": said["doc"], "enum": list(said["symbols"])}
    fields, absent = said["fields"], may_be_absent()
    return {
        "description": said["doc"],
        "type": "object",
        "properties": {
            each["name"]: {"description": each["doc"], **_schema(each["type"])} for each in fields
        },
        "required": [each["name"] for each in fields if (full_name, each["name"]) not in absent],
    }


def _schema(kind: Any) -> dict[str, Any]:
    branches = branches_of(kind)
    made = [_one(each) for each in branches]
    if len(branches) > 1 and POINTER not in branches:
        made = [_tagged(name, each) for name, each in zip(branches, made, strict=True)]
    if isinstance(kind, list) and "null" in kind:
        made.append(dict(_NULL))
    return made[0] if len(made) == 1 else {"anyOf": made}


def _one(kind: Any) -> dict[str, Any]:
    if isinstance(kind, dict):
        return _INSTANT if "logicalType" in kind else {
            "type": "array", "items": _schema(kind["items"])
        }  # fmt: skip
    return dict(_PLAIN[kind]) if kind in _PLAIN else {"$ref": f"#/$defs/{_short(kind)}"}


def _tagged(full_name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a value of one of several types is: the name of its type, and the value."""
    return {
        "type": "array", "prefixItems": [{"const": full_name}, schema], "items": False,
        "minItems": 2,
    }  # fmt: skip


def _short(full_name: str) -> str:
    return full_name.rpartition(".")[2]
