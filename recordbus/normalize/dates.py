"""Dates of birth as comparable values: ISO, the day/month-swapped reading, the year (pure).

A date that systems fill in by themselves is no date. The first of January and of July are what
people write when only the year is known, so such a date counts as its year alone.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from recordbus.normalize import placeholders
from recordbus.normalize.text import CACHE_SIZE

_SHORT = re.compile(r"\d{4}(?:-\d{2})?", re.ASCII)
_AGES = 1024  # one record asks several times for the ages of its people


class BirthDate(NamedTuple):
    """`full` and `swapped` are ISO dates; `year_only` says the day was written but not known."""

    full: str | None
    swapped: str | None
    year: int | None
    placeholder: bool
    year_only: bool


NO_DATE = BirthDate(None, None, None, placeholder=False, year_only=False)
_PLACEHOLDER = NO_DATE._replace(placeholder=True)


@lru_cache(maxsize=CACHE_SIZE)
def is_iso(text: str) -> bool:
    """Say whether text is `YYYY`, `YYYY-MM` or `YYYY-MM-DD` of the calendar, from year 1 on."""
    if len(text) != len("YYYY-MM-DD"):
        if _SHORT.fullmatch(text) is None:
            return False
        text += "-01-01"[len(text) - 4 :]
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return text[4] == text[7] == "-"


def _swap(day: date) -> str | None:
    if day.day > 12 or day.day == day.month:
        return None
    return date(day.year, day.day, day.month).isoformat()


@lru_cache(maxsize=CACHE_SIZE)
def birth_date(iso: str | None) -> BirthDate:
    """Read a date of birth; text that is no ISO date gives no date."""
    if not iso or not is_iso(iso):
        return NO_DATE
    if placeholders.is_date(iso):
        return _PLACEHOLDER
    year = int(iso[:4])
    if len(iso) < 10:
        return BirthDate(None, None, year, placeholder=False, year_only=False)
    if iso[5:] in ("01-01", "07-01"):
        return BirthDate(None, None, year, placeholder=False, year_only=True)
    swapped = _swap(date.fromisoformat(iso))
    return BirthDate(iso, swapped, year, placeholder=False, year_only=False)


@lru_cache(maxsize=_AGES)
def age_years(born: str, on: date) -> int:
    """Give the age on a day in whole years, at its lowest when only year or month is known.

    `born` is an ISO date of any precision. Negative when the day is before the birth.
    """
    padded = born + "-12-31"[len(born) - 10 :] if len(born) < 10 else born
    return on.year - int(born[:4]) - (on.isoformat()[5:] < padded[5:])
