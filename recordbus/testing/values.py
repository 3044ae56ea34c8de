"""Hypothesis strategies that draw any valid value of an Avro schema."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from recordbus.avro.tree import Node

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds


def values_of(node: Node, max_items: int = 2) -> st.SearchStrategy[Any]:
    """Give a strategy for the values of a type, in the form that fastavro reads and writes."""
    if node.kind == "record":
        return st.fixed_dictionaries({f.name: values_of(f.node, max_items) for f in node.fields})
    if node.kind == "union":
        return st.one_of([_branch(node, branch, max_items) for branch in node.branches])
    if node.kind == "array" and node.items is not None:
        return st.lists(values_of(node.items, max_items), max_size=max_items)
    if node.kind == "enum":
        return st.sampled_from(node.symbols)
    if node.logical == "timestamp-micros":
        return INSTANTS
    return _PLAIN[node.kind]


_PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "null": st.none(),
    "boolean": st.booleans(),
    "int": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": st.floats(width=32, allow_nan=False, allow_infinity=False),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "string": TEXTS,
    "bytes": st.binary(max_size=20),
}


def _branch(union: Node, branch: Node, max_items: int) -> st.SearchStrategy[Any]:
    inner = values_of(branch, max_items)
    if union.names_its_branch and branch.kind == "record":
        return inner.map(lambda value: (branch.name, value))
    return inner
