"""Days as ordinals, and their texts in a department's format made once each.

The world ends on `LAST_DAY`, the day of the first snapshot; snapshot n is taken n - 1 days later.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

LAST_DAY = date(2026, 6, 30).toordinal()
FIRST_DAY = date(2021, 7, 1).toordinal()
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
PLACEHOLDER_BIRTHS = tuple(date(year, 1, 1).toordinal() for year in (1900, 1901, 1970))


class DateTexts(dict[int, str]):
    """Day ordinal -> text, by a function of year, month and day; each text is made once."""

    def __init__(self, text: Callable[[int, int, int], str]) -> None:
        super().__init__()
        self._text = text

    def __missing__(self, day: int) -> str:
        when = date.fromordinal(day)
        self[day] = text = self._text(when.year, when.month, when.day)
        return text

    def impossible(self) -> str:
        """Return the text of a day that does not exist, as long as that of one that does."""
        return self._text(2024, 2, 31)


ISO = DateTexts(lambda y, m, d: f"{y:04d}-{m:02d}-{d:02d}")
TIMES = tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(1440))


class _Years(dict[int, int]):
    """Day ordinal -> year, worked out once a day."""

    def __missing__(self, day: int) -> int:
        self[day] = year = date.fromordinal(day).year
        return year


YEARS = _Years()


def swapped(day: int) -> int | None:
    """Return the day with day and month exchanged, or None when that is no other date."""
    when = date.fromordinal(day)
    if when.day > 12 or when.day == when.month:
        return None
    return date(when.year, when.day, when.month).toordinal()
