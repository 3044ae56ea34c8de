"""R-01 to R-08, R-13, R-16: nothing unsupported is ever said; what would be is set aside whole."""

from __future__ import annotations

from typing import Any

import pytest

from recordbus.errors import Rejected
from streams.associate.handle import ASSOCIATIONS, DESIGNATIONS
from streams.associate.testing import Desk, arrest, mention, record_key, relation, resolved

KEY = record_key()
UNSUPPORTED = "unsupported_association"
PEOPLE = [mention("p1"), mention("p2")]


def refused(record: dict[str, Any], *, designations: bool = False) -> str:
    return Desk(designations=designations).reason(record)


def stating(type_: str, basis: str, kind: str = "arrest", **fields: Any) -> dict[str, Any]:
    """Give a record that states one relation between its two people."""
    stated = relation("p1", "p2", type_, basis, KEY, **fields)
    return arrest(record_kind=kind, mentions=PEOPLE, relations=[stated])


def with_fields(**fields: Any) -> dict[str, Any]:
    record = arrest()
    record["relations"] = [record["relations"][0] | fields]
    return record


def test_a_sound_record_is_taken() -> None:
    assert refused(arrest()) == ""


@pytest.mark.parametrize(
    ("kind", "type_", "basis"),
    [
        ("arrest", "co_arrested", "conviction"),
        ("field_contact", "co_arrested", "arrest"),
        ("arrest", "friend_of", "arrest"),
    ],
)
def test_r01_a_basis_creates_only_what_the_table_allows(kind: str, type_: str, basis: str) -> None:
    assert refused(stating(type_, basis, kind)) == UNSUPPORTED


@pytest.mark.parametrize(
    "field", ["record_kind", "department", "owner_ori", "content_hash"], ids=str
)
def test_r02_the_source_record_is_named_in_full(field: str) -> None:
    record = arrest()
    if field == "record_kind":
        assert refused(record | {"record_kind": "permit"}) == UNSUPPORTED
    else:
        assert refused(record | {field: ""}) == UNSUPPORTED


def test_r02_both_ends_are_mentions_of_the_record() -> None:
    assert refused(with_fields(to_local_id="p9")) == UNSUPPORTED
    assert refused(with_fields(to_local_id="p1")) == UNSUPPORTED


def test_r02_a_mention_without_an_entity_is_set_aside_and_what_stood_stands() -> None:
    desk = Desk()
    desk.intake(arrest())
    desk.identify(resolved())
    standing, states = desk.standing(), dict(desk.states)
    with pytest.raises(Rejected, match=UNSUPPORTED) as raised:
        desk.identify(resolved(entities={"p1": "ent-1", "v1": "ent-3"}))
    assert raised.value.reason == UNSUPPORTED
    assert (desk.standing(), desk.states) == (standing, states)


def test_r02_an_empty_entity_is_none() -> None:
    desk = Desk()
    desk.intake(arrest())
    with pytest.raises(Rejected, match=UNSUPPORTED):
        desk.identify(resolved(entities={"p1": "", "p2": "ent-2", "v1": "ent-3"}))


def test_r03_an_informant_is_never_a_fact() -> None:
    record = stating("associate", "informant", "intelligence_report", evidence_kind="fact")
    assert refused(record) == UNSUPPORTED


def test_r03_an_intel_contact_is_no_fact() -> None:
    sound = stating("seen_with", "field_contact", "field_contact", contact_basis="intel")
    assert refused(sound) == ""
    sound["relations"][0]["evidence_kind"] = "fact"
    assert refused(sound) == UNSUPPORTED


@pytest.mark.parametrize("category", ["victim", "witness"])
@pytest.mark.parametrize("end", ["from_category", "to_category"])
def test_r04_victims_and_witnesses_are_nobodys_associates(category: str, end: str) -> None:
    stated = {"kind": "incident", end: category}
    assert refused(stating("associate", "officer_assessment", **stated)) == UNSUPPORTED
    assert refused(stating("family", "self_statement", **stated)) == ""


