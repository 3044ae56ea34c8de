"""When an association ends, by the basis table and nothing else (pure; R-21, R-22).

A clock that counts from its source counts from the day that supports the association, never later
than the day the record was first recorded: so neither an update nor a date in the future moves it.
A documented review does, as far as the ceiling of the basis; one that is yet to come does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

from recordbus.avro.reader import EPOCH, MICROSECOND
from schemas.rules import Clock, basis_table, relation_types
from streams.associate.sides import Relation, Relations

ENDED: Final = 0
"""The end of what its own record says is over, without saying since when."""
_DAYS_REMEMBERED: Final = 1 << 14


def micros(instant: datetime) -> int:
    """Give an instant as microseconds since 1970."""
    return (instant - EPOCH) // MICROSECOND


def expires_at(relation: Relation, record: Relations, *, juvenile: bool) -> int | None:
    """Give when a relation of a record ends, in microseconds since 1970, or None for no date.

    `juvenile` shortens the clock of a designation (R-16).
    """
    clock = basis_table()[relation.basis].clock
    supported = _supported_on(relation, record)
    ends = [_until(clock, record), _counted(clock, supported, record)]
    ends += [_after(supported, years) for years in _ceilings(clock, relation.type, juvenile)]
    return min((end for end in ends if end is not None), default=None)


def _supported_on(relation: Relation, record: Relations) -> date:
    last = date.fromisoformat(relation.last_date or relation.first_date)
    return min(last, date.fromisoformat(record.first_recorded_on))


def _ceilings(clock: Clock, relation_type: str, juvenile: bool) -> Iterable[int]:
    if clock.ceiling_years is not None:
        yield clock.ceiling_years
    designation = relation_types()[relation_type].designation
    if designation is not None:
        yield designation.juvenile_ceiling_years if juvenile else designation.ceiling_years


def _until(clock: Clock, record: Relations) -> int | None:
    """Give the end that the record itself tells of, with what the table adds to it."""
    if clock.until is None:
        return None
    told = next((end for end in record.ends if end.name == clock.until), None)
    if told is None:
        return None
    if clock.counted_from == "end" and clock.amount is not None:
        ended = told.ends_at or (record.recorded_at if told.has_ended else None)
        return _after(ended.date(), clock.amount) if ended is not None else None
    if told.has_ended:
        return ENDED
    return micros(told.ends_at) if told.ends_at is not None else None


def _counted(clock: Clock, supported: date, record: Relations) -> int | None:
    """Give the end that is counted from the source, or from the latest review of it."""
    if clock.counted_from != "source" or clock.amount is None:
        return None
    made = [at.date() for at in record.reviewed_at if at <= record.published_at]
    return _after(max((supported, *made)), clock.amount)


@lru_cache(maxsize=_DAYS_REMEMBERED)
def _after(day: date, years: int) -> int:
    """Give the start of the day so many years later; the day before a leap day that is not."""
    try:
        later = day.replace(year=day.year + years)
    except ValueError:
        later = day.replace(year=day.year + years, day=28)
    return micros(datetime(later.year, later.month, later.day, tzinfo=UTC))
