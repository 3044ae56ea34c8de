"""Verdicts: guards outrank weights, defaults count nothing, explanations hold no value."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.resolution.comparison import FIELDS, compare
from streams.resolution.evidence import Evidence
from streams.resolution.guards import settled
from streams.resolution.levels import Ids, Locality, Place
from streams.resolution.person.fields import (
    BIRTH,
    GIVEN,
    IDS,
    LOCALITY,
    PHONE,
    PLACE,
    SURNAME,
    Birth,
    Given,
)
from streams.resolution.verdicts import NO, POSSIBLE, SAME, Judge
from streams.shipped_models import shipped
from tests.unit.streams.resolution.made import MAPLE, person, resolver

KINDS = ("person", "vehicle", "organisation")
JUDGES = {kind: Judge(shipped(kind)) for kind in KINDS}


@st.composite
def evidences(draw: st.DrawFn) -> tuple[str, Evidence]:
    """Give a kind and any evidence of that kind."""
    kind = draw(st.sampled_from(KINDS))
    levels = tuple(draw(st.integers(0, len(field.levels) - 1)) for field in FIELDS[kind])
    return kind, Evidence(levels, (0.0, 0.0) if kind == "person" else ())


@given(evidences())
def test_no_weight_overrides_a_veto_or_a_hold(drawn: tuple[str, Evidence]) -> None:
    kind, evidence = drawn
    judge = JUDGES[kind]
    verdict = judge.verdict(evidence)
    vetoes, holds = judge.guards(evidence.levels)

    if vetoes:
        assert verdict.outcome == NO
        assert not verdict.fits
    if verdict.outcome == SAME:
        assert not holds
        assert verdict.fits
        assert verdict.bits >= judge.model.same
    if verdict.outcome == POSSIBLE:
        assert verdict.bits >= judge.model.possible


def test_nobody_is_the_same_by_name_and_birthday_alone() -> None:
    only = [0] * len(FIELDS["person"])
    only[GIVEN], only[SURNAME], only[BIRTH] = Given.EXACT, 1, Birth.EXACT

    verdict = JUDGES["person"].verdict(Evidence(tuple(only), (1e-9, 1e-9)))

    assert verdict.outcome == POSSIBLE
    assert verdict.holds == ("too_little_agrees",)


@pytest.mark.parametrize(
    ("ids", "birth", "veto"),
    [
        (Ids.MISSING, Birth.EXACT, True),
        (Ids.EQUAL, Birth.DIFFERENT, True),
        (Ids.EQUAL, Birth.MISSING, True),
        (Ids.EQUAL, Birth.ONE_EDIT, False),
        (Ids.EQUAL, Birth.SWAPPED, False),
    ],
)
def test_another_given_name_needs_a_number_and_a_birthday(
    ids: int, birth: int, *, veto: bool
) -> None:
    levels = [0] * len(FIELDS["person"])
    levels[GIVEN], levels[IDS], levels[BIRTH] = Given.DIFFERENT, ids, birth

    vetoes, _ = JUDGES["person"].guards(tuple(levels))

    assert ("given_names_differ" in vetoes) is veto


SHELTER, HOME = "address:9|ELM ST|01970", "address:12|MAPLE ST|02118"


def at_home(*shared: tuple[str, int]) -> Evidence:
    """Give evidence that rests on shared values."""
    levels = [0] * len(FIELDS["person"])
    levels[PHONE], levels[PLACE], levels[LOCALITY] = 1, Place.HOME, Locality.POSTAL_CODE
    return Evidence(tuple(levels), (0.0, 0.0), (("phone:+1", 1), *shared))


@pytest.mark.parametrize(
    ("defaults", "place", "locality", "phone"),
    [
        (set(), Place.HOME, Locality.POSTAL_CODE, 1),
        ({SHELTER}, Place.BUILDING, Locality.POSTAL_CODE, 1),
        ({SHELTER, HOME}, Place.MISSING, Locality.CITY, 1),
        ({"phone:+1"}, Place.HOME, Locality.POSTAL_CODE, 0),
        ({"phone:+2", "email:x"}, Place.HOME, Locality.POSTAL_CODE, 1),
    ],
)
def test_a_default_value_counts_nothing_and_leaves_the_rest(
    defaults: set[str], place: int, locality: int, phone: int
) -> None:
    evidence = at_home((SHELTER, Place.HOME), (HOME, Place.BUILDING))

    levels = settled("person", evidence, defaults)

    assert (levels[PLACE], levels[LOCALITY], levels[PHONE]) == (place, locality, phone)


def test_an_explanation_says_all_that_a_verdict_rests_on() -> None:
    one = person("a", "Ana", "Reyes", born="1990-05-12", home=MAPLE, phone="617-555-0142")
    other = one._replace(mention_id="b", version=7)
    rival = one._replace(mention_id="c")
    said = json.loads(resolver(one, other, rival).explain("b", "a"))

    assert said["pair"] == ["a", "b"]
    assert said["versions"] == [0, 7]
    assert said["outcome"] == "same"
    assert said["model"] == shipped("person").hash[:16]
    assert {"phone", "door", "names+post", "birth+given"} <= set(said["keys"])
    assert (said["rivals"], said["rival_count"]) == (["c"], 1)
    total = said["prior"] + sum(sum(part[2:]) for part in said["parts"])
    assert total - sum(over for _, over in said["caps"]) == pytest.approx(said["bits"], abs=0.1)


def test_an_explanation_is_small() -> None:
    one = person("a" * 70, "Ana", "Reyes", born="1990-05-12", home=MAPLE, phone="617-555-0142")
    text = resolver(one, one._replace(mention_id="b" * 70)).explain("a" * 70, "b" * 70)

    assert len(text) < 700


def test_pairs_that_never_met_can_be_explained_too() -> None:
    one = person("a", "Ana", "Reyes", born="1990-05-12")
    other = person("b", "Otto", "Lind", born="1950-01-30")

    said = json.loads(resolver(one, other).explain("a", "b"))

    assert said["outcome"] == "no"
    assert said["vetoes"] == ["dates_of_birth_differ", "given_names_differ"]
    assert "keys" not in said


def test_evidence_does_not_depend_on_default_values() -> None:
    one = person("a", "Ana", "Reyes", born="1990-05-12", home=MAPLE)

    assert compare(one, one).shared == ((HOME, Place.HOME),)
