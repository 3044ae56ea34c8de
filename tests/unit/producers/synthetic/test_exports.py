"""Departments write the same fact in their own ways; a row reads back as it was written."""

from __future__ import annotations

import csv
import io
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.synthetic.calendar import LAST_DAY, PLACEHOLDER_BIRTHS, swapped
from producers.synthetic.departments import DEPARTMENTS
from producers.synthetic.exports.all import ALL

_CELLS = st.text(st.sampled_from("aZé0 \"',;|\t\r\n-"), max_size=6)


@given(st.sampled_from([d.name for d in DEPARTMENTS]), st.lists(_CELLS, min_size=2, max_size=6))
def test_a_line_is_what_the_csv_writer_of_the_dialect_writes(name: str, row: list[str]) -> None:
    dialect = ALL[name].dialect
    out = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if dialect.quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(
        out, delimiter=dialect.delimiter, lineterminator=dialect.line_end, quoting=quoting
    )
    writer.writerow(row)
    assert dialect.formatter()(row) == out.getvalue()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("harbor-city-pd", "06/30/2026"),
        ("millbrook-pd", "30-JUN-2026"),
        ("alder-county-so", "2026-06-30"),
        ("alder-county-court", "30 Jun 2026"),
        ("state-vehicle-registry", "20260630"),
    ],
)
def test_every_department_has_its_own_dates(name: str, text: str) -> None:
    dates = ALL[name].dialect.dates
    assert dates[LAST_DAY] == text
    assert len(dates.impossible()) == len(text)


@given(st.integers(LAST_DAY - 36_000, LAST_DAY))
def test_swapping_day_and_month_twice_gives_the_day_back(day: int) -> None:
    other = swapped(day)
    if other is not None:
        assert other != day
        assert swapped(other) == day


def test_placeholder_births_are_those_that_intake_knows() -> None:
    dates = ALL["alder-county-so"].dialect.dates
    assert {dates[day] for day in PLACEHOLDER_BIRTHS} == {"1900-01-01", "1901-01-01", "1970-01-01"}
