"""Models: what a file must hold, what a weight is made of, and that equal files are one model."""

from __future__ import annotations

import json
from math import log2
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.resolution.evidence import Evidence
from streams.resolution.model import Model, ModelError
from streams.resolution.person.fields import FIELDS, GIVEN, PHONE, PLACE, SURNAME
from streams.shipped_models import shipped

KINDS = ("person", "vehicle", "organisation")
NOTHING = (0,) * len(FIELDS)


def levels(**known: int) -> tuple[int, ...]:
    """Give the levels of a person's fields that are named, all others missing."""
    return tuple(known.get(field.name, 0) for field in FIELDS)


def changed(path: str, value: Any) -> str:
    """Give the shipped person model's text with one thing changed; None takes it out."""
    given = json.loads(json.dumps(shipped("person").raw))
    *steps, last = path.split(".")
    place = given
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return json.dumps(given)


@pytest.mark.parametrize("kind", KINDS)
def test_shipped_models_are_of_their_kind_and_leave_room_for_rivals(kind: str) -> None:
    model = shipped(kind)

    assert model.kind == kind
    assert model.possible <= model.same - model.ambiguity_bits
    assert json.dumps(model.raw["trained_on"])


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("format", 2, "format is 2"),
        ("thresholds.same", None, "'same'"),
        ("fields.sex", None, "sex"),
        ("fields.race", {}, "race"),
        ("fields.sex.exact", None, "exact"),
        ("fields.sex.exact.m", 1.5, "sex.exact"),
        ("fields.sex.exact.u", 0, "sex.exact"),
        ("fields.sex.exact.m", None, "'m'"),
        ("prior_log2", None, "prior_log2"),
        ("caps", [["surname", "hair"]], "hair"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_what_is_wrong(
    path: str, value: Any, why: str
) -> None:
    with pytest.raises(ModelError, match=why):
        Model.load(changed(path, value))


@pytest.mark.parametrize("text", ["", "[]", "{", "1", "null"])
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(ModelError):
        Model.load(text)


def test_the_hash_is_of_the_content_and_not_of_its_spelling() -> None:
    model = shipped("person")

    assert Model.load(json.dumps(model.raw, indent=7)).hash == model.hash
    assert Model.load(changed("prior_log2", -21.5)).hash != model.hash
    assert len(model.hash) == 64


def test_what_is_missing_weighs_nothing() -> None:
    model = shipped("person")

    assert model.bits(NOTHING, (0.0, 0.0)) == model.prior


def test_a_level_weighs_the_logarithm_of_its_odds() -> None:
    model = shipped("person")
    sex = model.raw["fields"]["sex"]["exact"]

    found = model.weight(Evidence(levels(sex=1), (0.0, 0.0)))

    assert found.bits - found.prior == pytest.approx(log2(sex["m"] / sex["u"]), abs=1e-12)
    (part,) = [part for part in found.parts if part.level != "missing"]
    assert (part.field, part.level, part.m, part.u) == ("sex", "exact", sex["m"], sex["u"])


@pytest.mark.parametrize(("field", "place"), [("given_name", 0), ("surname", 1)])
def test_a_rare_name_weighs_more_down_to_the_least_frequency(field: str, place: int) -> None:
    model = shipped("person")
    m = model.raw["fields"][field]["exact"]["m"]
    least = model.terms[field].minimum_u

    def of(frequency: float) -> float:
        frequencies = (frequency, 0.0) if place == 0 else (0.0, frequency)
        return model.weight(Evidence(levels(**{field: 1}), frequencies)).bits - model.prior

    assert of(0.01) == pytest.approx(log2(m / 0.01), abs=1e-12)
    assert of(least / 1000) == of(least) == pytest.approx(log2(m / least), abs=1e-12)


def test_what_says_the_same_thing_counts_its_largest_and_a_little() -> None:
    model = shipped("person")
    group = next(cap for cap in model.caps if SURNAME in cap)
    alone = [
        model.bits(tuple(int(at == place) for at in range(len(FIELDS))), (0.0, 0.0)) - model.prior
        for place in group
    ]

    both = model.weight(Evidence(tuple(int(at in group) for at in range(len(FIELDS))), (0.0, 0.0)))

    assert both.bits - both.prior <= max(alone) + model.cap_extra_bits + 1e-9
    assert {FIELDS[place].name for place in group} in [set(names) for names, _ in both.capped]
    assert {PHONE, PLACE} <= set(group)


@given(
    st.tuples(*(st.integers(0, len(field.levels) - 1) for field in FIELDS)),
    st.floats(1e-6, 0.1) | st.just(0.0),
)
def test_the_quick_weight_is_the_sum_of_the_parts(found: tuple[int, ...], often: float) -> None:
    model = shipped("person")
    evidence = Evidence(found, (often if found[GIVEN] == 1 else 0.0, 0.0))

    weight = model.weight(evidence)

    parts = sum(part.bits + part.term_bits for part in weight.parts)
    taken = sum(over for _, over in weight.capped)
    assert weight.bits == pytest.approx(weight.prior + parts - taken, abs=1e-9)
    assert weight.bits == model.bits(evidence.levels, evidence.frequencies)
