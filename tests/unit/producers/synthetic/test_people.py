"""The truth has the constellations that record linkage must get right (resolution.md, traps)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.synthetic.calendar import LAST_DAY
from producers.synthetic.identifiers import AREA_CODES, phone, plate, ssn, vin
from producers.synthetic.organisations import SHELTERS, organisation
from producers.synthetic.people import Person
from producers.synthetic.places import dwelling
from producers.synthetic.vehicles import MODELS

_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_LETTERS = {
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}


@given(st.integers(0, 4_000_000))
def test_ssns_were_never_issued_and_never_repeat(index: int) -> None:
    digits = ssn(index)
    assert len(digits) == 9
    assert digits.startswith("9")
    assert 1 <= int(digits[3:5]) <= 49  # taxpayer numbers begin at group 50
    assert digits[5:] != "0000"
    assert ssn(index + 1) != digits


def test_ssns_phones_and_plates_are_each_somebodys_own() -> None:
    for make in (ssn, phone, plate):
        assert len({make(index) for index in range(60_000)}) == 60_000


@given(st.integers(0, 3_400_000))
def test_phones_are_valid_and_on_the_exchange_that_nobody_has(index: int) -> None:
    number = phone(index)
    assert number[3:6] == "555"
    assert number[6:] not in {"1212", "5555"}
    assert phonenumbers.is_valid_number(phonenumbers.parse(number, "US"))


def test_area_codes_are_distinct() -> None:
    assert len(set(AREA_CODES)) == len(AREA_CODES)


@given(st.sampled_from(MODELS), st.integers(1995, 2026), st.integers(0, 3_000_000))
def test_vins_have_a_correct_check_digit(model: object, year: int, serial: int) -> None:
    made = vin(model.prefix, year, serial)  # type: ignore[attr-defined]
    assert len(made) == 17
    assert not set(made) & set("IOQ")
    values = [int(c) if c.isdigit() else _LETTERS.get(c, 0) for c in made]
    total = sum(v * w for v, w in zip(values, _WEIGHTS, strict=True))
    assert made[8] == "0123456789X"[total % 11]


@given(st.integers(0, 900_000))
def test_postal_codes_were_never_assigned(index: int) -> None:
    assert 301 <= int(dwelling(index).postal_code) <= 339


def test_no_two_dwellings_share_an_address() -> None:
    assert len({dwelling(index) for index in range(50_000)}) == 50_000


def test_names_are_skewed(people: Sequence[Person]) -> None:
    surnames = Counter(person.surname for person in people)
    ranked = [count for _, count in surnames.most_common()]
    assert ranked[0] > 5 * ranked[len(ranked) // 10]
    assert sum(count == 1 for count in ranked) > len(ranked) // 3
    assert len({person.origin for person in people}) == 9


def test_twins_share_birth_and_household(people: Sequence[Person]) -> None:
    twins = [person for person in people if person.twin >= 0]
    assert twins
    for person in twins:
        other = people[person.twin] if person.twin < len(people) else None
        if other is not None and other.twin == person.id:
            assert (other.birth, other.household) == (person.birth, person.household)


def test_junior_bears_the_name_of_an_elder(people: Sequence[Person]) -> None:
    homes: dict[int, list[Person]] = defaultdict(list)
    for person in people:
        homes[person.household].append(person)
    juniors = [p for p in people if p.suffix == "Jr" and p.kin == "child"]
    assert juniors
    for junior in juniors:
        elder = homes[junior.household][0]
        assert (elder.given, elder.middle) == (junior.given, junior.middle)
        assert (elder.birth or 0) < (junior.birth or 0)
    assert {p.suffix for p in people} >= {"Jr", "Sr"}


def test_namesakes_live_apart(people: Sequence[Person]) -> None:
    homes: dict[tuple[str, str], set[int]] = defaultdict(set)
    for person in people:
        homes[person.given, person.surname].add(person.household)
    assert sum(len(apart) > 1 for apart in homes.values()) > 30


def test_people_move_and_change_their_names(people: Sequence[Person]) -> None:
    moved = [person for person in people if len(person.residences) > 1]
    assert 0.2 < len(moved) / len(people) < 0.5
    mover = moved[0]
    day = mover.residences[1][0]
    assert mover.as_of(day - 1).address == mover.residences[0][1]
    assert mover.as_of(LAST_DAY).address == mover.address
    renamed = next(person for person in people if person.former_surname)
    assert renamed.as_of(renamed.renamed_on - 1).surname == renamed.former_surname
    assert renamed.as_of(renamed.renamed_on).surname == renamed.surname


def test_shelters_and_switchboards_are_shared_by_many_surnames(people: Sequence[Person]) -> None:
    shelters = {organisation(index).address for index in SHELTERS}
    sheltered = {person.surname for person in people if person.address in shelters}
    assert len(sheltered) > 8
    by_phone: dict[str, set[str]] = defaultdict(set)
    for person in people:
        by_phone[person.phone].add(person.surname)
    assert max(len(surnames) for surnames in by_phone.values()) > 8


@pytest.mark.parametrize("field", ["licence", "email"])
def test_children_have_no_papers(people: Sequence[Person], field: str) -> None:
    children = [p for p in people if LAST_DAY - (p.birth or 0) < 15 * 365]
    assert children
    assert not [p for p in children if field == "licence" and p.licence]
    assert any(getattr(p, field) for p in people)
