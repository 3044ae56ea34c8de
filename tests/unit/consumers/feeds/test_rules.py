"""One rule a test, from what an owner publishes to what two agencies hold under two agreements.

The task force investigates and is given all; the court prosecutes and is given a pointer, or less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from consumers.feeds.saying import topics
from consumers.search.changes import DESIGNATIONS_TOPIC
from recordbus.testing import records
from recordbus.verification import VERIFICATIONS
from tests.unit.consumers.feeds.county import (
    COURT,
    INVESTIGATION,
    METRO,
    OTHER,
    QUESTION,
    REVIEW,
    County,
    rule,
)

Open = Callable[..., County]
NARRATIVE = "Both were arrested beside the parked car."
CRITERIA = [
    records.part("Criterion", code=code, source_record="R-1", observed_on="2023-01-01")
    for code in ("admitted", "documented")
]


@pytest.fixture
def open_county(tmp_path: Path) -> Iterator[Open]:
    """Give what opens a bus with two agencies, of which the court has what `court` says."""
    opened: list[County] = []

    def make(court: dict[str, str] | None = None, *, designations: bool = False) -> County:
        county = County(tmp_path / "feeds.sqlite", designations=designations)
        opened.append(county)
        county.agree(metro={"all": rule("full", INVESTIGATION, designations=_word(designations))},
                     court={"some": court or rule("pointer", REVIEW)})  # fmt: skip
        county.subscribe()
        return county

    yield make
    for each in opened:
        each.ledger.close()


def _word(flag: bool) -> str:
    return "true" if flag else "false"


def arrest(narrative: str = NARRATIVE, **fields: Any) -> dict[str, Any]:
    """Give a body of an arrest."""
    return records.body("arrest", record_id="A-1", narrative=narrative, **fields)


def changes(envelopes: list[dict[str, Any]]) -> set[tuple[str, str, str | None]]:
    """Give kind of subject, status and reason of what was told."""
    return {
        (each["subject"].partition("/")[0], each["data"]["status"], each["data"]["reason"])
        for each in envelopes
    }


def states(envelopes: list[dict[str, Any]]) -> set[tuple[str, str | None]]:
    """Give state and date of the owner's answer in each of what was told."""
    return {(each["data"]["verification"], each["data"]["verification_at"]) for each in envelopes}


def designation(**fields: Any) -> dict[str, Any]:
    """Give a body with a documented designation of its first person, who was told of it."""
    told = records.part("Notice", given_at=records.MOMENT)
    given = {"criteria": CRITERIA, "supervisor_id": "sgt-7", "notice": told} | fields
    people = records.people("incident", "involved_person", "involved_person")
    return records.body(
        "incident", people=people,
        organisations=[records.organisation_role("incident", "g1")],
        assertions=[records.assertion("member_of", "p1", "g1", "officer_assessment", **given)],
    )  # fmt: skip


def test_r34_an_owner_verifies_and_every_copy_says_so_until_the_record_changes(
    open_county: Open,
) -> None:
    county = open_county()
    key = county.publish("arrest", "A-1", 1, body=arrest())
    assert states([*county.told(METRO), *county.told(COURT)]) == {("unverified", None)}

    county.ask(METRO, key)
    assert county.told(METRO) == [], "a question changes nothing"
    county.answer(key, 1, "verified")
    told = county.told(METRO)
    assert changes(told) == {
        ("record", "changed", "verification"), ("association", "changed", "verification"),
    }  # fmt: skip
    assert {state for state, _ in states(told)} == {"verified"}
    assert all(at is not None and at.startswith("2024-03-06T") for _, at in states(told))
    assert county.owed(METRO) == [], "what is confirmed asks for nothing to be put right"
    assert county.told(COURT) == [], "whoever holds no content has nothing to rely on"

    county.publish("arrest", "A-1", 2, body=arrest("He was arrested alone."))
    assert states(county.told(METRO)) == {("unverified", None)}
    county.answer(key, 1, "verified")
    assert county.told(METRO) == [], "an answer about an older version counts for no other"
    county.answer(key, 2, "verified")
    assert {state for state, _ in states(county.told(METRO))} == {"verified"}


