"""A made-up type with six versions, one for every change that the bus allows.

The repository's own schemas are young, so their matrix of versions is small; this chain shows
that the checks would see a version that cannot be read, and a value that is read wrongly.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

_NAMESPACE = "recordbus.test"


def _optional(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "type": ["null", kind], "default": None, "doc": f"The {name}."}


def _first() -> dict[str, Any]:
    colour = {
        "type": "enum",
        "name": "Colour",
        "namespace": _NAMESPACE,
        "doc": "A colour.",
        "symbols": ["unknown", "red", "green"],
        "default": "unknown",
    }
    instant = {"type": "long", "logicalType": "timestamp-micros"}
    return {
        "type": "record",
        "name": "Thing",
        "namespace": _NAMESPACE,
        "doc": "A thing.",
        "fields": [
            {"name": "id", "type": "string", "doc": "Its id."},
            {"name": "made_at", "type": instant, "doc": "When it was made."},
            {"name": "colour", "type": colour, "doc": "Its colour."},
            {
                "name": "words",
                "type": {"type": "array", "items": "string"},
                "default": [],
                "doc": "Words.",
            },
            _optional("weight", "int"),
        ],
    }


def chain() -> tuple[dict[str, Any], ...]:
    """Give the versions v1 to v6, oldest first."""
    first = _first()
    second = deepcopy(first)
    second["fields"].append(_optional("height", "int"))
    third = deepcopy(second)
    third["fields"].insert(1, _optional("nickname", "string"))
    fourth = deepcopy(third)
    fourth["fields"] = [field for field in fourth["fields"] if field["name"] != "weight"]
    fourth["fields"][3]["type"]["symbols"].append("blue")
    fifth = deepcopy(fourth)
    fifth["fields"].append({**_optional("maker", "null"), "type": ["null", _maker()]})
    sixth = deepcopy(fifth)
    sixth["doc"] = "A thing, described better."
    return first, second, third, fourth, fifth, sixth


def _maker() -> dict[str, Any]:
    return {
        "type": "record",
        "name": "Maker",
        "namespace": _NAMESPACE,
        "doc": "Who made it.",
        "fields": [{"name": "name", "type": "string", "doc": "The name."}, _optional("age", "int")],
    }
