"""Pruning: a pair is left out only when no set of default values would make it worth keeping."""

from __future__ import annotations

from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.meet.worth import may_be_kept
from streams.resolution.contacts import ADDRESS, EMAIL, PHONE
from streams.resolution.evidence import Evidence
from streams.resolution.guards import GUARDS
from streams.resolution.levels import Contact, Locality, Place
from streams.resolution.model import Model
from streams.resolution.verdicts import Judge
from streams.shipped_models import shipped

KINDS = ("person", "vehicle", "organisation")


def upside_down(kind: str) -> Model:
    """Give a model under which agreement on a home speaks against a pair."""
    given = {**shipped(kind).raw}
    fields: dict[str, Any] = {name: dict(levels) for name, levels in given["fields"].items()}
    for name in ("address", "locality", "phone"):
        if name in fields:
            fields[name] = {
                level: {"m": odds["u"], "u": odds["m"]} for level, odds in fields[name].items()
            }
    return Model(given | {"fields": fields})


JUDGES = {kind: [Judge(shipped(kind)), Judge(upside_down(kind))] for kind in KINDS}
SHARED_LEVELS = {
    PHONE: [Contact.EXACT],
    EMAIL: [Contact.EXACT],
    ADDRESS: [Place.HOME, Place.BUILDING, Place.STREET],
}


@st.composite
def evidence(draw: st.DrawFn, kind: str) -> Evidence:
    """Give evidence whose shared values are what the levels of their fields rest on."""
    model = shipped(kind)
    levels = [draw(st.integers(0, len(field.levels) - 1)) for field in model.fields]
    shared: list[tuple[str, int]] = []
    for prefix, place in GUARDS[kind].rests_on.items():
        known = draw(st.lists(st.sampled_from(SHARED_LEVELS[prefix]), max_size=3))
        shared += [(f"{prefix}{number}", level) for number, level in enumerate(known)]
        if known:
            levels[place] = min(known)
    if any(key.startswith(ADDRESS) for key, _ in shared):
        levels[GUARDS[kind].locality] = Locality.POSTAL_CODE
    often = st.sampled_from([0.0, 0.001, 0.02])
    frequencies = (draw(often), draw(often)) if kind == "person" else ()
    return Evidence(tuple(levels), frequencies, tuple(shared))


def is_kept_under_some(judge: Judge, found: Evidence) -> bool:
    """Try every set of default values."""
    values = [key for key, _ in found.shared]
    subsets = chain.from_iterable(combinations(values, n) for n in range(len(values) + 1))
    return any(judge.verdict(found, frozenset(subset)).is_kept for subset in subsets)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=300)
@given(data=st.data())
def test_a_pair_is_kept_if_any_set_of_default_values_makes_it_count(
    kind: str, data: st.DataObject
) -> None:
    found = data.draw(evidence(kind))
    for judge in JUDGES[kind]:
        assert may_be_kept(judge, found) == is_kept_under_some(judge, found)


def test_a_pair_that_only_a_default_value_makes_count_is_stated() -> None:
    """Under such a model the home speaks against the pair until it is known for a shelter."""
    judge = Judge(upside_down("person"))
    named = {"given_name": 1, "surname": 1, "date_of_birth": 1, "sex": 1}
    levels = [named.get(field.name, 0) for field in judge.model.fields]
    levels[GUARDS["person"].rests_on[ADDRESS]] = Place.HOME
    levels[GUARDS["person"].locality] = Locality.POSTAL_CODE
    found = Evidence(tuple(levels), (0.02, 0.02), ((f"{ADDRESS}a", Place.HOME),))
    assert not judge.verdict(found).is_kept
    assert may_be_kept(judge, found)
