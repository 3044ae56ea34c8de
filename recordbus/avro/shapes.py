"""Whether two schemas write a value as the same bytes, and how to take a record apart (pure).

The body of a record crosses the bus unchanged: its bytes are what a publisher's event id is made
of, and they are passed on as they came when the schema they came with writes a body as ours does.
This module is what makes that safe.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from recordbus.avro.tree import Node


def same_bytes(one: Node, other: Node) -> bool:
    """Say whether the two types have the same fields, symbols and branches in the same order.

    Documentation, defaults and other properties make no difference to bytes.
    """
    own = (one.kind, one.name, one.symbols, one.size, one.logical, one.precision, one.scale)
    others = (
        other.kind, other.name, other.symbols, other.size, other.logical, other.precision,
        other.scale,
    )  # fmt: skip
    if own != others or [f.name for f in one.fields] != [f.name for f in other.fields]:
        return False
    if (one.items is None) != (other.items is None) or len(one.branches) != len(other.branches):
        return False
    pairs = [(a.node, b.node) for a, b in zip(one.fields, other.fields, strict=True)]
    pairs += zip(one.branches, other.branches, strict=True)
    if one.items is not None and other.items is not None:
        pairs.append((one.items, other.items))
    return all(same_bytes(a, b) for a, b in pairs)


def field_node(record: Node, name: str) -> Node:
    """Give the type of a record's field; KeyError when it has none of that name."""
    return {field.name: field.node for field in record.fields}[name]


def split_at(record: Node, name: str) -> tuple[Node, Node]:
    """Give a record's type in two: the fields before the named one, and those after it.

    Avro writes a record as its fields one after the other, so the bytes of the parts, with those
    of the field between them, are the bytes of the whole.
    """
    at = [field.name for field in record.fields].index(name)
    return replace(record, fields=record.fields[:at]), replace(
        record, fields=record.fields[at + 1 :]
    )


def parted(record: Node, *names: Iterable[str]) -> list[Node]:
    """Give a record's type in parts, each with the fields of these names.

    The bytes of the parts, one after the other, are those of the whole. Raises ValueError unless
    the names are those of all its fields, in their order.
    """
    groups = [list(group) for group in names]
    if [field.name for field in record.fields] != list(chain(*groups)):
        raise ValueError(f"{record.name} has other fields, or has them in another order")
    fields = iter(record.fields)
    return [replace(record, fields=tuple(next(fields) for _ in group)) for group in groups]
