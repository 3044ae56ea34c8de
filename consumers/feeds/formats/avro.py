"""A message in Avro, from its envelope and back to it (pure).

Invariant: nothing is lost: the envelope that is made of the Avro value again is the same, byte for
byte. What an agreement withholds is empty there, and its path is named, so that it is not taken
for something that nobody knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final

import orjson

from consumers.feeds.envelope import enveloped
from consumers.feeds.formats.avro_schema import message_schema
from consumers.feeds.formats.message import CONTENT, ENVELOPE, NAMESPACE, POINTER, WITHHELD
from recordbus.avro.tree import Node, build
from recordbus.canonical import canonical_json
from schemas import catalog

_BY_KIND: Final[Mapping[str, str]] = {
    "record": f"{NAMESPACE}.Record", "association": f"{NAMESPACE}.AssociationUpdate",
}  # fmt: skip


def to_avro(envelope: bytes) -> dict[str, Any]:
    """Give the value of an envelope, in the form that fastavro and our writer take."""
    said = orjson.loads(envelope)
    told = {name: said[outer] for name, outer in ENVELOPE.items()} | said["data"]
    into = _Into()
    value = {
        name: into.value(node, told[name], name)
        for name, node in _message().items()
        if name not in (CONTENT, WITHHELD)
    }
    content = told[CONTENT]
    if content is not None:
        branch = content_type(told["subject"], told["level"])
        content = (branch, into.value(_content()[branch], content, ""))
    return value | {CONTENT: content, WITHHELD: sorted(into.withheld)}


def from_avro(value: Mapping[str, Any]) -> bytes:
    """Give the envelope of a decoded value; unions of records come as (full name, fields)."""
    outof = _OutOf(frozenset(value[WITHHELD]))
    told = {
        name: outof.value(node, value[name], name)
        for name, node in _message().items()
        if name not in (CONTENT, WITHHELD)
    }
    content = value[CONTENT]
    told[CONTENT] = None if content is None else outof.value(_content()[content[0]], content[1], "")
    outer = {name: told.pop(name) for name in ENVELOPE}
    return canonical_json(enveloped(outer["delivery_id"], outer["source"], outer["subject"], told))


def content_type(subject: str, level: str) -> str:
    """Give the full name of the type that the content of a subject has at a level."""
    return POINTER if level == "pointer" else _BY_KIND[subject.partition("/")[0]]


@dataclass(slots=True)
class _Into:
    """Makes values of Avro; `withheld` gathers the paths that were not given."""

    withheld: set[str] = field(default_factory=set)

    def value(self, node: Node, said: Any, path: str) -> Any:
        if node.kind == "union":
            return self._branch(node, said, path)
        if node.kind == "array" and node.items is not None:
            items = node.items
            return [self.value(items, each, path) for each in said]
        if node.kind == "record":
            return {
                each.name: self._field(each.name, each.node, said, path) for each in node.fields
            }
        return datetime.fromisoformat(said) if node.logical else said

    def _field(self, name: str, node: Node, said: Mapping[str, Any], path: str) -> Any:
        below = f"{path}.{name}" if path else name
        if name in said:
            return self.value(node, said[name], below)
        self.withheld.add(below)
        return [] if node.kind == "array" else None

    def _branch(self, node: Node, said: Any, path: str) -> Any:
        if said is None:
            return None
        if node.names_its_branch:
            branch = _named(node, said[0])
            return branch.name, self.value(branch, said[1], path)
        return self.value(_only(node), said, path)


@dataclass(frozen=True, slots=True)
class _OutOf:
    """Makes JSON of values of Avro, without what was withheld."""

    withheld: frozenset[str]

    def value(self, node: Node, said: Any, path: str) -> Any:
        if said is None:
            return None
        if node.kind == "union":
            return self._branch(node, said, path)
        if node.kind == "array" and node.items is not None:
            items = node.items
            return [self.value(items, each, path) for each in said]
        if node.kind == "record":
            return dict(self._fields(node, said, path))
        return said

    def _fields(self, node: Node, said: Mapping[str, Any], path: str) -> list[tuple[str, Any]]:
        named = [(each, f"{path}.{each.name}" if path else each.name) for each in node.fields]
        return [
            (each.name, self.value(each.node, said[each.name], below))
            for each, below in named
            if below not in self.withheld
        ]

    def _branch(self, node: Node, said: Any, path: str) -> Any:
        if node.names_its_branch:
            branch = _named(node, said[0])
            own = f"{catalog.NAMESPACE}.{branch.name.rpartition('.')[2]}"
            return [own, self.value(branch, said[1], path)]
        return self.value(_only(node), said, path)


@cache
def _message() -> Mapping[str, Node]:
    return {each.name: each.node for each in build(message_schema()).fields}


@cache
def _content() -> Mapping[str, Node]:
    return {each.name: each for each in _message()[CONTENT].branches}


def _named(node: Node, name: str) -> Node:
    short = name.rpartition(".")[2]
    return next(each for each in node.branches if each.name.rpartition(".")[2] == short)


def _only(node: Node) -> Node:
    return next(each for each in node.branches if each.kind != "null")
