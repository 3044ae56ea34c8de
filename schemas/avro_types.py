"""The Avro types of `avro/`: one named type a file, put together for those who read and write.

A self-contained schema has every named type written out where it is first met and named after
that, which is what Avro libraries and the decode matrix need.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypedDict

from schemas.errors import CatalogError
from schemas.files import names_in, read_text

NAMESPACE = "recordbus.v1"


class ReadOptions(TypedDict):
    """Keyword arguments of fastavro's readers."""

    return_record_name: bool
    return_record_name_override: bool


READ_OPTIONS: Final[ReadOptions] = {
    "return_record_name": True,
    "return_record_name_override": True,
}
"""Pass these to fastavro's readers: a union of several records then decodes to (name, value),
which is also what its writers take, so that a decoded value can be encoded again as it is."""

_PRIMITIVES = frozenset(
    {"null", "boolean", "int", "long", "float", "double", "bytes", "string", "error_union"}
)


@cache
def full_names() -> tuple[str, ...]:
    """Give the full names of all named types, sorted."""
    return tuple(f"{NAMESPACE}.{name}" for name in names_in("avro", ".avsc"))


@cache
def avro_text(full_name: str) -> str:
    """Give the text of one type's file, whose other named types are references by full name."""
    namespace, _, name = full_name.rpartition(".")
    if namespace != NAMESPACE:
        raise CatalogError(f"{full_name} is no type of {NAMESPACE}; see schemas/avro/")
    return read_text(f"avro/{name}.avsc")


@cache
def references(full_name: str) -> tuple[str, ...]:
    """Give the full names that a type's file refers to directly, in the order first met."""
    own = _parsed(full_name)
    return tuple(dict.fromkeys(name for name in named_in(own) if name != full_name))


@cache
def registration_order(full_name: str) -> tuple[str, ...]:
    """Give everything a type needs and then the type itself, each after what it refers to."""
    order: dict[str, None] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise CatalogError(f"{name} refers to itself through {' > '.join(path)}")
        for needed in references(name):
            visit(needed, (*path, name))
        order.setdefault(name)

    visit(full_name, ())
    return tuple(order)


@cache
def avro_schema(full_name: str) -> dict[str, Any]:
    """Give a type as one self-contained parsed schema; callers must not change it."""
    registration_order(full_name)
    schema = inline(full_name, _parsed)
    if not isinstance(schema, dict):
        raise CatalogError(f"{full_name} is not a named type")
    return schema


@cache
def self_contained_text(full_name: str) -> str:
    """Give the self-contained schema as JSON text, ready for a registry or an Avro library."""
    return json.dumps(avro_schema(full_name), ensure_ascii=False)


def inline(full_name: str, definition: Callable[[str], dict[str, Any]]) -> Any:
    """Write out each named type where it is first met; `definition` finds a type by full name."""
    seen: set[str] = set()

    def expand(node: Any) -> Any:
        if isinstance(node, str):
            return node if node in _PRIMITIVES else expand_named(node)
        if isinstance(node, list):
            return [expand(branch) for branch in node]
        children = {key: expand(node[key]) for key in ("items", "values") if key in node}
        if "fields" in node:
            children["fields"] = [{**f, "type": expand(f["type"])} for f in node["fields"]]
        return {**node, **children}

    def expand_named(name: str) -> Any:
        if name in seen:
            return name
        seen.add(name)
        return expand(definition(name))

    return expand_named(full_name)


def named_in(node: Any) -> Iterator[str]:
    """Yield the full names referred to in a parsed schema, in document order, with repeats."""
    if isinstance(node, str):
        if node not in _PRIMITIVES:
            yield node
    elif isinstance(node, list):
        for branch in node:
            yield from named_in(branch)
    else:
        for key in ("items", "values"):
            if key in node:
                yield from named_in(node[key])
        for field in node.get("fields", ()):
            yield from named_in(field["type"])


@cache
def coded_fields() -> Mapping[str, Mapping[str, str]]:
    """Give, by type name without namespace, which fields hold codes of which code list."""
    found: dict[str, Mapping[str, str]] = {}
    for full_name in full_names():
        fields = _parsed(full_name).get("fields", ())
        lists = {f["name"]: f["code_list"] for f in fields if "code_list" in f}
        if lists:
            found[full_name.rpartition(".")[2]] = MappingProxyType(lists)
    return MappingProxyType(found)


@cache
def enum_symbols(full_name: str) -> tuple[str, ...]:
    """Give the symbols of an enum, in their order."""
    return tuple(_parsed(full_name)["symbols"])


@cache
def record_kinds() -> tuple[str, ...]:
    """Give the record kinds, in the order of the enum."""
    return enum_symbols(f"{NAMESPACE}.RecordKind")


@cache
def details_type(record_kind: str) -> str:
    """Give the full name of the details that belong to a record kind."""
    if record_kind not in record_kinds():
        raise CatalogError(f"{record_kind!r} is no record kind; see schemas/avro/RecordKind.avsc")
    words = "".join(word.capitalize() for word in record_kind.split("_"))
    return f"{NAMESPACE}.{words}Details"


@cache
def _parsed(full_name: str) -> dict[str, Any]:
    try:
        parsed: dict[str, Any] = json.loads(avro_text(full_name))
    except json.JSONDecodeError as error:
        raise CatalogError(f"schemas/avro has bad JSON for {full_name}: {error}") from error
    return parsed
