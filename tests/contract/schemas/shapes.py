"""One way to write down a shape, said of Avro types and of Python annotations alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import annotated_types
from pydantic import BaseModel

from schemas import catalog

_PYTHON = {str: "string", int: "integer", bool: "boolean", float: "double", bytes: "bytes"}
_AVRO = {"int": "integer", "long": "integer"}


def avro_shape(node: Any) -> str:
    """Write down an Avro type: names of records without namespace, symbols of enums in full."""
    if isinstance(node, str):
        return _avro_named(node) if "." in node else _AVRO.get(node, node)
    if isinstance(node, list):
        return _avro_union(node)
    if "logicalType" in node:
        return "instant"
    return f"[{avro_shape(node['items'])}]"


def _avro_named(full_name: str) -> str:
    name = full_name.rpartition(".")[2]
    if avro_file(name)["type"] == "enum":
        return "|".join(catalog.enum_symbols(full_name))
    return name


def _avro_union(branches: list[Any]) -> str:
    if branches[0] == "null":
        return f"{avro_shape(branches[1])}?"
    return " or ".join(avro_shape(branch) for branch in branches)


def avro_file(name: str) -> Any:
    """Give one type's own file, parsed, references not inlined."""
    return json.loads(catalog.avro_text(f"{catalog.NAMESPACE}.{name}"))


def python_shape(annotation: Any) -> str:
    """Write down an annotation of a model or of a TypedDict the same way."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return python_shape(arguments[0])
    if origin is Literal:
        return "|".join(arguments)
    if origin is list:
        return f"[{python_shape(arguments[0])}]"
    if origin is tuple:
        return python_shape(arguments[1])
    if origin in (Union, UnionType):
        return _python_union(arguments)
    if annotation is datetime or "AwareDatetime" in repr(annotation):
        return "instant"
    return _PYTHON.get(annotation) or str(annotation.__name__)


def _python_union(arguments: tuple[Any, ...]) -> str:
    rest = [a for a in arguments if a is not NoneType]
    shapes = " or ".join(python_shape(a) for a in rest)
    return f"{shapes}?" if len(rest) < len(arguments) else shapes


def avro_fields(name: str) -> dict[str, str]:
    """Give a record's fields and their shapes, in order."""
    return {field["name"]: avro_shape(field["type"]) for field in avro_file(name)["fields"]}


def model_fields(model: type[BaseModel]) -> dict[str, str]:
    """Give a model's fields and their shapes, in order."""
    hints = get_type_hints(model, include_extras=True)
    return {name: python_shape(hints[name]) for name in model.model_fields}


def typed_dict_fields(kind: Any) -> dict[str, str]:
    """Give a TypedDict's fields and their shapes, in order."""
    return {name: python_shape(hint) for name, hint in get_type_hints(kind).items()}


def upper_bound(model: type[BaseModel], field: str) -> int | None:
    """Give the greatest whole number that a model's field takes, looking through `| None`."""
    info = model.model_fields[field]
    found = [
        m.le for m in _metadata(info.annotation, info.metadata) if isinstance(m, annotated_types.Le)
    ]
    return int(str(found[0])) if found else None


def _metadata(annotation: Any, own: list[Any]) -> list[Any]:
    inner = [m for a in get_args(annotation) for m in getattr(a, "__metadata__", ())]
    flat: list[Any] = []
    for item in [*own, *inner]:
        flat += [item, *getattr(item, "metadata", ())]
    return flat


def details_branches() -> Mapping[str, str]:
    """Give the details' name that belongs to each record kind."""
    return {kind: catalog.details_type(kind).rpartition(".")[2] for kind in catalog.record_kinds()}
