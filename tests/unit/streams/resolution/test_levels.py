"""Levels of agreement: what counts as the same, as alike, and as another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.resolution.addresses import (
    address_levels,
    locality_level,
    place_level,
    shared_buildings,
)
from streams.resolution.comparison import FIELDS, compare
from streams.resolution.evidence import TermTable
from streams.resolution.identifiers import identifier_level
from streams.resolution.levels import Ids, Locality, Place
from streams.resolution.mentions import AddressForm, Identifier
from streams.resolution.person.dates import date_level, generation_level, year_level
from streams.resolution.person.fields import Birth, Generation, Given, Middle, Surname
from streams.resolution.person.names import given_level, middle_level, surname_level
from streams.shipped_models import shipped
from tests.unit.streams.resolution.made import MAPLE, organisation, person, vehicle

words = st.text("ABEIMNORST ", max_size=9).map(str.strip)
dates = st.dates().map(lambda day: day.isoformat())


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("MARIA", "MARIA", Given.EXACT),
        ("BILL", "WILLIAM", Given.SHORT_FORM),
        ("MARY", "MARY ANN", Given.SHORT_FORM),
        ("MUHAMMAD", "MOHAMMED", Given.VARIANT),
        ("JAYDEN", "KAYDEN", Given.NEAR),
        ("J", "JOHN", Given.INITIAL),
        ("J", "K", Given.DIFFERENT),
        ("JOHN", "JOAN", Given.SOUND),
        ("MARIA", "MARIO", Given.DIFFERENT),
        ("PAUL", "PAULA", Given.DIFFERENT),
        ("ANA MARIA", "ANA LUISA", Given.DIFFERENT),
        ("", "MARIA", Given.MISSING),
    ],
)
def test_given_names(a: str, b: str, level: int) -> None:
    assert given_level(a, b) == level


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("GARCIA", "GARCIA LOPEZ", Surname.PART),
        ("GARCIA", "GARZIA", Surname.NEAR),
        ("SMITH", "SMYTHE", Surname.SOUND),
        ("SMITH", "OKORO", Surname.DIFFERENT),
        ("", "OKORO", Surname.MISSING),
    ],
)
def test_surnames(a: str, b: str, level: int) -> None:
    assert surname_level(a, b) == level


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("ANN", "ANN", Middle.EXACT),
        ("A", "A", Middle.ALIKE),
        ("A", "ANN", Middle.ALIKE),
        ("ANN", "LEE", Middle.DIFFERENT),
        ("", "LEE", Middle.MISSING),
    ],
)
def test_middle_names(a: str, b: str, level: int) -> None:
    assert middle_level(a, b) == level


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ("1985-03-09", "1985-03-09", Birth.EXACT),
        ("1985-03-09", "1985-09-03", Birth.SWAPPED),
        ("1985-03-09", "1985-03-08", Birth.ONE_EDIT),
        ("1985-03-09", "1958-03-09", Birth.ONE_EDIT),
        ("1985-03-09", "1986-03-08", Birth.TWO_EDITS),
        ("1985-03-09", "1991-12-24", Birth.DIFFERENT),
    ],
)
def test_dates(a: str, b: str, level: int) -> None:
    assert date_level(a, b) == level


@pytest.mark.parametrize(
    ("a", "b", "level", "generation"),
    [
        ((1985, 1985), (1985, 1985), Birth.YEAR, Generation.SAME),
        ((1985, 1985), (1984, 1986), Birth.NEAR_YEAR, Generation.SAME),
        ((1985, 1985), (1987, 1990), Birth.OTHER_YEAR, Generation.SAME),
        ((1985, 1985), (2000, 2000), Birth.OTHER_YEAR, Generation.APART),
        (None, (1985, 1985), Birth.MISSING, Generation.MISSING),
    ],
)
def test_years(
    a: tuple[int, int] | None, b: tuple[int, int] | None, level: int, generation: int
) -> None:
    assert year_level(a, b) == year_level(b, a) == level
    assert generation_level(a, b) == generation_level(b, a) == generation


SSN = Identifier("ssn", "", "1", "219099999")
PASSPORT = Identifier("passport", "USA", "2")
LICENCE = Identifier("driver_license", "MA", "3")


@pytest.mark.parametrize(
    ("a", "b", "level"),
    [
        ([SSN], [SSN], Ids.EQUAL),
        ([SSN], [SSN._replace(digest="9", plain="219099998")], Ids.NEAR),
        ([SSN], [SSN._replace(digest="9", plain="555099998")], Ids.DIFFERENT),
        ([SSN._replace(plain="")], [SSN._replace(digest="9", plain="")], Ids.DIFFERENT),
        ([SSN, LICENCE], [SSN, LICENCE._replace(digest="9")], Ids.MIXED),
        ([LICENCE, LICENCE._replace(digest="9")], [LICENCE], Ids.EQUAL),
        ([LICENCE], [LICENCE._replace(issuer="NH", digest="9")], Ids.MISSING),
        ([LICENCE._replace(issuer="")], [Identifier("driver_license", "", "9")], Ids.MISSING),
        ([PASSPORT], [PASSPORT._replace(digest="9")], Ids.MISSING),
        ([Identifier("other", "", "1")], [Identifier("other", "", "1")], Ids.MISSING),
        ([], [SSN], Ids.MISSING),
    ],
)
def test_numbers(a: list[Identifier], b: list[Identifier], level: int) -> None:
    assert identifier_level(tuple(a), tuple(b)) == identifier_level(tuple(b), tuple(a)) == level


FLAT = AddressForm("12", "MAPLE ST", "4", "BOSTON", "MA", "02118", "12|MAPLE ST|02118")


@pytest.mark.parametrize(
    ("b", "place", "locality"),
    [
        (FLAT, Place.HOME, Locality.POSTAL_CODE),
        (FLAT._replace(unit=""), Place.BUILDING, Locality.POSTAL_CODE),
        (FLAT._replace(unit="5"), Place.STREET, Locality.POSTAL_CODE),
        (FLAT._replace(street="MAPEL ST", key="x"), Place.BUILDING, Locality.POSTAL_CODE),
        (FLAT._replace(street_number="14", key="x"), Place.STREET, Locality.POSTAL_CODE),
        (FLAT._replace(street="OAK AVE", key="x"), Place.DIFFERENT, Locality.POSTAL_CODE),
        (AddressForm(city="BOSTON", state="MA"), Place.MISSING, Locality.CITY),
        (AddressForm(city="SALEM", state="MA"), Place.MISSING, Locality.DIFFERENT),
        (AddressForm(postal_code="01970"), Place.MISSING, Locality.DIFFERENT),
        (AddressForm(state="MA"), Place.MISSING, Locality.MISSING),
    ],
)
def test_places(b: AddressForm, place: int, locality: int) -> None:
    far = AddressForm("9", "ELM ST", "", "SALEM", "MA", "01970", "9|ELM ST|01970")

    assert place_level((FLAT,), (b,)) == place_level((b,), (FLAT,)) == place
    assert locality_level((FLAT,), (b,)) == locality_level((b,), (FLAT,)) == locality
    assert place_level((FLAT, far), (b,)) in (place, Place.STREET, Place.DIFFERENT)


@pytest.mark.parametrize("form", [FLAT, FLAT._replace(key=""), FLAT._replace(street="", key="")])
def test_one_address_compares_with_itself_as_any_two_do(form: AddressForm) -> None:
    place = place_level((form,), (form,))

    assert address_levels((form,), (form,)) == (
        place,
        locality_level((form,), (form,)),
        shared_buildings(place, (form,), (form,)),
    )


def test_each_shared_building_has_its_own_level() -> None:
    shelter = AddressForm("9", "ELM ST", "", "SALEM", "MA", "01970", "9|ELM ST|01970")

    shared = shared_buildings(Place.HOME, (FLAT, shelter), (FLAT._replace(unit=""), shelter))

    assert dict(shared) == {
        "address:12|MAPLE ST|02118": Place.BUILDING,
        "address:9|ELM ST|01970": Place.HOME,
    }


@given(words, words)
def test_names_compare_the_same_both_ways(a: str, b: str) -> None:
    assert given_level(a, b) == given_level(b, a)
    assert surname_level(a, b) == surname_level(b, a)
    assert middle_level(a, b) == middle_level(b, a)
    assert (given_level(a, b) == Given.EXACT) == (a == b != "")


@given(dates, dates)
def test_dates_compare_the_same_both_ways(a: str, b: str) -> None:
    assert date_level(a, b) == date_level(b, a)


def test_agreed_names_bring_their_frequency_and_no_value() -> None:
    terms = {name: TermTable({"ANA": 0.01}, 0.001, 0.0001) for name in ("given_name", "surname")}
    a, b = person("a", "Ana", "Reyes"), person("b", "Ana", "Reyes")

    assert compare(a, b, terms).frequencies == (0.01, 0.001)
    assert compare(a, person("c", "Anna", "Reye"), terms).frequencies == (0.0, 0.0)
    other = b._replace(names=(*person("x", "Ana", "Ana").names, *b.names))
    assert compare(a, other, terms).frequencies == (0.01, 0.001)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (person("a", "Ana", "Reyes", home=MAPLE), person("b", "Anna", "Reye", born="1990-05-12")),
        (vehicle("a", "4GH 172", "MA", make="FORD"), vehicle("b", "4GH-I72", "MA", year=2015)),
        (organisation("a", "Ace Towing LLC"), organisation("b", "Towing Ace", home=MAPLE)),
    ],
)
def test_every_kind_compares_the_same_both_ways_under_its_own_fields(a: object, b: object) -> None:
    kinds = {"PersonMention": "person", "VehicleMention": "vehicle"}
    kind = kinds.get(type(a).__name__, "organisation")

    evidence = compare(a, b)  # type: ignore[arg-type]

    assert evidence == compare(b, a)  # type: ignore[arg-type]
    assert len(evidence.levels) == len(FIELDS[kind]) == len(shipped(kind).fields)


def test_kinds_are_never_compared_with_each_other() -> None:
    with pytest.raises(TypeError, match="never compared"):
        compare(person("a", "Ana"), vehicle("b", "4GH 172"))
