"""Dates, phones, e-mails, plates, VINs and identifiers in one spelling, placeholders as null."""

from __future__ import annotations

import hmac
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.normalize import dates, emails, identifiers, phones, plates, vins

SECRET = b"one secret of the whole bus, 32b"


@given(st.dates())
def test_a_real_date_is_itself_unless_it_stands_for_less(day: date) -> None:
    found = dates.birth_date(day.isoformat())
    if (day.month, day.day) in ((1, 1), (7, 1)):
        assert found.full is None
    elif day.year != 9999:
        assert found.full == day.isoformat()
        assert found.year == day.year


@given(st.dates(date(1901, 2, 2), date(2090, 1, 1)))
def test_swapping_day_and_month_twice_gives_the_date_back(day: date) -> None:
    swapped = dates.birth_date(day.isoformat()).swapped
    if swapped is not None:
        assert (int(swapped[5:7]), int(swapped[8:])) == (day.day, day.month)
        again = dates.birth_date(swapped)
        assert again.full is None or again.swapped == day.isoformat()


@pytest.mark.parametrize("iso", ["1900-01-01", "1901-01-01", "1970-01-01", "9999-12-31"])
def test_a_date_that_systems_fill_in_is_none(iso: str) -> None:
    assert dates.birth_date(iso) == dates.BirthDate(None, None, None, True, False)


@pytest.mark.parametrize("iso", ["1985-01-01", "1985-07-01"])
def test_the_first_of_january_or_july_counts_as_its_year(iso: str) -> None:
    assert dates.birth_date(iso) == dates.BirthDate(None, None, 1985, False, True)


@pytest.mark.parametrize(("iso", "year"), [
    ("1985", 1985), ("1985-04", 1985), (None, None), ("x", None), ("1985-02-30", None),
    ("0000", None), ("", None),
])  # fmt: skip
def test_partial_dates_give_their_year(iso: str | None, year: int | None) -> None:
    assert dates.birth_date(iso)[:3] == (None, None, year)


@pytest.mark.parametrize(("born", "age"), [
    ("1985-03-05", 39), ("1985-03-06", 38), ("1985-03", 38), ("1985", 38), ("2025-01-01", -1),
    ("2024", -1),
])  # fmt: skip
def test_ages_are_counted_in_whole_years(born: str, age: int) -> None:
    assert dates.age_years(born, date(2024, 3, 5)) == age


PLAIN_PHONES = st.builds(
    lambda prefix, opening, area, closing, one, exchange, two, line: (
        f"{prefix}{opening}{area}{closing}{one}{exchange}{two}{line:04d}"
    ),
    st.sampled_from(["", "1", "1-", "+1", "+1 "]), st.sampled_from(["", "("]),
    st.integers(200, 999), st.sampled_from(["", ")"]), st.sampled_from(["", " ", "-", "."]),
    st.integers(200, 999), st.sampled_from(["", " ", "-", "."]), st.integers(0, 9999),
)  # fmt: skip


@given(PLAIN_PHONES)
def test_the_fast_reading_of_a_phone_is_the_library_s(written: str) -> None:
    if phones._PLAIN.fullmatch(written):
        found = phones.normalise(written)
        assert found.placeholder or found.e164 == phones._by_library(written)


@pytest.mark.parametrize(("written", "e164"), [
    ("(617) 555-0142", "+16175550142"), ("617.555.0142 x12", "+16175550142"),
    ("1 617 555 0142", "+16175550142"), ("+44 20 7946 0958", "+442079460958"),
    ("911", None), ("617-155-0142", None), ("call me", None), ("6" * 50, None),
])  # fmt: skip
def test_a_phone_is_e164_or_nothing(written: str, e164: str | None) -> None:
    assert phones.normalise(written).e164 == e164


@pytest.mark.parametrize(
    "written", ["000-000-0000", "0001234567", "555-555-5555", "9995550142", "n/a"]
)
def test_a_stand_in_number_is_a_placeholder(written: str) -> None:
    assert phones.normalise(written) == phones.Phone(None, True)


