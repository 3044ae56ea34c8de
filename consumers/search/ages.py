"""Ages and births, exactly: who is 30 on a day was born on one of which days (pure).

Days are proleptic Gregorian ordinals. A person born on 29 February is a year older on 1 March.
"""

from __future__ import annotations

from datetime import date

from consumers.search.document import Span


def births(ages: Span, day: int) -> Span:
    """Give the days on which somebody of these ages on `day` may have been born."""
    return Span(min(_years_before(day, ages.high + 1) + 1, day), _years_before(day, ages.low))


def ages(born: Span, day: int) -> Span:
    """Give the ages on `day` of somebody born on one of these days; nobody is younger than 0."""
    youngest = _age(born.high, day)
    return Span(youngest, youngest if born.low == born.high else _age(born.low, day))


def _years_before(day: int, years: int) -> int:
    """Give the last day of birth of somebody who is `years` old on `day`; 1 at the earliest."""
    on = date.fromordinal(day)
    if on.year - years < date.min.year:
        return date.min.toordinal()
    try:
        return on.replace(year=on.year - years).toordinal()
    except ValueError:  # 29 February of a year that has none
        return date(on.year - years, 2, 28).toordinal()


def _age(born: int, day: int) -> int:
    if born > day:
        return 0
    birth, on = date.fromordinal(born), date.fromordinal(day)
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
