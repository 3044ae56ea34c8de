"""Addresses: the plain reading is the library's, parts meet whole lines, units stand apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recordbus.normalize import addresses

STREETS = ("MAPLE", "OAK", "TREMONT", "BOYLSTON", "CHESTNUT", "DORCHESTER",
           "COLUMBUS", "ADAMS", "CLARENDON", "HAWTHORNE", "MARLBOROUGH")  # fmt: skip
TYPES = ("STREET", "ST", "AVENUE", "AVE", "ROAD", "RD", "DRIVE", "LANE", "BOULEVARD", "CT", "PLACE")
CITIES = ("BOSTON", "SPRINGFIELD", "HARBOR CITY", "MILLBROOK", "QUINCY", "SALEM", "CAMBRIDGE")
WHOLE = st.builds(
    lambda number, name, kind, city, state, code: (
        f"{number} {name} {kind}, {city}, {state} {code:05d}"
    ),
    st.integers(1, 9999), st.sampled_from(STREETS), st.sampled_from(TYPES),
    st.sampled_from(CITIES), st.sampled_from(["MA", "NY", "CA"]), st.integers(1001, 99950),
)  # fmt: skip


def read(full: str) -> addresses.PostalAddress:
    return addresses.normalise(full, None, None, None, None, None, None)


@settings(max_examples=300)
@given(WHOLE)
def test_the_plain_reading_is_the_library_s(full: str) -> None:
    plain = addresses._plain(full)
    assert plain is not None
    assert plain == addresses.by_library(full)


@given(WHOLE)
def test_parts_and_the_whole_line_are_one_address(full: str) -> None:
    line, city, rest = full.split(", ")
    number, _, street = line.partition(" ")
    state, _, code = rest.partition(" ")
    parts = addresses.normalise(None, number, street.title(), None, city.lower(), state, code)
    joined = addresses.normalise(None, None, line, None, city, state, f"{code}-1234")
    assert parts == joined == read(full)


@pytest.mark.parametrize(("full", "expected"), [
    ("123 N. Main St Apt 4B, Boston, MA 02118-1234",
     ("123", "N MAIN ST", "4B", "BOSTON", "MA", "02118")),
    ("12 O'Brien Ave, Boston, MA 02118", ("12", "OBRIEN AVE", None, "BOSTON", "MA", "02118")),
    ("Main St & 2nd Ave, Boston, MA", (None, "2ND AVE & MAIN ST", None, "BOSTON", "MA", None)),
    ("2nd Ave / Main St", (None, "2ND AVE & MAIN ST", None, None, None, None)),
    ("123 Main Street", ("123", "MAIN ST", None, None, None, None)),
])  # fmt: skip
def test_other_forms_are_read_too(full: str, expected: tuple[str | None, ...]) -> None:
    assert read(full)[:6] == expected


def test_a_unit_stands_apart_from_the_building() -> None:
    inner = addresses.normalise(
        None, None, "12 Maple Street Apt #4-B", None, "Boston", "MA", "02118"
    )
    outer = addresses.normalise(None, "12", "Maple St.", "Unit 4B", "Boston", "MA", "02118")
    assert inner == outer
    assert inner.unit == "4B"
    assert inner.key == "12|MAPLE ST|02118"


@pytest.mark.parametrize("text", ["HOMELESS", "transient", "General Delivery", "Unknown", "N/A"])
def test_no_address_is_a_placeholder(text: str) -> None:
    assert read(text).placeholder
    assert addresses.normalise(None, None, text, None, "Boston", "MA", None).placeholder


@pytest.mark.parametrize("full", ["GARBAGE", "Main Street", "123 Main Street", ""])
def test_what_names_no_building_has_no_key(full: str) -> None:
    assert read(full).key is None


@settings(max_examples=150)
@given(st.text(max_size=80))
def test_any_text_can_be_read_as_an_address(text: str) -> None:
    assert read(text).postal_code != ""
