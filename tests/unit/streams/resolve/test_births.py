"""A date of birth is read in a declared form or not at all."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.resolve.births import iso_date

US = "%m/%d/%Y"


@given(st.dates(min_value=date(1900, 1, 1)))
def test_every_form_gives_the_same_day(day: date) -> None:
    iso = day.isoformat()

    assert iso_date(iso, None) == iso_date(day.strftime("%Y%m%d"), None) == iso
    assert iso_date(day.strftime(US), US) == iso


@pytest.mark.parametrize("text", ["03/04/1981", "1981-02-30", "19810230", "", "4 Mar 1981"])
def test_nothing_is_guessed(text: str) -> None:
    assert iso_date(text, None) is None


def test_a_day_that_is_not_in_the_declared_form_is_none() -> None:
    assert iso_date("13/04/1981", US) is None
    assert iso_date("1981-04", US) == "1981-04"
