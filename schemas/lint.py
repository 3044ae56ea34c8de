"""Rules that every schema must keep before it may be registered (pure).

They are about safety first: a recursive schema or one with array items of no size lets a few
bytes kill or stall whoever decodes them. The walk stops at the depth limit, so that a hostile
schema cannot exhaust the one who checks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from schemas.forbidden import forbidden_in

MAX_DEPTH = 16
"""Levels of types inside types; a record, a union, an array and a leaf each count one."""
LOGICAL_TYPES = frozenset({"timestamp-micros"})
_PRIMITIVES = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_NAMED = ("record", "enum", "fixed", "error")


class Problem(NamedTuple):
    """One broken rule: its code, where in the schema, and what to do."""

    rule: str
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where or '/'}: {self.message} [{self.rule}]"


def lint(schema: Any) -> tuple[Problem, ...]:
    """Give every rule that a self-contained parsed schema breaks, in document order."""
    return tuple(_Lint().walk(schema, _Place("", 1, (), "")))


@dataclass(frozen=True, slots=True)
class _Place:
    path: str
    depth: int
    inside: tuple[str, ...]
    namespace: str

    def into(self, step: str) -> _Place:
        return _Place(f"{self.path}/{step}", self.depth + 1, self.inside, self.namespace)

    def within(self, name: str) -> _Place:
        return _Place(self.path, self.depth, (*self.inside, name), name.rpartition(".")[0])


class _Lint:
    """One walk over one schema; remembers the named types met so far."""

    def __init__(self) -> None:
        self._named: dict[str, Any] = {}
        self._heights = _Heights(self._named)

    def walk(self, node: Any, place: _Place) -> Iterator[Problem]:
        if place.depth > MAX_DEPTH:
            yield Problem("too_deep", place.path, f"nested more than {MAX_DEPTH} levels deep")
        elif isinstance(node, str):
            yield from self._name(node, place)
        elif isinstance(node, list):
            for number, branch in enumerate(node):
                yield from self.walk(branch, place.into(str(number)))
        elif isinstance(node, Mapping):
            yield from self._complex(node, place)
        else:
            yield Problem("not_a_schema", place.path, f"{type(node).__name__} is no schema")

    def _name(self, name: str, place: _Place) -> Iterator[Problem]:
        if name in _PRIMITIVES:
            return
        full = _full_name(name, place.namespace)
        if full in place.inside:
            yield Problem("recursion", place.path, f"{full} contains itself")
        elif full in self._named:
            # Walked again where it is used: the same type may be too deep in one place only.
            yield from self._again(full, place)
        else:
            yield Problem("unknown_type", place.path, f"{name} is defined nowhere before")

    def _again(self, full: str, place: _Place) -> Iterator[Problem]:
        if place.depth + self._heights.of(full) - 1 > MAX_DEPTH:
            yield Problem("too_deep", place.path, f"nested more than {MAX_DEPTH} levels deep")

    def _complex(self, node: Mapping[str, Any], place: _Place) -> Iterator[Problem]:
        kind = node.get("type")
        yield from _logical(node, place)
        if kind in _NAMED:
            yield from self._definition(node, place)
        elif kind == "array":
            yield from self._array(node.get("items"), place)
        elif kind == "map":
            yield from self.walk(node.get("values"), place.into("values"))
        elif isinstance(kind, str | list | Mapping):
            yield from self.walk(kind, place)
        else:
            yield Problem("not_a_schema", place.path, "a type is missing")

    def _definition(self, node: Mapping[str, Any], place: _Place) -> Iterator[Problem]:
        full = _full_name(str(node.get("name")), node.get("namespace", place.namespace))
        if full in self._named:
            yield Problem("defined_twice", place.path, f"{full} is defined twice")
        self._named[full] = node
        yield from _naming(node, f"{place.path}({full})", "type")
        inner = place.within(full)
        for field in node.get("fields", ()):
            yield from self._field(field, inner)

    def _field(self, field: Mapping[str, Any], place: _Place) -> Iterator[Problem]:
        step = place.into(str(field.get("name")))
        yield from _naming(field, step.path, "field")
        kind = field.get("type")
        optional = isinstance(kind, list) and "null" in kind
        if optional and (field["type"][0] != "null" or field.get("default", "") is not None):
            message = "an optional field begins with null and has the default null"
            yield Problem("optional_without_default", step.path, message)
        yield from self.walk(kind, step)

    def _array(self, items: Any, place: _Place) -> Iterator[Problem]:
        before = tuple(self.walk(items, place.into("items")))
        yield from before
        if not before and not _takes_space(items, self._named, place.namespace):
            yield Problem("zero_width_items", place.path, "items of no size repeat without bytes")


def _naming(node: Mapping[str, Any], path: str, what: str) -> Iterator[Problem]:
    doc = node.get("doc")
    if not isinstance(doc, str) or not doc.strip():
        yield Problem("missing_doc", path, f"the {what} has no doc")
    if node.get("aliases"):
        yield Problem("alias", path, "an alias renames, and old readers do not know the new name")
    for name in (str(node.get("name")), *map(str, node.get("aliases") or ())):
        topic = forbidden_in(name)
        if topic is not None:
            message = f"the name {name} is refused: {topic.says} (R-10/11)"
            yield Problem("forbidden_name", path, message)


def _logical(node: Mapping[str, Any], place: _Place) -> Iterator[Problem]:
    logical = node.get("logicalType")
    if logical is not None and logical not in LOGICAL_TYPES:
        yield Problem("logical_type", place.path, f"the logical type {logical} is not used here")


def _full_name(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"


class _Heights:
    """How many levels each type has, itself included; every named type is measured once."""

    def __init__(self, named: Mapping[str, Any]) -> None:
        self._named = named
        self._known: dict[str, int] = {}

    def of(self, full: str) -> int:
        if full not in self._known:
            self._known[full] = 1  # A type inside itself is refused elsewhere and counts once.
            self._known[full] = self._measure(self._named[full], full)
        return self._known[full]

    def _measure(self, node: Any, inside: str) -> int:
        if isinstance(node, str):
            full = _full_name(node, inside.rpartition(".")[0])
            return 1 if node in _PRIMITIVES or full not in self._named else self.of(full)
        return 1 + max((self._measure(child, inside) for child in _children(node)), default=0)


def _children(node: Any) -> list[Any]:
    if isinstance(node, list):
        return node
    if isinstance(node, str):
        return []
    inner = [node[key] for key in ("items", "values") if key in node]
    return inner + [field.get("type") for field in node.get("fields", ())]


def _takes_space(node: Any, named: Mapping[str, Any], namespace: str) -> bool:
    """Say whether every value of this type takes at least one byte."""
    if isinstance(node, str):
        definition = named.get(_full_name(node, namespace))
        return node != "null" and (definition is None or _takes_space(definition, named, namespace))
    if isinstance(node, list) or node.get("type") in ("enum", "array", "map"):
        return True
    if node.get("type") == "fixed":
        return bool(node.get("size"))
    if node.get("type") == "record":
        return any(_takes_space(f["type"], named, namespace) for f in node.get("fields", ()))
    return _takes_space(node["type"], named, namespace)