def test_r05_an_assessment_without_a_grade_is_refused() -> None:
    assert refused(stating("associate", "informant", "intelligence_report", grade=None)) == (
        UNSUPPORTED
    )


def test_r06_one_association_a_record_pair_type_and_basis() -> None:
    record = arrest()
    record["relations"] *= 2
    assert refused(record) == UNSUPPORTED
    assert refused(with_fields(relation_id="0" * 64)) == UNSUPPORTED


@pytest.mark.parametrize("type_", ["associate", "member_of", "co_arrested"])
def test_r07_a_field_contact_gives_co_presence_only(type_: str) -> None:
    record = stating(type_, "field_contact", "field_contact")
    assert refused(record, designations=True) == UNSUPPORTED
    assert refused(stating("seen_with", "field_contact", "field_contact")) == ""


def derived(basis: str, **fields: Any) -> dict[str, Any]:
    """Give a booking that derives `co_arrested` or `co_defendant` of two other relations."""
    record = arrest(record_kind="booking")
    charge = relation("p1", "@case:1", "subject_of", "charge", KEY)
    inputs = [charge["relation_id"], record["relations"][2]["relation_id"]]
    type_ = "co_arrested" if basis == "arrest" else "co_defendant"
    own = relation("p2", "p1", type_, basis, KEY, derived_inputs=inputs, **fields)
    record["relations"] = [charge, record["relations"][2], own]
    return record


def test_r08_a_derived_association_takes_the_weakest_basis_and_the_earliest_end() -> None:
    desk = Desk()
    assert refused(derived("charge")) == UNSUPPORTED
    record = derived("arrest", first_date="2024-03-04")
    record["relations"][1]["first_date"] = "2024-02-01"
    desk.intake(record)
    desk.identify(resolved())
    found = desk.update(record["relations"][2])["association"]
    assert found["expires_at"].date().isoformat() == "2029-02-01"
    assert found["derived_inputs"] == record["relations"][2]["derived_inputs"]


def test_r08_what_it_is_derived_from_must_be_there() -> None:
    record = derived("arrest")
    record["relations"] = record["relations"][1:]
    assert refused(record) == UNSUPPORTED


def designation(age: int | None = 30) -> dict[str, Any]:
    people = [mention("p1", least_age_years=age), mention("o1", "organisation")]
    stated = relation("p1", "o1", "member_of", "officer_assessment", KEY)
    return arrest(record_kind="intelligence_report", mentions=people, relations=[stated])


def test_r13_designations_are_off_by_default() -> None:
    assert refused(designation()) == "designation_off"


def test_r13_designations_have_a_topic_of_their_own() -> None:
    desk = Desk(designations=True)
    desk.intake(designation())
    desk.identify(resolved(entities={"p1": "ent-1", "o1": "ent-9"}))
    assert desk.board[ASSOCIATIONS] == {}
    (update,) = desk.board[DESIGNATIONS].values()
    assert update["association"]["type"] == "member_of"
    desk.remove("withdrawn", 2)
    (update,) = desk.board[DESIGNATIONS].values()
    assert (update["reason"], desk.board[ASSOCIATIONS]) == ("withdrawn", {})


@pytest.mark.parametrize(("age", "reason"), [(12, "under_minimum_age"), (13, ""), (None, "")])
def test_r16_nobody_under_thirteen_is_designated(age: int | None, reason: str) -> None:
    assert refused(designation(age), designations=True) == reason


@pytest.mark.parametrize(
    ("ages", "flag"), [((17, 30), True), ((30, 17), True), ((18, None), False)]
)
def test_r16_minors_are_flagged(ages: tuple[int, int | None], flag: bool) -> None:
    desk = Desk()
    record = arrest()
    for person, age in zip(record["mentions"], ages, strict=False):
        person["least_age_years"] = age
    desk.intake(record)
    desk.identify(resolved())
    assert desk.update(record["relations"][0])["association"]["juvenile"] is flag
