"""When an association ends, by the basis table and nothing else (pure; R-21, R-22).

A clock that counts from its source counts from the day that supports the association, never later
than the day the record was first recorded: so neither an update nor a date in the future moves it.
A documented review does, as far as the ceiling of the basis; one that is yet to come does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache, lru_cache
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
    ends = [_after(supported, years) for years in _ceilings(relation, juvenile)]
    told, counted = _until(clock, record), _counted(clock, supported, record)
    if told is not None:
        ends.append(told)
    if counted is not None:
        ends.append(counted)
    return min(ends, default=None)


def _supported_on(relation: Relation, record: Relations) -> date:
    last = date.fromisoformat(relation.last_date or relation.first_date)
    return min(last, date.fromisoformat(record.first_recorded_on))


def _ceilings(relation: Relation, juvenile: bool) -> Sequence[int]:
    return _ceilings_of(relation.basis, relation.type, juvenile)


@cache
def _ceilings_of(basis: str, relation_type: str, juvenile: bool) -> Sequence[int]:
    """Give the years of a basis, and of a designation, that nothing reaches beyond."""
    ceiling = basis_table()[basis].clock.ceiling_years
    found = [] if ceiling is None else [ceiling]
    designation = relation_types()[relation_type].designation
    if designation is not None:
        years = designation.juvenile_ceiling_years if juvenile else designation.ceiling_years
        found.append(years)
    return tuple(found)


def _until(clock: Clock, record: Relations) -> int | None:
    """Give the end that the record itself tells of, with what the table adds to it."""
    if clock.until is None or not record.ends:
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
    return _after(max(supported, *made) if made else supported, clock.amount)


@lru_cache(maxsize=_DAYS_REMEMBERED)
def _after(day: date, years: int) -> int:
    """Give the start of the day so many years later; the day before a leap day that is not."""
    try:
        later = day.replace(year=day.year + years)
    except ValueError:
        later = day.replace(year=day.year + years, day=28)
    return micros(datetime(later.year, later.month, later.day, tzinfo=UTC))