def test_r34_what_an_owner_refuses_is_told_and_receipted(open_county: Open) -> None:
    county = open_county()
    key = county.publish("arrest", "A-1", 1, body=arrest())
    subject = next(each for each in county.holds(METRO) if each.startswith("association/"))
    county.told(METRO)
    county.ask(METRO, key, subject)
    county.answer(key, 1, "refused")
    (told,) = county.told(METRO)
    assert (told["subject"], told["data"]["verification"]) == (subject, "refused")
    assert county.owed(METRO) == [subject], "nobody goes on relying on it unnoticed"
    county.publish("arrest", "A-2", 1, body=arrest())
    new = [each for each in county.told(METRO) if each["data"]["status"] == "asserted"]
    assert states(new) == {("unverified", None)}, "it was about this one and no other"


def test_r34_only_the_owner_answers_and_only_what_was_asked(open_county: Open) -> None:
    county = open_county()
    key = county.publish("arrest", "A-1", 1, body=arrest())
    county.told(METRO)
    county.answer(key, 1, "verified")
    county.ask(METRO, key)
    county.answer(key, 1, "verified", by=OTHER)
    assert county.reasons == ["unknown_verification", "origin_mismatch"]
    assert county.told(METRO) == []


def test_r13_a_designation_leaves_its_owner_as_a_pointer_or_not_at_all(open_county: Open) -> None:
    full = rule("full", REVIEW)
    county = open_county(full, designations=True)
    county.publish("incident", "I-1", 1, body=designation())
    assert county.reasons == []
    (update,) = county.said(DESIGNATIONS_TOPIC)
    edge, told = f"association/{update['association_id']}", county.told(METRO)
    pointed = {each["subject"]: each["data"] for each in told if each["data"]["level"] == "pointer"}
    assert pointed.keys() == {edge, f"record/{update['record_key']}"}, "it says what it designates"
    for data in pointed.values():
        assert data["content"].keys() == {"level", "department", "owner_ori", "contact"}
    assert all("member_of" not in str(each) for each in told)
    other = {each["subject"] for each in county.told(COURT)}
    assert other, "the other ties of the record are the agreement's"
    assert not any(each == edge or each.startswith("record/") for each in other)


def test_r13_an_organisation_that_is_designated_is_pointed_to_as_well(open_county: Open) -> None:
    county = open_county(rule("full", REVIEW), designations=True)
    named = records.organisation_role("incident", "g1", designation="criminal street gang")
    county.publish("incident", "I-1", 1, body=records.body("incident", organisations=[named]))
    assert county.reasons == []
    (record,) = [each for each in county.told(METRO) if each["subject"].startswith("record/")]
    assert record["data"]["level"] == "pointer"
    assert not [each for each in county.told(COURT) if each["subject"].startswith("record/")]


def test_r13_designations_are_off_unless_a_bus_has_them(open_county: Open) -> None:
    county = open_county()
    county.publish("incident", "I-1", 1, body=designation())
    assert county.reasons == ["designation_off"]
    assert DESIGNATIONS_TOPIC not in topics(designations=False)
    assert county.holds(METRO) == {}


def test_r16_who_may_be_under_age_is_for_agreements_that_name_it(open_county: Open) -> None:
    county = open_county(rule("full", REVIEW, juveniles="false"))
    people = [
        records.person_role("arrest", "p1", age_years=15),
        records.person_role("arrest", "p2", person=records.person("Ruth", "Delgado-Pires")),
    ]
    county.publish("arrest", "A-1", 1, body=arrest(people=people))
    assert any(each["association"]["juvenile"] for name, each in county.holds(METRO).items()
               if name.startswith("association/"))  # fmt: skip
    assert not any(name.startswith("record/") for name in county.holds(COURT))
    assert not any(each["association"]["juvenile"] for each in county.holds(COURT).values())


@pytest.mark.parametrize(("age", "reason"), [(12, "under_minimum_age"), (101, "implausible_age")])
def test_r16_no_copy_designates_a_child_or_an_age_that_nobody_has(
    open_county: Open, age: int, reason: str
) -> None:
    county = open_county(designations=True)
    body = designation()
    body["people"][0]["age_years"] = age
    county.publish("incident", "I-1", 1, body=body)
    assert county.reasons == [reason]
    assert county.holds(METRO) == {}


