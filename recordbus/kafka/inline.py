"""Makes one self-contained Avro schema of a schema and the ones it names.

Pure. Each named type is written out where it first occurs and named after that, which is
what Avro asks of a single document. The schemas may come from outside, so depth and the
number of nodes have limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from recordbus.errors import Rejected

MAX_DEPTH: Final = 64
MAX_NODES: Final = 20_000
_NAMED: Final = frozenset({"record", "enum", "fixed", "error"})


def inline(schema: Any, named: Mapping[str, Any]) -> Any:
    """Replace the first mention of each name in `named` (full name → schema) by its definition.

    Raises Rejected `too_deep` or `too_many_items` when the result would be out of bounds.
    """
    return _Inliner(named).visit(schema, "", 0)


class _Inliner:
    def __init__(self, named: Mapping[str, Any]) -> None:
        self.named = named
        self.written: set[str] = set()
        self.nodes = 0

    def visit(self, node: Any, namespace: str, depth: int) -> Any:
        self._count(depth)
        if isinstance(node, str):
            return self._name(node, namespace, depth)
        if isinstance(node, list):
            return [self.visit(branch, namespace, depth + 1) for branch in node]
        if isinstance(node, dict):
            return self._mapping(node, namespace, depth)
        return node

    def _count(self, depth: int) -> None:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise Rejected("too_deep", f"a schema is nested more than {MAX_DEPTH} levels")
        if self.nodes > MAX_NODES:
            raise Rejected("too_many_items", f"a schema has more than {MAX_NODES} parts")

    def _name(self, name: str, namespace: str, depth: int) -> Any:
        for full in (name,) if "." in name or not namespace else (f"{namespace}.{name}", name):
            if full in self.written:
                return full
            if full in self.named:
                return self.visit(self.named[full], _namespace_of(full), depth + 1)
        return name

    def _mapping(self, node: dict[str, Any], namespace: str, depth: int) -> Any:
        kind = node.get("type")
        if isinstance(kind, dict | list):
            return {**node, "type": self.visit(kind, namespace, depth + 1)}
        if kind in _NAMED:
            return self._definition(node, namespace, depth)
        for part in ("items", "values"):
            if part in node:
                return {**node, part: self.visit(node[part], namespace, depth + 1)}
        return node

    def _definition(self, node: dict[str, Any], namespace: str, depth: int) -> dict[str, Any]:
        full = full_name(node, namespace)
        self.written.add(full)
        if "fields" not in node:
            return node
        inner = _namespace_of(full)
        fields = [
            {**field, "type": self.visit(field["type"], inner, depth + 1)}
            for field in node["fields"]
        ]
        return {**node, "fields": fields}


def full_name(node: Mapping[str, Any], namespace: str = "") -> str:
    """Give the full name of a named type's definition inside `namespace`."""
    name = str(node["name"])
    space = node.get("namespace", namespace)
    return name if "." in name or not space else f"{space}.{name}"


def _namespace_of(full: str) -> str:
    return full.rpartition(".")[0]
