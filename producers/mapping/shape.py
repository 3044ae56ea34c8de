"""The shape that a body must have, read from our Avro schemas (pure).

The mapping language has no field list of its own: what the schema has can be mapped, and
what it has not is a mistake in the mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SCALARS = frozenset({"string", "int", "long", "double", "float", "boolean"})
_NO_DEFAULT = object()


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: string, int, long, double, boolean, instant or enum."""

    kind: str
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Coded:
    """Our code beside what the department wrote."""


@dataclass(frozen=True, slots=True)
class Dated:
    """An ISO date beside what the department wrote."""


@dataclass(frozen=True, slots=True)
class ListOf:
    """Any number of one shape."""

    item: Shape


@dataclass(frozen=True, slots=True)
class RecordOf:
    """A named record and its fields in order."""

    name: str
    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class OneOf:
    """A choice of records, by short name: the details of a record kind."""

    branches: Mapping[str, RecordOf]


Shape = Scalar | Coded | Dated | ListOf | RecordOf | OneOf


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record; `code_list` names the list that its codes come from."""

    name: str
    shape: Shape
    nullable: bool
    default: Any
    code_list: str | None

    @property
    def may_be_left_out(self) -> bool:
        """Whether a mapping need not fill this field."""
        return self.nullable or self.default is not _NO_DEFAULT or self._has_empty_value

    @property
    def _has_empty_value(self) -> bool:
        if isinstance(self.shape, RecordOf):
            return all(field.may_be_left_out for field in self.shape.fields.values())
        return isinstance(self.shape, Coded | Dated | ListOf)

    def empty(self) -> Any:
        """Give the value of this field when nothing fills it; callers must not change it."""
        if self.nullable:
            return None
        if self.default is not _NO_DEFAULT:
            return self.default
        return empty_value(self.shape)


def empty_value(shape: Shape) -> Any:
    """Give the value that says nothing, for shapes that have one."""
    match shape:
        case Coded():
            return {"code": None, "source": None}
        case Dated():
            return {"value": None, "source": None}
        case ListOf():
            return []
        case RecordOf():
            return {name: field.empty() for name, field in shape.fields.items()}
    raise ValueError(f"{shape} has no empty value")


def read_shape(schema: Mapping[str, Any]) -> RecordOf:
    """Read a self-contained Avro record schema."""
    shape = _Reader().shape(schema)
    if not isinstance(shape, RecordOf):
        raise TypeError(f"{schema.get('name')} is not a record schema")
    return shape


class _Reader:
    """Remembers named types: a schema writes each out where it is first met."""

    def __init__(self) -> None:
        self._named: dict[str, Shape] = {}

    def shape(self, schema: Any) -> Shape:
        if isinstance(schema, str):
            return Scalar(schema) if schema in _SCALARS else self._named[schema]
        if isinstance(schema, list):
            return self._choice([branch for branch in schema if branch != "null"])
        if schema.get("logicalType") == "timestamp-micros":
            return Scalar("instant")
        if schema["type"] == "array":
            return ListOf(self.shape(schema["items"]))
        if schema["type"] in ("record", "enum"):
            return self._named_shape(schema)
        return self.shape(schema["type"])

    def _choice(self, branches: list[Any]) -> Shape:
        shapes = [self.shape(branch) for branch in branches]
        if len(shapes) == 1:
            return shapes[0]
        records = [shape for shape in shapes if isinstance(shape, RecordOf)]
        if len(records) != len(shapes):
            raise TypeError("a union of other than records cannot be mapped")
        return OneOf({record.name.rpartition(".")[2]: record for record in records})

    def _named_shape(self, schema: Mapping[str, Any]) -> Shape:
        name = _full_name(schema)
        shape: Shape
        if schema["type"] == "enum":
            shape = Scalar("enum", tuple(schema["symbols"]))
        elif schema["name"] in ("CodedValue", "DateValue"):
            shape = Coded() if schema["name"] == "CodedValue" else Dated()
        else:
            shape = RecordOf(name, {f["name"]: self._field(f) for f in schema["fields"]})
        self._named[name] = shape
        return shape

    def _field(self, field: Mapping[str, Any]) -> Field:
        declared = field["type"]
        return Field(
            name=field["name"],
            shape=self.shape(declared),
            nullable=isinstance(declared, list) and "null" in declared,
            default=field.get("default", _NO_DEFAULT),
            code_list=field.get("code_list"),
        )


def _full_name(schema: Mapping[str, Any]) -> str:
    name, namespace = str(schema["name"]), schema.get("namespace")
    return f"{namespace}.{name}" if namespace and "." not in name else name
