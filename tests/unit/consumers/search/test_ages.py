"""Ages are exact to the day, leap days included."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from consumers.search.ages import ages, births
from consumers.search.document import Span

DAYS = st.integers(date(1900, 1, 1).toordinal(), date(2100, 1, 1).toordinal())


@given(DAYS, st.integers(0, 110), st.integers(0, 10))
def test_exactly_those_born_in_the_span_are_of_the_ages(day: int, low: int, more: int) -> None:
    asked = Span(low, low + more)
    born = births(asked, day)

    assert ages(Span(born.low, born.low), day).low == asked.high
    assert ages(Span(born.high, born.high), day).low == asked.low
    assert ages(Span(born.low - 1, born.low - 1), day).low == asked.high + 1
    if asked.low > 0:
        assert ages(Span(born.high + 1, born.high + 1), day).low == asked.low - 1


def test_a_leap_day_child_is_a_year_older_in_march() -> None:
    born = date(2000, 2, 29).toordinal()
    span = Span(born, born)

    assert ages(span, date(2021, 2, 28).toordinal()) == Span(20, 20)
    assert ages(span, date(2021, 3, 1).toordinal()) == Span(21, 21)
    assert births(Span(21, 21), date(2021, 3, 1).toordinal()).high == date(2000, 3, 1).toordinal()


def test_a_birth_after_the_day_is_no_age_below_zero() -> None:
    assert ages(Span(11, 12), 10) == Span(0, 0)
