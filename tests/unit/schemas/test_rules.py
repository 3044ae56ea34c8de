"""The basis table (requirements G) and the relation types, held against what they must say."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import catalog
from schemas.rules import NEVER_ASSOCIATES

TABLE = catalog.basis_table()
# Requirements G, written a second time by hand: basis -> record kinds, relations, kind, grade.
EXPECTED: dict[str, tuple[set[str] | None, set[str], str, bool]] = {
    "conviction": ({"court_disposition"}, {"co_defendant", "subject_of"}, "fact", False),
    "charge": ({"court_disposition", "booking"}, {"co_defendant", "subject_of"}, "fact", False),
    "arrest": ({"arrest", "booking"}, {"co_arrested", "subject_of", "used_vehicle"}, "fact", False),
    "citation": ({"citation"}, {"subject_of", "drives"}, "fact", False),
    "warrant": ({"warrant"}, {"subject_of"}, "fact", False),
    "custody": ({"custody", "supervision"}, {"housed_with", "supervised_by"}, "fact", False),
    "registration": (
        {"vehicle_registration", "permit"}, {"owns", "located_at", "employed_by"}, "fact", False,
    ),
    "victim_or_witness_report": (
        {"incident", "service_call"}, {"victim_of", "witness_of", "described_suspect"},
        "assessment", True,
    ),
    "field_contact": ({"field_contact"}, {"seen_with", "seen_in", "seen_at"}, "fact", False),
    "self_statement": (
        None, {"family", "cohabits", "employed_by", "member_of"}, "assessment", True,
    ),
    "officer_assessment": (
        {"incident", "field_contact", "intelligence_report"}, {"associate", "member_of"},
        "assessment", True,
    ),
    "informant": ({"intelligence_report"}, {"associate", "member_of"}, "assessment", True),
}  # fmt: skip
# basis -> amount in years, counted from, until, ceiling in years, review
CLOCKS: dict[str, tuple[Any, ...]] = {
    "conviction": (None, None, "sealed_or_expunged", None, False),
    "charge": (None, None, "disposition", None, False),
    "arrest": (5, "source", "disposition", None, False),
    "citation": (3, "source", None, None, False),
    "warrant": (None, None, "warrant_inactive", None, False),
    "custody": (1, "end", "custody_ended", None, False),
    "registration": (None, None, "registration_ended", None, False),
    "victim_or_witness_report": (None, None, "case_closed", None, False),
    "field_contact": (1, "source", None, 5, False),
    "self_statement": (5, "source", None, 5, False),
    "officer_assessment": (1, "source", None, 5, True),
    "informant": (1, "source", None, 5, True),
}


def test_the_bases_are_the_closed_list() -> None:
    """R-01."""
    assert set(TABLE) == set(EXPECTED) == set(catalog.enum_symbols("recordbus.v1.Basis"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_basis_says_what_the_requirements_say(name: str) -> None:
    """R-01, R-03, R-05."""
    basis = TABLE[name]
    kinds = None if basis.record_kinds is None else set(basis.record_kinds)
    evidence = basis.evidence_for()
    told = (kinds, set(basis.relations), evidence.kind, evidence.grade_required)
    assert told == EXPECTED[name]


@pytest.mark.parametrize("name", CLOCKS)
def test_a_basis_has_its_clock(name: str) -> None:
    """R-21."""
    clock = TABLE[name].clock
    told = (clock.amount, clock.counted_from, clock.until, clock.ceiling_years, clock.review)
    assert told == CLOCKS[name]
    assert (clock.unit == "year") == (clock.amount is not None)
    assert clock.amount is not None or clock.until is not None


@pytest.mark.parametrize("name", ["officer_assessment", "informant", "field_contact"])
def test_what_is_weak_lives_five_years_at_most(name: str) -> None:
    """R-21."""
    assert TABLE[name].clock.ceiling_years == 5
    designation = catalog.relation_types()["member_of"].designation
    assert designation is not None
    assert designation.ceiling_years == 5


def test_intelligence_is_never_a_fact() -> None:
    """R-03: the exception of the table."""
    contact = TABLE["field_contact"]
    assert contact.evidence_for("intel").kind == "assessment"
    assert contact.evidence_for("intel").grade_required
    for other in set(catalog.enum_symbols("recordbus.v1.ContactBasis")) - {"intel"}:
        assert contact.evidence_for(other).kind == "fact"


def test_what_is_asserted_is_never_a_fact() -> None:
    """R-03."""
    for name in catalog.enum_symbols("recordbus.v1.AssertedBasis"):
        assert TABLE[name].evidence_for().kind == "assessment"


def test_a_grade_not_given_is_stated_as_not_assessed() -> None:
    """R-05: blank is not a grade; only what follows from roles may lack the department's own."""
    asserted = set(catalog.enum_symbols("recordbus.v1.AssertedBasis"))
    for name, basis in TABLE.items():
        for contact in (None, "intel"):
            evidence = basis.evidence_for(contact)
            stated = evidence.when_none_given
            assert (stated is not None) == (evidence.grade_required and name not in asserted)
            if stated is not None:
                assert stated["source"] == stated["information"] == "not_assessed"


