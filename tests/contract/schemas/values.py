"""Values for schemas: hypothesis strategies of what an Avro type may hold, and full samples."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

INSTANTS = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2999, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
_PRIMITIVES: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "float": st.floats(allow_nan=False, allow_infinity=False, width=32),
    "bytes": st.binary(max_size=8),
    "string": st.text(max_size=12),
}


def definitions(schema: Any) -> dict[str, Any]:
    """Give the named types written out in a self-contained schema, by full name."""
    found: dict[str, Any] = {}

    def visit(node: Any) -> None:
        if isinstance(node, list):
            for branch in node:
                visit(branch)
        elif isinstance(node, Mapping):
            if node["type"] in ("record", "enum"):
                found[full_name(node)] = node
            for field in node.get("fields", ()):
                visit(field["type"])
            for key in ("items", "values"):
                visit(node.get(key))

    visit(schema)
    return found


def full_name(node: Mapping[str, Any]) -> str:
    """Give a named type's full name."""
    return f"{node['namespace']}.{node['name']}"


def decoded_values(schema: Any) -> st.SearchStrategy[Any]:
    """Give a strategy of decoded values of a self-contained schema."""
    named = definitions(schema)
    known: dict[str, st.SearchStrategy[Any]] = {}

    def of(node: Any) -> st.SearchStrategy[Any]:
        if isinstance(node, str):
            return _PRIMITIVES[node] if node in _PRIMITIVES else of_named(node)
        if isinstance(node, list):
            return of_union(node)
        if node["type"] in ("record", "enum"):
            return of_named(full_name(node))
        if node["type"] == "array":
            return st.lists(of(node["items"]), max_size=2)
        return INSTANTS if "logicalType" in node else of(node["type"])

    def of_named(name: str) -> st.SearchStrategy[Any]:
        if name not in known:
            node = named[name]
            if node["type"] == "enum":
                known[name] = st.sampled_from(node["symbols"])
            else:
                fields = {f["name"]: of(f["type"]) for f in node["fields"]}
                known[name] = st.fixed_dictionaries(fields)
        return known[name]

    def of_union(branches: list[Any]) -> st.SearchStrategy[Any]:
        if "null" in branches:
            return st.one_of(*(of(branch) for branch in branches))
        return st.one_of(*(st.tuples(st.just(_name_of(b)), of(b)) for b in branches))

    return of(schema)


def sample(schema: Any, *, full: bool, branch: int = 0) -> Any:
    """Give one decoded value: everything filled in with differing content, or all that may be
    empty left empty. `branch` picks the branch of a union of several records, round and round."""
    named = definitions(schema)
    numbers = count(1)

    def of(node: Any) -> Any:
        if isinstance(node, str) and node in named:
            return of(named[node])
        if isinstance(node, str):
            return primitive(node, next(numbers))
        if isinstance(node, list):
            return union(node)
        if node["type"] == "record":
            return {field["name"]: of(field["type"]) for field in node["fields"]}
        if node["type"] == "enum":
            return node["symbols"][next(numbers) % len(node["symbols"])]
        if node["type"] == "array":
            return [of(node["items"]), of(node["items"])] if full else []
        return of_logical(node)

    def of_logical(node: Any) -> Any:
        if "logicalType" in node:
            return datetime(2024, 5, 6, tzinfo=UTC) + timedelta(microseconds=next(numbers) * 1009)
        return of(node["type"])

    def union(branches: list[Any]) -> Any:
        if "null" in branches:
            return of(branches[1]) if full else None
        chosen = branches[branch % len(branches)]
        return (_name_of(chosen), of(chosen))

    return of(schema)


def primitive(kind: str, number: int) -> Any:
    """Give a value of a primitive type that differs by number."""
    made: dict[str, Any] = {
        "null": None,
        "boolean": number % 2 == 0,
        "int": number,
        "long": number * 2**33,
        "double": number / 8,
        "float": number / 8,
        "bytes": bytes([number % 256]),
        "string": f"text {number} \u00e9\u4e2d",
    }
    return made[kind]


def _name_of(branch: Any) -> str:
    return branch if isinstance(branch, str) else full_name(branch)


def without_names(value: Any) -> Any:
    """Give a decoded value with (name, fields) of a union replaced by the fields alone."""
    if isinstance(value, tuple):
        return without_names(value[1])
    if isinstance(value, list):
        return [without_names(item) for item in value]
    if isinstance(value, dict):
        return {key: without_names(item) for key, item in value.items()}
    return value
