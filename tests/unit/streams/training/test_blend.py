"""Weights that training makes pass the gates, whatever was estimated."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.resolution.fields import FIELDS
from streams.resolution.mentions import Identifier, NameForm, PersonMention
from streams.resolution.model import Model
from streams.resolution.model_gates import broken_gates
from streams.shipped_models import shipped
from streams.training.blend import Estimate
from streams.training.model_file import described, text_of, trained_model, with_gates
from streams.training.sample import thinned


def estimates_of(levels: tuple[str, ...]) -> st.SearchStrategy[dict[str, Estimate]]:
    """Shares as a sample gives them: they sum to one, and some levels were not seen."""
    counts = st.lists(st.integers(0, 10**6), min_size=len(levels), max_size=len(levels))

    def of(m: list[int], u: list[int]) -> dict[str, Estimate]:
        return {
            level: Estimate(*(None if n == 1 else n / (sum(all_) or 1) for n, all_ in pair))
            for level, *pair in zip(levels, ((n, m) for n in m), ((n, u) for n in u), strict=True)
        }

    return st.builds(of, counts, counts)


ESTIMATES = st.fixed_dictionaries(
    {f.name: estimates_of(f.levels[1:]) for f in FIELDS["person"] if f.weighed}
)
NOTHING = {
    field.name: dict.fromkeys(field.levels[1:], Estimate(None, None))
    for field in FIELDS["person"]
    if field.weighed
}


@settings(max_examples=30)
@given(estimates=ESTIMATES, share=st.floats(0, 1))
def test_what_is_written_passes_the_gates(estimates: Any, share: float) -> None:
    model = trained_model(shipped("person"), estimates, share, "t", {"records": 1})

    assert broken_gates(model) == []
    assert Model.load(text_of(model)).hash == model.hash


def test_without_estimates_the_base_stays() -> None:
    base = shipped("person")
    model = trained_model(base, NOTHING, 1.0, "t", {})

    for field, mine, theirs in zip(base.fields, model.levels, base.levels, strict=True):
        for level, new, old in zip(field.levels, mine, theirs, strict=True):
            assert new.bits == pytest.approx(old.bits, abs=0.15), (field.name, level)


def test_the_share_decides_between_data_and_base() -> None:
    seen = {**NOTHING, "sex": {"exact": Estimate(1.0, 0.5), "different": Estimate(0.0, 0.5)}}
    base = shipped("person").raw["fields"]["sex"]["different"]["m"]

    m = [
        trained_model(shipped("person"), seen, share, "t", {}).raw["fields"]["sex"]["different"][
            "m"
        ]
        for share in (0.0, 0.5, 1.0)
    ]

    assert m == [
        pytest.approx(base, rel=0.01),
        pytest.approx(base / 2, rel=0.01),
        pytest.approx(0.0005, rel=0.01),
    ]


def test_a_model_that_scores_otherwise_is_not_written() -> None:
    with pytest.raises(ValueError, match="differ by 2e-09 bits over 5 pairs"):
        with_gates(shipped("person"), 2e-9, 5)
    with pytest.raises(ValueError, match="over 0 pairs"):
        with_gates(shipped("person"), 0.0, 0)
    assert with_gates(shipped("person"), 1e-12, 5).raw["gates"]["parity"]["pairs"] == 5


def test_a_description_holds_no_value_of_a_record() -> None:
    person = PersonMention("x|1", names=(NameForm("ANA", surname="DIAZ"),), phones=("+1207",))
    told = described([person, PersonMention("x|2")], {"people.csv": b"content"})

    assert (told["records"], told["known"]["names"], told["known"]["sex"]) == (2, 0.5, 0.0)
    assert "DIAZ" not in str(told)


def test_of_each_person_one_mention_is_left() -> None:
    ana = NameForm("ANA", "ANA", surname="DIAZ")
    number = Identifier("ssn", "", "d1")
    people = [
        PersonMention("1", names=(ana,), date_of_birth="1980-02-03", identifiers=(number,)),
        PersonMention("2", identifiers=(number,)),
        PersonMention("3", names=(ana,), date_of_birth="1980-02-03"),
        PersonMention("4", names=(ana,), date_of_birth="1990-02-03"),
        PersonMention("5", names=(ana,)),
    ]

    assert [each.mention_id for each in thinned(people)] == ["1", "4"]