@pytest.mark.parametrize(("age", "until"), [(16, "2027-03-05"), (30, "2027-09-01")])
def test_r16_a_minor_s_designation_ends_after_three_years_however_often_it_is_reviewed(
    open_county: Open, age: int, until: str
) -> None:
    county = open_county(designations=True)
    county.clock.advance(2.9 * 365 * 86_400)
    body = designation()
    body["people"][0] |= {"age_years": age, "person": records.person(date_of_birth=None)}
    reviewed = datetime(2026, 9, 1, tzinfo=UTC)
    review = records.part("Review", reviewed_at=reviewed, reviewer_role="sergeant", outcome="kept")
    county.publish("incident", "I-1", 1, body=body, reviews=[review])
    (update,) = county.said(DESIGNATIONS_TOPIC)
    assert update["association"]["expires_at"].date().isoformat() == until
    assert update["association"]["juvenile"] is (age < 18)


def test_r18_nobody_is_designated_in_any_copy_before_they_know(open_county: Open) -> None:
    county = open_county(designations=True)
    county.publish("incident", "I-1", 1, body=designation(notice=None))
    later = records.part("Notice", given_at=county.clock.now() + timedelta(days=30))
    county.publish("incident", "I-1", 2, body=designation(notice=later))
    assert county.reasons == ["missing_notice", "missing_notice"]
    assert county.holds(METRO) == county.holds(COURT) == {}
    county.clock.advance(31 * 86_400)
    county.publish("incident", "I-1", 2, body=designation(notice=later))
    assert len(county.reasons) == 2
    assert county.holds(METRO)
    assert not [note for note in county.notes if note.name == "unnoticed"]


def test_r18_a_coded_exception_is_counted(open_county: Open) -> None:
    county = open_county(designations=True)
    excused = records.part("Notice", exception="health_or_safety")
    county.publish("incident", "I-1", 1, body=designation(notice=excused))
    (counted,) = [note for note in county.notes if note.name == "unnoticed"]
    assert counted.labels == (records.DEPARTMENT, "health_or_safety")


def dispute(**fields: Any) -> dict[str, Any]:
    """Give a dispute by the person whom it is about."""
    said = {"dispute_id": "D-1", "by": "subject", "statement_reference": "S-1"}
    return records.part("Dispute", **(said | fields))


def test_r19_a_dispute_freezes_the_edge_in_every_feed_and_labels_it(open_county: Open) -> None:
    county = open_county()
    key = county.publish("arrest", "A-1", 1, body=arrest())
    edges = {agency: [name for name in county.holds(agency) if name.startswith("association/")]
             for agency in (METRO, COURT)}  # fmt: skip
    assert all(edges.values())
    county.told(METRO), county.told(COURT)

    county.publish("arrest", "A-1", 2, body=arrest(), disputes=[dispute()])
    for agency in (METRO, COURT):
        assert [name for name in county.holds(agency) if name.startswith("association/")] == []
        assert ("association", "retracted", "dispute") in changes(county.told(agency))
        assert set(edges[agency]) <= set(county.owed(agency))
    (label,) = county.holds(METRO)[f"record/{key}"]["disputes"]
    assert (label["dispute_id"], label["resolved_at"]) == ("D-1", None)

    resolved = [dispute(resolved_at=records.MOMENT)]
    county.publish("arrest", "A-1", 3, body=arrest(), disputes=resolved)
    for agency in (METRO, COURT):
        assert ("association", "asserted", None) in changes(county.told(agency))
        assert set(edges[agency]) <= county.holds(agency).keys()
    labelled = county.holds(METRO)[edges[METRO][0]]["association"]["disputes"]
    assert labelled[0]["resolved_at"] is not None, "that it was disputed stays with it"


def test_r19_a_dispute_about_one_person_freezes_that_person_s_edges_only(open_county: Open) -> None:
    county = open_county()
    county.publish("arrest", "A-1", 1, body=arrest())
    before = {name for name in county.holds(METRO) if name.startswith("association/")}
    county.publish("arrest", "A-1", 2, body=arrest(), disputes=[dispute(about_local_id="p2")])
    left = {name: each for name, each in county.holds(METRO).items() if name in before}
    assert left, "nobody disputed the rest"
    assert len(left) < len(before)
    ends = [each["association"][end] for each in left.values()
            for end in ("from_mention_id", "to_mention_id")]  # fmt: skip
    assert not any(each.endswith(".p2") for each in ends)