def test_informants_need_care() -> None:
    """Requirements G: handling C, and never alone for a designation."""
    assert TABLE["informant"].handling == "C"
    assert "corroboration" in TABLE["informant"].needs
    assert "wording" in TABLE["self_statement"].needs


def test_the_weakest_basis_wins_in_a_derived_edge() -> None:
    """R-08."""
    assert catalog.weakest({"conviction", "field_contact", "arrest"}) == "field_contact"
    assert catalog.weakest(("informant", "conviction")) == "informant"
    assert catalog.weakest({"charge"}) == "charge"


def test_every_clock_ends_with_something_a_record_says() -> None:
    for end in catalog.clock_ends().values():
        for kind, source in end.read_from.items():
            fields = {f["name"] for f in catalog.avro_schema(catalog.details_type(kind))["fields"]}
            assert set(source) <= {"field", "ended_when", "date"}
            assert {source[key] for key in ("field", "date") if key in source} <= fields


def test_what_ends_a_clock_is_in_the_code_lists() -> None:
    lists = catalog.coded_fields()
    for end in catalog.clock_ends().values():
        for kind, source in end.read_from.items():
            details = catalog.details_type(kind).rpartition(".")[2]
            listed = lists.get(details, {}).get(source.get("field", ""))
            known = catalog.code_list(listed or "disposition_outcome").codes
            assert set(source.get("ended_when", ())) <= set(known)


def test_every_relation_type_rests_on_some_basis() -> None:
    created = {relation for basis in TABLE.values() for relation in basis.relations}
    assert created == set(catalog.relation_types())


def test_ties_between_people_are_symmetric() -> None:
    for relation in catalog.relation_types().values():
        between_people = relation.from_kinds == relation.to_kinds == {"person"}
        assert relation.symmetric == between_people, relation.name


def test_only_designations_are_off() -> None:
    """R-13."""
    off = {name for name, relation in catalog.relation_types().items() if not relation.enabled}
    assert off == {"member_of"}


def test_a_designation_needs_what_the_rules_ask() -> None:
    """R-14, R-15, R-16."""
    designation = catalog.relation_types()["member_of"].designation
    assert designation is not None
    assert designation.minimum_criteria == 2
    assert designation.criteria_within_years == 5
    assert designation.supervisor_required
    assert designation.minimum_age_years == 13
    assert designation.juvenile_below_years == 18


def test_what_states_an_associate() -> None:
    """R-04, R-07: co-presence and shared housing are no ties of choice."""
    stating = {name for name, relation in catalog.relation_types().items() if relation.associate}
    assert stating == {"associate", "co_arrested", "co_defendant", "member_of"}
    assert frozenset({"victim", "witness"}) == NEVER_ASSOCIATES


def test_no_strength_is_written_anywhere() -> None:
    """R-06: no number says how strong an association is."""
    fields = {f["name"] for f in catalog.avro_schema("recordbus.v1.Relation")["fields"]}
    assert not {"strength", "score", "weight", "confidence"} & fields


def test_conditions_read_fields_that_exist() -> None:
    outcomes = set(catalog.enum_symbols("recordbus.v1.DispositionOutcome"))
    for condition in catalog.conditions().values():
        assert (condition.details_field is None) == condition.offence_names_people
        assert condition.values <= outcomes
    convicted, pending = (catalog.conditions()[n] for n in ("convicted", "charge_pending"))
    assert not convicted.values & pending.values
    # what ended without a conviction supports neither a conviction nor a charge.
    assert outcomes - convicted.values - pending.values == {"acquitted", "dismissed", "unfounded"}
