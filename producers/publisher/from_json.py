"""A record as JSON, as an outbox row or a request hands it to the publisher (pure).

The form is that of `RecordInput`: instants are ISO 8601 texts with their zone, and `body.details`
is the pair of full type name and fields. The invariant: nothing is read that two readers could
read differently; a key twice, NaN, a number past all use or a text after the end is refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, NoReturn, Union, get_args, get_origin

from pydantic import BaseModel

from producers.publisher.record import Value, checked_value
from recordbus.errors import Rejected
from schemas.avro_types import NAMESPACE
from schemas.events import RecordInput
from schemas.events.base import KindDetails
from schemas.limits import RECORD_BYTES

JSON_BYTES: Final = 4 * RECORD_BYTES
"""Bytes of a record as JSON; more than this does not fit a message, however it is spelled."""

_LONGEST_NUMBER: Final = 40

Convert = Callable[[Any], Any]


def record_from_json(text: str | bytes) -> Value:
    """Give a record complete and checked; Rejected `invalid_record` or `oversize` says why not.

    The detail names the line and column, or the field, and never what it holds.
    """
    return checked_value(with_instants(parse(text)))


def parse(text: str | bytes) -> dict[str, Any]:
    """Read one JSON object strictly; Rejected `invalid_record` or `oversize` says why not."""
    if len(text) > JSON_BYTES:
        raise Rejected("oversize", f"{len(text)} bytes of JSON, the limit is {JSON_BYTES}")
    try:
        value = json.loads(
            text.decode() if isinstance(text, bytes) else text,
            object_pairs_hook=_once_each,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_short,
        )
    except json.JSONDecodeError as error:
        raise _invalid(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise _invalid("it is nested more deeply than any record is") from None
    except UnicodeDecodeError:
        raise _invalid("it is not UTF-8") from None
    if not isinstance(value, dict):
        raise _invalid("it is no JSON object")
    return value


def with_instants(value: Mapping[str, Any]) -> dict[str, Any]:
    """Give a parsed record with its instants read and its details as a pair.

    What cannot be read is left as it is, so that the check that follows names the field.
    """
    converted: dict[str, Any] = _converter(RecordInput)(value)
    return converted


def _invalid(detail: str) -> Rejected:
    return Rejected("invalid_record", detail)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _invalid("an object has the same key twice")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _invalid(f"{name} is no number of JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise _invalid("a number is too large")
    return number


def _short(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise _invalid("a number has more digits than any field takes")
    return int(text)


# --- instants, found by the models ---------------------------------------------------------


def _instant(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return value
    return value if found.tzinfo is None else found


@cache
def _converter(model: type[BaseModel]) -> Convert:
    """Give a function that converts the fields of a model that hold an instant somewhere."""
    fields = {
        name: found
        for name, info in model.model_fields.items()
        if (found := _of(info.annotation, repr(info.metadata))) is not None
    }

    def convert(value: Any) -> Any:
        if not isinstance(value, dict):  # asked for every part; a Mapping takes ten times as long
            return value
        changed = {name: fields[name](value[name]) for name in fields.keys() & value.keys()}
        return {**value, **changed} if changed else value

    return convert


def _of(annotation: Any, metadata: str = "") -> Convert | None:
    """Give what converts values of an annotation, or None where nothing has to be."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is datetime or "AwareDatetime" in repr(annotation) + metadata:
        return _instant
    if origin is Annotated:
        return _of(arguments[0])
    if origin is list:
        each = _of(arguments[0])
        return None if each is None else _each(each)
    if origin in (Union, UnionType):
        return _choice(arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _converter(annotation)
    return None


def _each(convert: Convert) -> Convert:
    return lambda values: [convert(v) for v in values] if isinstance(values, list) else values


def _choice(choices: tuple[Any, ...]) -> Convert | None:
    models = [_model_of(choice) for choice in choices]
    details = {f"{NAMESPACE}.{m.__name__}": _converter(m) for m in models if _is_details(m)}
    if details:
        return lambda value: _pair(value, details)
    found = [convert for choice in choices if (convert := _of(choice)) is not None]
    return found[0] if found else None


def _pair(value: Any, details: Mapping[str, Convert]) -> Any:
    """Give details as the pair that the check takes: type name, and its fields."""
    if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str):
        return value
    name, fields = value
    return (name, details[name](fields)) if name in details else (name, fields)


def _model_of(choice: Any) -> Any:
    return get_args(choice)[0] if get_origin(choice) is Annotated else choice


def _is_details(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, KindDetails)
