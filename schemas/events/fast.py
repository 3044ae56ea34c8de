"""The same rules as the models, compiled to check plain dicts without making objects of them.

A publisher of many records hands over dicts that already have the shape of decoded Avro values.
The validators here are derived from the models, so a limit is written once. They give what
`Model.model_validate(value).to_avro()` gives, many times faster.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, reduce
from operator import or_
from types import UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, TypeAdapter, with_config
from pydantic.fields import FieldInfo
from typing_extensions import TypedDict

from schemas.avro_types import NAMESPACE, details_type, record_kinds
from schemas.events.base import KindDetails, details_name
from schemas.events.change import RecordInput, check_details
from schemas.events.complete import Check, completeness_check

_CONFIG = ConfigDict(extra="forbid", strict=True)


def record_input_value(value: Mapping[str, Any]) -> dict[str, Any]:
    """Check what a department hands over and give it complete, as RecordInput would.

    `value["body"]["details"]` is (full name, fields). A dict that is complete already is given
    back itself, so do not change either afterwards. Raises pydantic.ValidationError, and
    ValueError when the details do not belong to the record kind.
    """
    checked = value if _is_complete()(value) else _record_input().validate_python(value)
    record_kind, details = checked["record_kind"], checked["body"]["details"]
    if details[0] != _DETAILS_OF[record_kind]:
        check_details(record_kind, details_name(details) or "")
    return cast(dict[str, Any], checked)


_DETAILS_OF = {kind: details_type(kind) for kind in record_kinds()}


@cache
def _is_complete() -> Check:
    return completeness_check(RecordInput)


@cache
def _record_input() -> TypeAdapter[dict[str, Any]]:
    return TypeAdapter(typed_dict_of(RecordInput))


@cache
def typed_dict_of(model: type[BaseModel]) -> Any:
    """Give a TypedDict with the fields, limits and defaults of a model, nested models included."""
    fields = {name: _field(info) for name, info in model.model_fields.items()}
    made = TypedDict(model.__name__, fields)  # type: ignore[misc]
    return with_config(_CONFIG)(made)


def _field(info: FieldInfo) -> Any:
    kind = _plain_type(info.annotation)
    metadata = [m for m in info.metadata if not isinstance(m, Discriminator)]
    if len(metadata) < len(info.metadata):
        metadata.append(Discriminator(details_name))
    if info.default_factory is not None:
        return Annotated[kind, *metadata, Field(default_factory=info.default_factory)]
    if not info.is_required():
        return Annotated[kind, *metadata, Field(default=info.default)]
    return Annotated[kind, *metadata] if metadata else kind


def _plain_type(annotation: Any) -> Any:
    """Give an annotation with a TypedDict in place of every model in it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return typed_dict_of(annotation)
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *metadata = get_args(annotation)
        return (
            _details_branch(inner)
            if _is_details(inner)
            else Annotated[_plain_type(inner), *metadata]
        )
    if origin is list:
        return list[_plain_type(get_args(annotation)[0])]  # type: ignore[misc]
    if origin in (Union, UnionType):
        return reduce(or_, (_plain_type(choice) for choice in get_args(annotation)))
    return annotation


def _is_details(inner: Any) -> bool:
    return isinstance(inner, type) and issubclass(inner, KindDetails)


def _details_branch(model: type[BaseModel]) -> Any:
    name = model.__name__
    full_name: Any = Literal[f"{NAMESPACE}.{name}"]
    return Annotated[tuple[full_name, typed_dict_of(model)], Tag(name)]  # type: ignore[misc]
