"""Row 58: dates, numbers and codes are read as declared, or refused; nothing is guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.mapping import conversions
from producers.mapping.conversions import NotANumber, Unreadable, WrongDate, date_format

BOSTON = ZoneInfo("America/New_York")


def date(text: str, *formats: str, pivot: int | None = None) -> str:
    return conversions.date_reader([date_format(f, pivot) for f in formats])(text)


def instant(text: str, *formats: str) -> datetime:
    return conversions.instant_reader([date_format(f, None) for f in formats], BOSTON)(text)


@pytest.mark.parametrize(
    ("text", "written", "iso"),
    [
        ("02/03/2004", "%m/%d/%Y", "2004-02-03"),
        ("2/3/2004", "%m/%d/%Y", "2004-02-03"),
        ("02/03/2004", "%d/%m/%Y", "2004-03-02"),
        ("04 Mar 1981", "%d %b %Y", "1981-03-04"),
        ("04-MAR-1981", "%d-%b-%Y", "1981-03-04"),
        ("19810304", "%Y%m%d", "1981-03-04"),
        ("1981", "%Y", "1981"),
        ("03/1981", "%m/%Y", "1981-03"),
        ("100%1981", "100%%%Y", "1981"),
    ],
)
def test_a_date_is_read_as_its_format_says(text: str, written: str, iso: str) -> None:
    assert date(text, written) == iso


@pytest.mark.parametrize(
    "text", ["31-FEB-2020", "2020-01-01", "43831", "1.2E+5", "", "01-JAN-2020 ", "29-FEB-2021"]
)
def test_what_fits_no_format_is_an_ambiguous_date(text: str) -> None:
    with pytest.raises(WrongDate) as refused:
        date(text, "%d-%b-%Y")
    assert refused.value.reason == "ambiguous_date"


def test_two_formats_that_disagree_refuse_and_that_agree_do_not() -> None:
    both = ("%m/%d/%Y", "%d/%m/%Y")
    assert date("12/25/2004", *both) == "2004-12-25"
    assert date("05/05/2004", *both) == "2004-05-05"
    with pytest.raises(WrongDate, match="different results"):
        date("02/03/2004", *both)


def test_two_digit_years_need_a_pivot() -> None:
    with pytest.raises(ValueError, match="set pivot_year"):
        date_format("%m/%d/%y", None)
    assert date("02/03/29", "%m/%d/%y", pivot=30) == "2029-02-03"
    assert date("02/03/30", "%m/%d/%y", pivot=30) == "1930-02-03"


def test_digits_without_separators_need_all_their_places() -> None:
    with pytest.raises(WrongDate):
        date("2024112", "%Y%m%d")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("%Q", "not known"),
        ("%m/%d", "no year"),
        ("%Y-%Y", "twice"),
        ("%Y %I:%M", "belong together"),
        ("%d %Y", "day without a month"),
    ],
)
def test_a_format_that_cannot_work_is_refused(written: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        date_format(written, None)


@given(st.dates())
def test_every_day_survives_being_written_and_read(day: object) -> None:
    assert date(str(day), "%Y-%m-%d") == str(day)


@pytest.mark.parametrize(
    ("text", "written", "utc"),
    [
        ("2020-01-01 00:30:00", "%Y-%m-%d %H:%M:%S", (2020, 1, 1, 5, 30)),
        ("07/04/2020 12:05 AM", "%m/%d/%Y %I:%M %p", (2020, 7, 4, 4, 5)),
        ("07/04/2020 12:05 pm", "%m/%d/%Y %I:%M %p", (2020, 7, 4, 16, 5)),
        ("2020-07-04T12:00:00Z", "%Y-%m-%dT%H:%M:%S%z", (2020, 7, 4, 12, 0)),
        ("2020-07-04T12:00:00+0200", "%Y-%m-%dT%H:%M:%S%z", (2020, 7, 4, 10, 0)),
        ("2020-11-01 01:30:00", "%Y-%m-%d %H:%M:%S", (2020, 11, 1, 5, 30)),
        ("2020-07-04", "%Y-%m-%d", (2020, 7, 4, 4, 0)),
    ],
)
def test_an_instant_is_local_time_made_utc(
    text: str, written: str, utc: tuple[int, int, int, int, int]
) -> None:
    found = instant(text, written)
    assert found == datetime(*utc, tzinfo=UTC)
    assert found.tzinfo is UTC


@pytest.mark.parametrize("text", ["2020-01-01 25:00:00", "2020-13-01 01:00:00", "0001-01-01 x"])
def test_an_impossible_instant_is_refused(text: str) -> None:
    with pytest.raises(WrongDate):
        instant(text, "%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("text", "inches"),
    [("5'10\"", 70), ("5'10", 70), ("510", 70), ("5-11", 71), ("5 ft 2 in", 62), ("6'", 72)],
)
def test_heights_in_feet_and_inches(text: str, inches: int) -> None:
    assert conversions.feet_inches(text) == str(inches)


@pytest.mark.parametrize("text", ["512", "5'12", "70", "9'1", "five", "1'1"])
def test_other_heights_are_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        conversions.feet_inches(text)


def test_metric_and_money() -> None:
    assert conversions.centimetres("180") == "71"
    assert conversions.kilograms("80") == "176"
    assert conversions.cents("$1,500.5") == "150050"
    assert conversions.cents("12") == "1200"
    assert conversions.whole_number("12.0") == "12"
    with pytest.raises(NotANumber):
        conversions.cents("1.234")


@pytest.mark.parametrize("text", ["1,000", "1.5", "1e3", "", "٣", "0x10", "9" * 19])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        conversions.integer(text)


@pytest.mark.parametrize("text", ["nan", "inf", "1e400", "1,5", ""])
def test_what_is_no_decimal_is_refused(text: str) -> None:
    with pytest.raises(NotANumber):
        conversions.decimal(text)


def test_yes_and_no() -> None:
    assert [conversions.boolean(t) for t in ("Y", "yes", "TRUE", "1")] == [True] * 4
    assert [conversions.boolean(t) for t in ("N", "no", "F", "0")] == [False] * 4
    with pytest.raises(Unreadable):
        conversions.boolean("maybe")
