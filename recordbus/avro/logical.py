"""What Avro's logical types mean in Python, as fastavro gives them (pure).

A conversion raises ValueError, OverflowError or ArithmeticError when a value is outside its type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from decimal import Context, Decimal
from typing import Any, Final
from uuid import UUID

from recordbus.avro.reader import EPOCH
from recordbus.avro.tree import Node

_DAY_ZERO: Final = date(1970, 1, 1).toordinal()
_MICROS_A_DAY: Final = 86_400_000_000


def _timestamp_micros(value: int, _node: Node) -> Any:
    return EPOCH + timedelta(microseconds=value)


def _timestamp_millis(value: int, _node: Node) -> Any:
    return EPOCH + timedelta(milliseconds=value)


def _date(value: int, _node: Node) -> date:
    return date.fromordinal(_DAY_ZERO + value)


def _time_micros(value: int, _node: Node) -> time:
    if not 0 <= value < _MICROS_A_DAY:
        raise ValueError("outside one day")
    return (EPOCH + timedelta(microseconds=value)).time()


def _time_millis(value: int, node: Node) -> time:
    return _time_micros(value * 1000, node)


def _decimal(value: bytes, node: Node) -> Decimal:
    number = Decimal(int.from_bytes(value, "big", signed=True))
    if not node.precision > 0 or number.adjusted() >= node.precision:
        raise ValueError("more digits than its precision")
    return number.scaleb(-node.scale, Context(prec=node.precision))


def _uuid(value: str, _node: Node) -> UUID:
    return UUID(value)


LOGICAL: Final[Mapping[str, Callable[[Any, Node], Any]]] = {
    "timestamp-micros": _timestamp_micros,
    "timestamp-millis": _timestamp_millis,
    "date": _date,
    "time-micros": _time_micros,
    "time-millis": _time_millis,
    "decimal": _decimal,
    "uuid": _uuid,
}
"""By logical type's name; a logical type that is not here leaves the value as it is."""
