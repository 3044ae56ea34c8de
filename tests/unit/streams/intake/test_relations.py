"""Which relations follow from a record, and on which basis (R-01..R-08, R-13..R-18)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from recordbus.testing import records
from schemas.association_rules import association_rules
from schemas.rules import basis_table, relation_types
from streams.intake.testing import Desk, reason, record_of

GRADE = {"source": "S2", "information": "B", "handling": "C"}


def published(desk: Desk, kind: str, **body: Any) -> dict[str, Any]:
    handled = desk.say(records.change(kind, body=records.body(kind, **body)))
    assert reason(handled) is None, handled.quarantined
    return record_of(handled)


def edges(record: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(r["type"], r["from_local_id"], r["to_local_id"], r["basis"])
            for r in record["relations"]]  # fmt: skip


def details(kind: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    name, blank = records.body(kind)["details"]
    return name, blank | fields


def test_presence_at_one_contact_is_seen_with_and_nothing_more(desk: Desk) -> None:
    """R-07."""
    record = published(desk, "field_contact")
    assert {edge[0] for edge in edges(record)} == {"seen_with", "seen_in", "seen_at"}
    assert {edge[3] for edge in edges(record)} == {"field_contact"}
    assert ("seen_with", "p1", "p2", "field_contact") in edges(record)
    assert len(edges(record)) == 6


@pytest.mark.parametrize(("contact_basis", "kind", "grade"), [
    ("encounter", "fact", None), ("probable_cause", "fact", None),
    ("intel", "assessment",
     {"source": "not_assessed", "information": "not_assessed", "handling": "C"}),
])  # fmt: skip
def test_intel_is_never_fact(
    desk: Desk, contact_basis: str, kind: str, grade: dict[str, str] | None
) -> None:
    """R-03, R-05: and it has a grade, even when the department states none."""
    given = details("field_contact", contact_basis=contact_basis)
    for relation in published(desk, "field_contact", details=given)["relations"]:
        assert relation["evidence_kind"] == kind
        assert relation["contact_basis"] == contact_basis
        assert relation["grade"] == grade


def test_a_record_s_own_grade_is_used_where_the_basis_asks_for_one(desk: Desk) -> None:
    given = details("field_contact", contact_basis="intel", grade=GRADE)
    relations = published(desk, "field_contact", details=given)["relations"]
    assert [relation["grade"] for relation in relations] == [GRADE] * len(relations)


def test_arrestees_are_co_arrested_and_subject_of_the_arrest(desk: Desk) -> None:
    people = records.people("arrest", "arrestee", "arrestee", "victim", "witness")
    record = published(desk, "arrest", people=people)
    found = edges(record)
    matter = record["normalised"]["matters"][0]["local_id"]
    assert ("co_arrested", "p1", "p2", "arrest") in found
    assert ("subject_of", "p1", matter, "arrest") in found
    assert not [edge for edge in found if {"p3", "p4"} & {edge[1], edge[2]}]


@pytest.mark.parametrize("kind", association_rules())
def test_victims_and_witnesses_never_carry_an_associate_relation(desk: Desk, kind: str) -> None:
    """R-04, for every role of every record kind at once."""
    rules = association_rules()[kind]
    roles = sorted(rules.roles_of("person"))
    people = []
    for name in roles:
        for category in sorted(rules.roles[name].subject_categories):
            local_id = f"{name}-{category}"
            people += [records.person_role(kind, f"{local_id}-{n}", name, subject_category=category)
                       for n in (1, 2)]  # fmt: skip
    record = published(desk, kind, people=people)
    for relation in record["relations"]:
        assert not relation["derived_inputs"]
        if relation_types()[relation["type"]].associate:
            ends = {relation["from_category"], relation["to_category"]}
            assert not ends & {"victim", "witness"}


@pytest.mark.parametrize("kind", association_rules())
def test_every_relation_of_every_kind_is_allowed_by_the_basis_table(desk: Desk, kind: str) -> None:
    """R-01, R-03, R-05, R-06."""
    people = [records.person_role(kind, f"p-{name}", name)
              for name in sorted(association_rules()[kind].roles_of("person"))]  # fmt: skip
    record = published(desk, kind, people=people)
    ids = [relation["relation_id"] for relation in record["relations"]]
    assert len(ids) == len(set(ids))
    for relation in record["relations"]:
        basis = basis_table()[relation["basis"]]
        assert basis.allows(kind, relation["type"])
        evidence = basis.evidence_for(relation["contact_basis"])
        assert relation["evidence_kind"] == evidence.kind
        assert (relation["grade"] is not None) == evidence.grade_required


def test_a_symmetric_pair_has_one_relation(desk: Desk) -> None:
    people = records.people("custody", "detainee", "detainee", "cell_mate")
    found = [edge for edge in edges(published(desk, "custody", people=people))
             if edge[0] == "housed_with"]  # fmt: skip
    assert sorted(edge[1:3] for edge in found) == [("p1", "p2"), ("p1", "p3"), ("p2", "p3")]


@pytest.mark.parametrize(("outcome", "basis"), [
    ("convicted", {"conviction"}), ("pending", {"charge"}), ("deferred", {"charge"}),
    ("dismissed", set()), ("acquitted", set()), ("unfounded", set()),
])  # fmt: skip
def test_a_court_s_outcome_decides_what_stands(desk: Desk, outcome: str, basis: set[str]) -> None:
    """R-26 within the record itself."""
    people = records.people("court_disposition", "defendant", "defendant")
    given = details("court_disposition", outcome=outcome)
    record = published(desk, "court_disposition", people=people, details=given)
    assert {relation["basis"] for relation in record["relations"]} == basis


def test_a_charge_needs_an_offence_that_names_those_concerned(desk: Desk) -> None:
    people = records.people("booking", "bookee", "bookee", "bookee")
    offence = records.part("Offence", local_id="o1", code=records.coded("13A"), count=1,
                           person_local_ids=["p1", "p2"])  # fmt: skip
    record = published(desk, "booking", people=people, offences=[offence])
    charged = [edge for edge in edges(record) if edge[3] == "charge"]
    assert ("co_defendant", "p1", "p2", "charge") in charged
    assert not [edge for edge in charged if "p3" in edge]


def test_relations_bear_the_days_that_their_record_speaks_for(desk: Desk) -> None:
    value = records.part("DateValue", value="2021-05")
    given = details("vehicle_registration", valid_from=value,
                    valid_to=records.part("DateValue", value="2023-05-31"))  # fmt: skip
    for relation in published(desk, "vehicle_registration", details=given)["relations"]:
        assert (relation["first_date"], relation["last_date"]) == ("2021-05-01", "2023-05-31")
    for relation in published(desk, "citation")["relations"]:
        assert (relation["first_date"], relation["last_date"]) == ("2024-03-05", None)


def test_a_crowd_in_one_role_is_refused_before_it_multiplies(desk: Desk) -> None:
    people = records.people("field_contact", *["contact"] * 200)
    handled = desk.say(records.change(body=records.body(people=people)))
    assert reason(handled) == "too_many_items"


def stated(*given: dict[str, Any], kind: str = "incident", **more: Any) -> dict[str, Any]:
    people = records.people(kind, "involved_person", "involved_person", "victim")
    organisations = [records.organisation_role(kind, "g1")]
    body = {"people": people, "organisations": organisations, "assertions": list(given)} | more
    return records.change(kind, body=records.body(kind, **body))


def test_an_assessment_becomes_a_relation_with_its_grade(desk: Desk) -> None:
    given = records.assertion("associate", "p1", "p2", "officer_assessment", grade=GRADE)
    relations = record_of(desk.say(stated(given)))["relations"]
    (found,) = [relation for relation in relations if relation["type"] == "associate"]
    assert (found["evidence_kind"], found["grade"]) == ("assessment", GRADE)
    assert found["first_date"] == "2024-03-05"


@pytest.mark.parametrize(("given", "expected"), [
    (records.assertion("associate", "p1", "p2", "officer_assessment", grade=None), "missing_grade"),
    (records.assertion("family", "p1", "p2", "self_statement", wording=" "), "missing_wording"),
    (records.assertion("family", "p1", "p2", "officer_assessment"), "unknown_relation"),
    (records.assertion("conspires", "p1", "p2", "officer_assessment"), "unknown_relation"),
    (records.assertion("associate", "p1", "p2", "informant"), "unknown_relation"),
    (records.assertion("associate", "p1", "p3", "officer_assessment"), "unknown_relation"),
    (records.assertion("associate", "p1", "v1", "officer_assessment"), "unknown_relation"),
    (records.assertion("associate", "p1", "p1", "officer_assessment"), "dangling_reference"),
    (records.assertion("associate", "p1", "p9", "officer_assessment"), "dangling_reference"),
    (records.assertion("member_of", "p1", "g1", "officer_assessment"), "designation_off"),
])  # fmt: skip
def test_what_an_assertion_may_not_state(desk: Desk, given: Any, expected: str) -> None:
    """R-04, R-05, R-13, R-15: refused with the rule, and nothing of the record is half-applied."""
    assert reason(desk.say(stated(given))) == expected
    assert desk.say(records.change("incident", source_seq=9)).outcome == "accepted"


def test_an_informant_s_word_is_handled_with_code_c(desk: Desk) -> None:
    people = records.people("intelligence_report", "subject", "mentioned_person")
    for handling, expected in (("P", "handling_required"), ("C", None)):
        grade = GRADE | {"handling": handling}
        given = records.assertion("associate", "p1", "p2", "informant", grade=grade)
        body = records.body("intelligence_report", people=people, assertions=[given])
        assert reason(desk.say(records.change("intelligence_report", body=body))) == expected


def test_stating_a_relation_twice_extends_its_days(desk: Desk) -> None:
    """R-06: one relation per pair, type, basis and record."""
    later = records.MOMENT.replace(day=20)
    given = [
        records.assertion("associate", "p1", "p2", "officer_assessment", local_id=x, made_at=at)
        for x, at in (("a1", later), ("a2", records.MOMENT))
    ]
    relations = record_of(desk.say(stated(*given)))["relations"]
    (found,) = [relation for relation in relations if relation["type"] == "associate"]
    assert (found["first_date"], found["last_date"]) == ("2024-03-05", "2024-03-20")


def test_a_designation_of_an_organisation_is_off_too(desk: Desk) -> None:
    organisation = records.organisation_role("incident", "g1", designation="criminal street gang")
    change = records.change("incident", body=records.body("incident", organisations=[organisation]))
    assert reason(desk.say(change)) == "designation_off"


CRITERIA = [
    records.part("Criterion", code=code, source_record="R-1", observed_on="2023-01-01")
    for code in ("admitted", "documented")
]


def designation(**fields: Any) -> dict[str, Any]:
    told = records.part("Notice", given_at=records.MOMENT)
    given = {"criteria": CRITERIA, "supervisor_id": "sgt-7", "notice": told} | fields
    return records.assertion("member_of", "p1", "g1", "officer_assessment", **given)


def test_a_documented_designation_passes_where_a_bus_allows_it(designating_desk: Desk) -> None:
    """R-13, R-14."""
    relations = record_of(designating_desk.say(stated(designation())))["relations"]
    assert "member_of" in {relation["type"] for relation in relations}


@pytest.mark.parametrize("given", [
    designation(criteria=CRITERIA[:1]),
    designation(criteria=[CRITERIA[0], CRITERIA[0]]),
    designation(criteria=[c | {"observed_on": "2018-01-01"} for c in CRITERIA]),
    designation(criteria=[c | {"source_record": ""} for c in CRITERIA]),
    designation(supervisor_id=None),
])  # fmt: skip
def test_an_undocumented_designation_is_refused(designating_desk: Desk, given: Any) -> None:
    """R-14."""
    assert reason(designating_desk.say(stated(given))) == "missing_criteria"


@pytest.mark.parametrize(("notice", "expected"), [
    (None, "missing_notice"),
    ({"given_at": None, "exception": None}, "missing_notice"),
    ({"given_at": records.MOMENT + timedelta(days=1), "exception": None}, "missing_notice"),
    ({"given_at": records.MOMENT, "exception": None}, None),
    ({"given_at": None, "exception": "active_investigation"}, None),
])  # fmt: skip
def test_r18_a_designation_holds_only_once_the_person_knows(
    designating_desk: Desk, notice: Any, expected: str | None
) -> None:
    handled = designating_desk.say(stated(designation(notice=notice)))
    assert reason(handled) == expected
    excused = [note.labels[1] for note in handled.notes if note.name == "unnoticed"]
    assert excused == (["active_investigation"] if notice and notice["exception"] else [])


def test_r18_an_exception_excuses_no_notice_that_is_yet_to_come(designating_desk: Desk) -> None:
    """Who is to be told tomorrow is designated tomorrow."""
    later = {"given_at": records.MOMENT + timedelta(days=1), "exception": "health_or_safety"}
    assert reason(designating_desk.say(stated(designation(notice=later)))) == "missing_notice"


@pytest.mark.parametrize(("fields", "expected"), [
    ({"age_years": 12}, "under_minimum_age"), ({"age_years": 0}, "under_minimum_age"),
    ({"age_range": {"low": 11, "high": 15}}, "under_minimum_age"),
    ({"person": records.person(date_of_birth=records.part("DateValue", value="2011-03-06"))},
     "under_minimum_age"),
    ({"person": records.person(date_of_birth=records.part("DateValue", value="2011-03-05"))}, None),
    ({"person": records.person(date_of_birth=None)}, None),
])  # fmt: skip
def test_no_child_under_13_is_designated(
    designating_desk: Desk, fields: dict[str, Any], expected: str | None
) -> None:
    """R-16."""
    people = [records.person_role("incident", "p1", "involved_person", **fields)]
    change = stated(designation(), people=people)
    assert reason(designating_desk.say(change)) == expected


def test_an_informant_s_designation_never_stands_alone(designating_desk: Desk) -> None:
    """R-14 and the basis table."""
    kind = "intelligence_report"
    people = records.people(kind, "subject", "mentioned_person")
    word = designation() | {"basis": "informant", "local_id": "a1"}
    for others, expected in (([], "missing_criteria"), ([designation()], None)):
        body = records.body(kind, people=people, assertions=[word, *others],
                            organisations=[records.organisation_role(kind, "g1")])  # fmt: skip
        assert reason(designating_desk.say(records.change(kind, body=body))) == expected
