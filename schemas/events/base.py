"""What every value that a department hands over has in common: closed, frozen, strict."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from schemas.avro_types import NAMESPACE
from schemas.limits import LIST_ITEMS

_T = TypeVar("_T")

Items = Annotated[list[_T], Field(max_length=LIST_ITEMS)]
"""A list within the limit that holds for every list of a record."""

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, validate_default=False)


class Value(BaseModel):
    """A value with the fields of its Avro type and no others; nothing is coerced."""

    model_config = STRICT

    def to_avro(self) -> dict[str, Any]:
        """Give the value as a decoded Avro value: what encoding it and decoding again gives."""
        return {name: _plain(value) for name, value in vars(self).items()}


class KindDetails(Value):
    """What one record kind adds; in Avro a branch of a union, so its name goes with it."""


def _plain(value: Any) -> Any:
    if value is None or type(value) is str:
        return value
    if isinstance(value, KindDetails):
        return (f"{NAMESPACE}.{type(value).__name__}", value.to_avro())
    if isinstance(value, Value):
        return value.to_avro()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def details_name(value: Any) -> str | None:
    """Give the name, without namespace, of details given as a value or as (full name, fields)."""
    if isinstance(value, KindDetails):
        return type(value).__name__
    if _is_named(value) and value[0].startswith(f"{NAMESPACE}."):
        return str(value[0][len(NAMESPACE) + 1 :])
    return None


def without_name(value: Any) -> Any:
    """Give the fields of details that come with their name."""
    return value[1] if _is_named(value) else value


def _is_named(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], str)