def test_r24_every_holder_is_told_of_a_correction_and_must_receipt_it(open_county: Open) -> None:
    county = open_county()
    key = county.publish("arrest", "A-1", 1, body=arrest())
    county.told(METRO)
    county.publish("arrest", "A-1", 2, body=arrest("He was arrested alone."))
    (told,) = [each for each in county.told(METRO) if each["subject"] == f"record/{key}"]
    assert (told["data"]["status"], told["data"]["reason"]) == ("changed", "corrected")
    assert told["data"]["receipt_within_hours"] == 24
    assert set(county.owed(METRO)) == set(county.holds(METRO)), "all that rests on it as well"
    assert county.owed(COURT) == [], "nothing that it holds was corrected"

    county.clock.advance(25 * 3600)
    county.rest()
    county.publish("arrest", "A-2", 1, body=arrest())
    assert "asserted" not in {each[1] for each in changes(county.told(METRO))}, "it is suspended"
    assert "asserted" in {each[1] for each in changes(county.told(COURT))}
    county.publish("arrest", "A-1", 3, body=arrest("Nobody was arrested."))
    assert ("record", "changed", "corrected") in changes(county.told(METRO)), "it is put right"

    county.receipt_all(METRO)
    assert ("record", "asserted", None) in changes(county.told(METRO))


def test_r25_a_sealed_record_is_no_record_but_for_purposes_that_are_named(
    open_county: Open,
) -> None:
    county = open_county(rule("pointer", REVIEW, sealed="true"))
    key = county.publish("arrest", "A-1", 1, body=arrest())
    held = set(county.holds(METRO))
    county.told(METRO)
    county.publish("arrest", "A-1", 2, status="sealed")
    assert county.holds(METRO) == {}
    assert {each[1:] for each in changes(county.told(METRO))} == {("retracted", "sealed")}
    assert set(county.owed(METRO)) == held
    assert county.holds(COURT).keys() == {f"record/{key}"}
    assert NARRATIVE not in str(county.holds(COURT))

    county.publish("arrest", "A-1", 3, body=arrest())
    assert set(county.holds(METRO)) == held, "unsealed, it is published again"


@pytest.mark.parametrize("selector", [{}, {"offences": ("13A",)}, {"bases": ("arrest",)}])
def test_r25_who_asks_later_for_a_named_purpose_is_pointed_to_the_owner(
    open_county: Open, selector: dict[str, Any]
) -> None:
    """Not where it was asked for by what is sealed: that it answers would tell what it says."""
    county = open_county(rule("pointer", REVIEW, sealed="true"))
    key = county.publish("arrest", "A-1", 1, body=arrest())
    county.publish("arrest", "A-1", 2, status="sealed")
    county.subscribe_again(COURT, REVIEW, selector)
    pointed = [each["subject"] for each in county.told(COURT, 2)]
    assert pointed == ([] if selector else [f"record/{key}"])
    county.subscribe_again(METRO, INVESTIGATION, {})
    assert county.told(METRO, 2) == [], "its purpose is not named"


def test_r25_an_expunged_record_is_in_no_copy_and_cannot_come_back(
    open_county: Open,
) -> None:
    county = open_county()
    key = county.publish("arrest", "A-1", 1, body=arrest())
    county.ask(METRO, key)
    county.answer(key, 1, "verified")
    assert NARRATIVE.encode() in _bytes_of(county)
    county.told(METRO), county.told(COURT)

    county.publish("arrest", "A-1", 2, status="expunged")
    for agency in (METRO, COURT):
        assert {each[1:] for each in changes(county.told(agency))} == {("retracted", "expunged")}
        assert county.holds(agency) == {}
        assert f"record/{key}" in county.owed(agency)
    assert NARRATIVE.encode() not in _bytes_of(county)
    assert QUESTION.encode() not in (county.last[VERIFICATIONS, key.encode()] or b"")

    county.publish("arrest", "A-1", 3, body=arrest())
    assert county.reasons == ["resurrection_attempt"]
    assert county.holds(METRO) == county.holds(COURT) == {}


def _bytes_of(county: County) -> bytes:
    """Give all that the last word of every topic, the stages and the ledger now hold."""
    tables = [value for (topic, _), value in county.last.items()
              if not topic.startswith("ingest.") and value is not None]  # fmt: skip
    stages = [value for room in county.rooms for value in room.values.values()]
    return b"".join((*tables, *stages, county.ledger_bytes()))