@given(st.text(max_size=60))
def test_any_text_can_be_read_as_a_phone(text: str) -> None:
    found = phones.normalise(text)
    assert found.e164 is None or found.e164.startswith("+")


@pytest.mark.parametrize(("written", "found"), [
    (" Ana.Lee@Example.ORG ", "ana.lee@example.org"),
    ("none", None), ("a@b", None),
    ("a b@c.de", None),
])  # fmt: skip
def test_an_email_is_in_small_letters(written: str, found: str | None) -> None:
    assert emails.normalise(written) == found


@pytest.mark.parametrize(("one", "other"), [("B0S-51I", "8OS 5I1"), ("abc 123", "ABC-123")])
def test_misread_plates_share_a_key(one: str, other: str) -> None:
    assert plates.normalise(one).folded == plates.normalise(other).folded == plates.folded(one)


@pytest.mark.parametrize("written", ["NONE", "temp", "UNK", "Dealer", "", " - "])
def test_a_word_for_no_plate_is_a_placeholder(written: str) -> None:
    assert plates.normalise(written) == plates.Plate(None, None, True)


@pytest.mark.parametrize(("written", "valid"), [
    ("1M8GDM9AXKP042788", True), ("1m8-gdm9a xkp042788", True), ("1M8GDM9A1KP042788", False),
    ("1M8GDM9AXKP04278", False), ("IM8GDM9AXKP042788", False),
])  # fmt: skip
def test_a_vin_is_checked_and_kept(written: str, valid: bool) -> None:
    found = vins.normalise(written)
    assert (found.vin is not None, found.valid) == (True, valid)


@given(st.text("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", min_size=17, max_size=17))
def test_every_vin_has_exactly_one_check_digit(vin: str) -> None:
    good = [d for d in "0123456789X" if vins.normalise(vin[:8] + d + vin[9:]).valid]
    assert good in ([vins.check_digit(vin)], [])


@pytest.mark.parametrize("value", [
    "000-00-0000", "999-99-9999", "123-45-6789", "111-11-1111", "078-05-1120", "UNKNOWN", "",
])  # fmt: skip
def test_a_number_that_many_were_given_is_a_placeholder(value: str) -> None:
    assert identifiers.plain("ssn", value, None).placeholder
    assert identifiers.lookup_digest(SECRET, "ssn", value, None) is None


def test_equal_numbers_meet_however_they_are_written() -> None:
    digest = identifiers.lookup_digest(SECRET, "ssn", "536-90-4399", "MA")
    assert digest == identifiers.lookup_digest(SECRET, "ssn", "536904399", None)
    assert digest is not None
    assert len(digest) == 32


def test_an_issuer_tells_numbers_apart_where_there_are_many_issuers() -> None:
    one = identifiers.lookup_digest(SECRET, "driver_license", "S-123", "MA")
    assert one == identifiers.lookup_digest(SECRET, "driver_license", "s123", "ma")
    assert one != identifiers.lookup_digest(SECRET, "driver_license", "S123", "NH")


def test_a_digest_needs_the_secret_and_shows_nothing() -> None:
    digest = identifiers.lookup_digest(SECRET, "passport", "C01234567", "USA")
    assert digest != identifiers.lookup_digest(b"another secret of the whole bus!", "passport",
                                               "C01234567", "USA")  # fmt: skip
    assert digest is not None
    assert "C01234567" not in digest


@given(st.binary(max_size=100), st.text(max_size=40))
def test_a_digest_is_the_hmac_of_the_standard(secret: bytes, value: str) -> None:
    expected = hmac.digest(secret, f"ssn|MA|{value}".encode(), "sha256").hex()[:32]
    assert identifiers.digest(secret, "ssn", "MA", value) == expected


@given(st.text(max_size=30), st.sampled_from(["ssn", "tax_id", "passport", "other"]))
def test_any_text_can_be_read_as_an_identifier(value: str, kind: str) -> None:
    identifiers.plain(kind, value, None)
