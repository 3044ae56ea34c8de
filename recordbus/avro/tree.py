"""A schema as a small immutable tree, and the schemas that are refused (pure).

Invariant: walking bytes along a tree is bounded. There is no recursion, no nesting beyond
`MAX_DEPTH`, and every array item takes at least one byte, so no count can outgrow the input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from recordbus.errors import Rejected

MAX_DEPTH: Final = 24
"""Levels of types inside types, unions and arrays counted; the published schemas need 12."""
MAX_NODES: Final = 20_000
MAX_SYMBOLS: Final = 10_000
_PRIMITIVES: Final = frozenset(
    {"null", "boolean", "int", "long", "float", "double", "bytes", "string"}
)
NO_DEFAULT: Final = object()


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record: its name, type, default or `NO_DEFAULT`, and other properties."""

    name: str
    node: Node
    default: Any = NO_DEFAULT
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """A type; only the parts that its `kind` has are filled.

    `kind` is a primitive, record, enum, fixed, array, map or union; `name` a full name.
    """

    kind: str
    name: str = ""
    fields: tuple[Field, ...] = ()
    branches: tuple[Node, ...] = ()
    items: Node | None = None
    symbols: tuple[str, ...] = ()
    size: int = 0
    logical: str = ""
    precision: int = 0
    scale: int = 0

    @property
    def zero_width(self) -> bool:
        """Say whether every value of this type takes no bytes at all."""
        if self.kind == "fixed":
            return self.size == 0
        return self.kind == "null" or (
            self.kind == "record" and all(each.node.zero_width for each in self.fields)
        )

    @property
    def names_its_branch(self) -> bool:
        """Say whether values of this union tell which record they are: it has several records."""
        return sum(branch.kind == "record" for branch in self.branches) > 1


def build(schema: Any) -> Node:
    """Read a self-contained schema (parsed JSON) into a tree.

    Raises Rejected `too_deep` for recursion or nesting, `too_many_items` for zero-width items or
    a schema that is too large, and `schema_refused` for what is no Avro schema.
    """
    try:
        return _Builder().visit(schema, "", 1)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _not_avro(f"a part is missing or of the wrong type ({error!r:.60})") from None


class _Builder:
    def __init__(self) -> None:
        self.done: dict[str, Node] = {}
        self.open: set[str] = set()
        self.nodes = 0

    def visit(self, schema: Any, namespace: str, depth: int) -> Node:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise Rejected("too_deep", f"the schema is nested more than {MAX_DEPTH} levels")
        if self.nodes > MAX_NODES:
            raise Rejected("too_many_items", f"the schema has more than {MAX_NODES} parts")
        if isinstance(schema, str):
            return self._named(schema, namespace)
        if isinstance(schema, list):
            branches = tuple(self.visit(branch, namespace, depth + 1) for branch in schema)
            if not branches or any(branch.kind == "union" for branch in branches):
                raise _not_avro("a union is empty or directly inside another")
            return Node("union", branches=branches)
        return self._complex(schema, namespace, depth)

    def _named(self, name: str, namespace: str) -> Node:
        if name in _PRIMITIVES:
            return Node(name)
        full = name if "." in name or not namespace else f"{namespace}.{name}"
        for candidate in (full, name):
            if candidate in self.open:
                raise Rejected("too_deep", f"the schema's type {candidate} contains itself")
            if candidate in self.done:
                return self.done[candidate]
        raise _not_avro(f"the type {full:.80} is not defined")

    def _complex(self, schema: Mapping[str, Any], namespace: str, depth: int) -> Node:
        kind = schema["type"]
        if not isinstance(kind, str):
            return self.visit(kind, namespace, depth + 1)
        if kind in ("record", "error", "enum", "fixed"):
            return self._definition(schema, namespace, depth)
        if kind in ("array", "map"):
            items = self.visit(
                schema["items" if kind == "array" else "values"], namespace, depth + 1
            )
            if kind == "array" and items.zero_width:
                raise Rejected("too_many_items", "the schema has array items that take no bytes")
            return Node(kind, items=items)
        if kind not in _PRIMITIVES:
            return self._named(kind, namespace)
        return Node(kind, **_logical(schema))

    def _definition(self, schema: Mapping[str, Any], namespace: str, depth: int) -> Node:
        own = str(schema["name"])
        space = str(schema.get("namespace", namespace))
        full = own if "." in own or not space else f"{space}.{own}"
        if full in self.open or full in self.done:
            raise _not_avro(f"the type {full:.80} is defined twice")
        self.open.add(full)
        node = self._defined(schema, full, depth)
        self.open.discard(full)
        self.done[full] = node
        return node

    def _defined(self, schema: Mapping[str, Any], full: str, depth: int) -> Node:
        if schema["type"] == "enum":
            symbols = tuple(str(symbol) for symbol in schema["symbols"])
            if not 0 < len(symbols) <= MAX_SYMBOLS:
                raise _not_avro(f"the enum {full:.80} has no symbols or too many")
            return Node("enum", full, symbols=symbols)
        if schema["type"] == "fixed":
            return Node("fixed", full, size=int(schema["size"]), **_logical(schema))
        inner = full.rpartition(".")[0]
        fields = tuple(self._field(each, inner, depth) for each in schema["fields"])
        return Node("record", full, fields=fields)

    def _field(self, schema: Mapping[str, Any], namespace: str, depth: int) -> Field:
        node = self.visit(schema["type"], namespace, depth + 1)
        default = schema.get("default", NO_DEFAULT)
        known = ("name", "type", "default", "doc")
        rest = {key: value for key, value in schema.items() if key not in known}
        return Field(str(schema["name"]), node, default, rest)


def _logical(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Give the logical type of a type's definition as arguments of `Node`."""
    return {
        "logical": str(schema.get("logicalType", "")),
        "precision": int(schema.get("precision", 0)),
        "scale": int(schema.get("scale", 0)),
    }


def _not_avro(why: str) -> Rejected:
    return Rejected("schema_refused", f"the registered text is no usable Avro schema: {why}")
