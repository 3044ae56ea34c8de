"""Every slip that is made is reported with what it should have been; nothing else differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from producers.synthetic.calendar import ISO
from producers.synthetic.clerk import SLIP_RATE, write_person
from producers.synthetic.facts import Slip
from producers.synthetic.names import mistyped, sounds_alike
from producers.synthetic.people import Person
from producers.synthetic.world import Told

_PERSON_SLIPS = {
    "typo_surname",
    "typo_given",
    "phonetic_surname",
    "phonetic_given",
    "nickname",
    "swapped_names",
    "suffix_in_surname",
    "suffix_dropped",
    "placeholder_name",
    "swapped_day_month",
    "mistyped_date_of_birth",
    "placeholder_date_of_birth",
    "missing_date_of_birth",
    "placeholder_ssn",
    "transposed_ssn",
    "placeholder_phone",
    "placeholder_address",
    "stale_address",
    "lost_leading_zero",
}
_VEHICLE_SLIPS = {
    "misread_plate",
    "missing_vin",
    "mistyped_vin",
    "placeholder_plate",
    "partial_plate",
}


def written(people: Sequence[Person], seed: int) -> list[tuple[Person, Person, list[Slip]]]:
    """Write everyone down once; give (as of the day, as written, slips)."""
    uniform = Random(seed).random
    out = []
    for person in people:
        slips: list[Slip] = []
        day = 739_000
        mention = write_person("a", "a", "other", person, day, uniform, slips)
        out.append((person.as_of(day), mention.person, slips))
    return out


def test_every_kind_of_slip_is_made_at_its_rate(people: Sequence[Person]) -> None:
    rounds = [each for seed in range(6) for each in written(people, seed)]
    made = Counter(slip.error for _, _, slips in rounds for slip in slips)
    assert set(made) == _PERSON_SLIPS
    assert abs(sum(made.values()) / len(rounds) - SLIP_RATE) < 0.03


def test_a_person_without_a_slip_is_written_as_they_are(people: Sequence[Person]) -> None:
    for true, seen, slips in written(people, 1):
        if not slips:
            assert vars(seen) == vars(true)


def test_a_slip_says_what_was_true_and_what_was_written(people: Sequence[Person]) -> None:
    plain = {"surname", "given", "ssn", "phone"}
    for true, seen, slips in written(people, 2):
        for slip in slips:
            assert slip.true != slip.written
            if slip.field in plain:
                assert slip.true == getattr(true, slip.field)
                assert slip.written == getattr(seen, slip.field)
            if slip.field == "date_of_birth":
                assert true.birth is not None
                assert slip.true == ISO[true.birth]
                assert slip.written == ("" if seen.birth is None else ISO[seen.birth])


def test_the_truth_is_never_altered(people: Sequence[Person]) -> None:
    before = [dict(vars(person)) for person in people]
    written(people, 3)
    assert [vars(person) for person in people] == before


def test_vehicles_are_misread_too(told: Sequence[Told]) -> None:
    made = {slip.error for each in told for slip in each.fact.slips}
    assert made >= _VEHICLE_SLIPS


@given(st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12), st.integers(0, 99))
def test_a_slip_of_the_keyboard_stays_near(name: str, seed: int) -> None:
    slipped = mistyped(name.title(), Random(seed).random)
    assert abs(len(slipped) - len(name)) <= 1
    assert slipped[0] == name[0].upper()


def test_phonetic_spellings_keep_the_first_letter() -> None:
    for name in ("Schwartz", "Phillips", "Kowalski", "Nguyen", "McDonald"):
        for seed in range(20):
            assert sounds_alike(name, Random(seed).random)[0] == name[0]
