"""What each record kind allows; and that a rule beyond the basis table cannot be loaded."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from schemas import catalog
from schemas.association_rules import parse_rules
from schemas.errors import CatalogError
from schemas.files import read_yaml

RULES = catalog.association_rules()
ALL = [(kind, rule) for kind, rules in RULES.items() for rule in rules.relations]
ASSERTED = set(catalog.enum_symbols("recordbus.v1.AssertedBasis"))


def of_basis(basis: str) -> set[str]:
    return {rule.type for _, rule in ALL if rule.basis == basis}


def test_every_record_kind_has_rules() -> None:
    assert tuple(RULES) == catalog.record_kinds()
    for kind, rules in RULES.items():
        assert rules.record_kind == kind
        assert rules.says
        assert rules.roles


@pytest.mark.parametrize("kind", RULES)
def test_every_kind_of_mention_has_a_role(kind: str) -> None:
    mentions = {role.mention_kind for role in RULES[kind].roles.values()}
    assert mentions == {"person", "vehicle", "organisation", "location", "phone"}
    assert RULES[kind].roles_of("phone")


@pytest.mark.parametrize("kind", RULES)
def test_only_people_have_categories(kind: str) -> None:
    """R-04: every person role names the categories it allows, and they are of the closed list."""
    closed = set(catalog.enum_symbols("recordbus.v1.SubjectCategory"))
    for role in RULES[kind].roles.values():
        assert bool(role.subject_categories) == (role.mention_kind == "person")
        assert role.subject_categories <= closed


def test_every_relation_of_the_basis_table_can_come_about() -> None:
    for name, basis in catalog.basis_table().items():
        assert of_basis(name) == set(basis.relations)


def test_a_relation_never_exceeds_its_basis() -> None:
    """R-01, R-02."""
    for kind, rule in ALL:
        assert catalog.basis_table()[rule.basis].allows(kind, rule.type)
        assert rule.asserted == (rule.basis in ASSERTED)


def test_victims_and_witnesses_are_never_associates() -> None:
    """R-04: neither by category nor by role."""
    stating = [rule for _, rule in ALL if catalog.relation_types()[rule.type].associate]
    assert stating
    for rule in stating:
        for categories in (rule.from_categories, rule.to_categories):
            assert not (categories or frozenset()) & {"victim", "witness"}
        assert not {"victim", "witness"} & (rule.from_roles | rule.to_roles)


def test_a_field_contact_gives_co_presence_only() -> None:
    """R-07: what follows from the card itself."""
    followed = {rule.type for rule in RULES["field_contact"].relations if not rule.asserted}
    assert followed == {"seen_with", "seen_in", "seen_at"}
    for rule in RULES["field_contact"].relations:
        if not rule.asserted:
            roles = rule.from_roles | rule.to_roles
            assert not roles & RULES["field_contact"].roles_of("organisation")


def test_an_associate_is_only_ever_asserted() -> None:
    for _, rule in ALL:
        if rule.type in {"associate", "member_of", "family", "cohabits"}:
            assert rule.asserted


def test_designations_are_off_everywhere() -> None:
    """R-13."""
    designations = [rule for _, rule in ALL if rule.type == "member_of"]
    assert designations
    assert not any(rule.enabled for rule in designations)
    assert all(rule.enabled for _, rule in ALL if rule.type != "member_of")


def test_informants_speak_in_intelligence_reports_only() -> None:
    assert {kind for kind, rule in ALL if rule.basis == "informant"} == {"intelligence_report"}


def test_anyone_may_speak_of_themselves_in_any_record() -> None:
    for rules in RULES.values():
        assert rules.asserted_rule("family", "self_statement")
        assert not rules.asserted_rule("associate", "self_statement")


def test_a_court_supports_a_conviction_or_a_pending_charge_never_both() -> None:
    """R-26."""
    rules = [rule for rule in RULES["court_disposition"].relations if not rule.asserted]
    conditions = {rule.basis: rule.condition for rule in rules}
    assert set(conditions) == {"conviction", "charge"}
    convicted, pending = conditions["conviction"], conditions["charge"]
    assert convicted is not None
    assert pending is not None
    assert not convicted.values & pending.values


def test_a_charge_in_a_booking_needs_an_offence_that_names_the_person() -> None:
    charges = [rule for rule in RULES["booking"].relations if rule.basis == "charge"]
    assert charges
    for rule in charges:
        assert rule.condition is not None
        assert rule.condition.offence_names_people


def test_a_reporting_party_is_a_victim_or_a_witness_by_category() -> None:
    by_type = {rule.type: rule for rule in RULES["incident"].relations if not rule.asserted}
    assert "reporting_party" in by_type["witness_of"].from_roles
    assert by_type["witness_of"].from_categories == frozenset({"witness"})
    assert by_type["witness_of"].to_categories is None


def test_a_record_whose_number_names_a_matter_can_point_at_it() -> None:
    matters = set(catalog.enum_symbols("recordbus.v1.ReferenceType"))
    for kind, rules in RULES.items():
        assert rules.own_matter is None or rules.own_matter in matters
        pointed = {r[1:] for rule in rules.relations for r in rule.to_roles if r.startswith("@")}
        assert not pointed or rules.own_matter in pointed, kind


@pytest.fixture
def arrest() -> dict[str, Any]:
    return deepcopy(read_yaml("associations/arrest.yaml"))


def entry(kind: str, basis: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "from": ["arrestee"], "to": ["arrestee"], "basis": basis} | more


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        (entry("co_arrested", "conviction"), "may not create it here"),
        (entry("associate", "arrest"), "may not create it here"),
        (entry("family", "self_statement"), "only an asserted basis is asserted"),
        (entry("co_arrested", "arrest", to=["vehicle_used"]), "cannot lead to"),
        (entry("co_arrested", "arrest", to=["@arrest"]), "cannot lead to"),
        (entry("subject_of", "arrest", to=["@rumour"]), "no matter @rumour"),
        (entry("co_arrested", "arrest", to=["passenger"]), "no role passenger"),
        (entry("co_arrested", "arrest", to=["any_ship"]), "cannot lead to nothing"),
        (entry("co_arrested", "arrest", to=["victim"]), "no subject category is left"),
        (entry("co_arrested", "arrest", from_categories=["victim"]), "no subject category is left"),
    ],
)
def test_a_rule_that_is_not_allowed_cannot_be_loaded(
    arrest: dict[str, Any], rule: dict[str, Any], fault: str
) -> None:
    arrest["relations"] = [rule]
    with pytest.raises(CatalogError, match=fault):
        parse_rules("arrest", arrest)


def test_an_assertion_on_a_basis_that_follows_from_roles_cannot_be_loaded(
    arrest: dict[str, Any],
) -> None:
    arrest["asserted"] = [entry("co_arrested", "arrest")]
    with pytest.raises(CatalogError, match="only an asserted basis is asserted"):
        parse_rules("arrest", arrest)


def test_one_name_cannot_be_two_roles(arrest: dict[str, Any]) -> None:
    arrest["roles"]["phone"]["arrestee"] = {"says": "Again."}
    with pytest.raises(CatalogError, match="two roles are called arrestee"):
        parse_rules("arrest", arrest)


def test_a_file_is_about_its_own_kind(arrest: dict[str, Any]) -> None:
    with pytest.raises(CatalogError, match="is about arrest"):
        parse_rules("booking", arrest)
