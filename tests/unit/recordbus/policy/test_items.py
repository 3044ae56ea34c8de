"""What of a record a decision depends on: every relation counts, and the document by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from recordbus.policy.decision import Item
from recordbus.policy.items import (
    evidence_of,
    is_designation,
    is_possible,
    item_of_association,
    items_of_record,
)
from schemas.catalog import basis_table, record_kinds

MOMENT = datetime(2024, 4, 11, tzinfo=UTC)


def body(**fields: Any) -> dict[str, Any]:
    return {"people": [], "organisations": [], "details": {}} | fields


def record(**fields: Any) -> Any:
    return {
        "record_kind": "arrest", "department": "harbor-city-pd", "status": "live",
        "dissemination_level": "law_enforcement", "disputes": [], "occurred_at": MOMENT,
        "first_recorded_on": "2024-04-12", "recorded_at": MOMENT,
        "body": body(), "relations": [],
    } | fields  # fmt: skip


def relation(**fields: Any) -> dict[str, Any]:
    return {
        "type": "co_arrested", "basis": "arrest", "evidence_kind": "fact", "derived_inputs": [],
    } | fields  # fmt: skip


def person(**fields: Any) -> dict[str, Any]:
    said = {"age_years": None, "age_range": None, "person": {"date_of_birth": None}}
    return said | fields


def association(**fields: Any) -> Any:
    said = {
        "type": "co_arrested", "basis": "arrest", "evidence_kind": "fact", "juvenile": False,
        "derived_inputs": [], "disputes": [], "dissemination_level": "law_enforcement",
        "source": {"department": "harbor-city-pd", "record_kind": "arrest"},
    } | fields  # fmt: skip
    return {"association": said}


def test_a_record_is_its_document_and_every_relation_in_it() -> None:
    informant = relation(type="associate", basis="informant", evidence_kind="assessment")

    items = items_of_record(record(relations=[relation(), relation(), informant]))

    assert [(item.basis, item.evidence_kind) for item in items] == [
        (None, "fact"), ("arrest", "fact"), ("informant", "assessment"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "mark"),
    [
        ({"status": "sealed", "body": None}, "sealed"),
        ({"disputes": [{"resolved_at": None}]}, "disputed"),
        ({"body": body(people=[person(age_years=17)])}, "juvenile"),
        ({"relations": [relation(type="member_of")]}, "designation"),
        ({"body": body(organisations=[{"organisation": {"designation": "gang"}}])}, "designation"),
        ({"relations": [relation(derived_inputs=["r1"])]}, "derived"),
    ],
)
def test_r08_r13_r16_r19_r25_a_record_carries_its_marks(fields: dict[str, Any], mark: str) -> None:
    assert any(getattr(item, mark) for item in items_of_record(record(**fields)))
    assert not any(getattr(item, mark) for item in items_of_record(record(relations=[relation()])))


@pytest.mark.parametrize(
    ("who", "is_juvenile"),
    [
        (person(age_years=18), False),
        (person(age_range={"low": 16, "high": 25}), True),
        (person(person={"date_of_birth": {"value": "2006-04-12"}}), True),
        (person(person={"date_of_birth": {"value": "2006-04-11"}}), False),
        (person(), False),
    ],
)
def test_r16_who_may_have_been_under_age_at_the_event_makes_it_about_a_juvenile(
    who: dict[str, Any], is_juvenile: bool
) -> None:
    (item,) = items_of_record(record(body=body(people=[who])))

    assert item.juvenile is is_juvenile


def test_without_an_event_ages_are_counted_to_when_it_was_first_recorded() -> None:
    young = body(people=[person(person={"date_of_birth": {"value": "2006-04-12"}})])

    (item,) = items_of_record(record(body=young, occurred_at=None))

    assert not item.juvenile  # 18 on the day after


def test_a_resolved_dispute_is_none() -> None:
    (item,) = items_of_record(record(disputes=[{"resolved_at": MOMENT}]))

    assert not item.disputed


def test_an_association_is_one_item() -> None:
    assert item_of_association(
        association(juvenile=True, disputes=[{"resolved_at": None}])
    ) == Item("harbor-city-pd", "arrest", "fact", "arrest", juvenile=True, disputed=True)
    assert item_of_association({"association": None}) is None  # type: ignore[typeddict-item]


def test_r13_a_relation_that_nobody_knows_counts_as_a_designation() -> None:
    assert is_designation("member_of")
    assert is_designation("a-relation-of-tomorrow")
    assert not is_designation("co_arrested")


@pytest.mark.parametrize(
    ("kind", "contact_basis", "evidence"),
    [
        ("arrest", None, "fact"), ("incident", None, "assessment"),
        ("field_contact", "encounter", "fact"), ("field_contact", "intel", "assessment"),
        ("intelligence_report", None, "assessment"), ("missing_person", None, "assessment"),
        ("rumour", None, "assessment"),
    ],
)  # fmt: skip
def test_r03_a_document_is_a_fact_only_if_a_basis_of_its_kind_is_one(
    kind: str, contact_basis: str | None, evidence: str
) -> None:
    assert evidence_of(kind, contact_basis) == evidence
    details = {"contact_basis": contact_basis} if contact_basis else {}
    if kind in record_kinds():
        said = body(details=details)
        assert items_of_record(record(record_kind=kind, body=said))[0].evidence_kind == evidence


def test_what_is_possible_is_what_the_basis_table_says() -> None:
    assert is_possible("arrest", "arrest", "fact")
    assert not is_possible("arrest", "arrest", "assessment")
    assert not is_possible("arrest", "informant", "assessment")
    assert is_possible("field_contact", "field_contact", "assessment")
    assert all(
        any(is_possible(kind, basis, evidence) for kind in record_kinds())
        for basis, row in basis_table().items()
        for evidence in [row.evidence.kind]
    )
