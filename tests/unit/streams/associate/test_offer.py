"""What intake states of a live record, through intake's own handle, and that associate takes it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from recordbus.normalize.ages import least_age_years
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas.association_rules import association_rules
from streams.associate.offer import entities_under, relations_of_record
from streams.associate.testing import Desk, part
from streams.intake.testing import Desk as IntakeDesk
from streams.intake.testing import record_of

DAY = records.MOMENT.date()
ENTITY = entities_under(b"a secret")
KINDS = sorted(association_rules())


def published(kind: str, **fields: Any) -> dict[str, Any]:
    """Give a record as intake publishes it."""
    return record_of(IntakeDesk(MemoryRegistry()).say(records.change(kind, **fields)))


def offered(record: dict[str, Any]) -> dict[str, Any]:
    return relations_of_record(record, DAY, DAY, ENTITY)


@pytest.mark.parametrize("kind", KINDS)
def test_r02_every_kind_of_record_is_supported_once_its_mentions_are_known(kind: str) -> None:
    desk, said = Desk(), offered(published(kind))
    desk.intake(said)
    unresolved = [m["local_id"] for m in said["mentions"] if m["entity_id"] is None]
    mentions = [part("ResolvedMention", local_id=m, entity_id=f"e {m}") for m in unresolved]
    desk.identify(
        part(
            "RecordIdentities",
            record_key=said["record_key"], version=said["version"], mentions=mentions,
        )
    )  # fmt: skip
    wanted = 0 if is_over(said) else len(said["relations"])
    assert len(desk.board["associations.v1"]) == wanted
    assert set(desk.entities()) == {m["local_id"] for m in said["mentions"]}


def is_over(said: dict[str, Any]) -> bool:
    """Say whether the record says that what it states has ended."""
    return any(end["has_ended"] for end in said["ends"])


def test_equal_identifiers_are_one_entity_and_cannot_be_guessed_back() -> None:
    assert ENTITY("phone", "+16175550142") == ENTITY("phone", "+16175550142")
    assert ENTITY("phone", "+16175550142") != ENTITY("matter", "+16175550142")
    assert entities_under(b"another")("phone", "1") != ENTITY("phone", "1")


def coded(code: str) -> dict[str, Any]:
    return part("CodedValue", code=code)


def dated(value: str | None) -> dict[str, Any]:
    return part("DateValue", value=value)


def first_of(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=UTC)


NOW = records.MOMENT


@pytest.mark.parametrize(
    ("kind", "details", "name", "has_ended", "ends_at"),
    [
        ("warrant", {"warrant_status": coded("SERVED")}, "warrant_inactive", True, None),
        ("warrant", {"warrant_status": coded("ACTIVE")}, "warrant_inactive", False, None),
        ("warrant", {"expires_at": NOW}, "warrant_inactive", False, NOW),
        ("custody", {"released_at": NOW}, "custody_ended", False, NOW),
        ("incident", {"incident_status": coded("CLOSED")}, "case_closed", True, None),
        (
            "permit",
            {"valid_to": dated("2026-02-28")},
            "registration_ended",
            False,
            first_of(2026, 3),
        ),
        ("permit", {"valid_to": dated("2026-04")}, "registration_ended", False, first_of(2026, 5)),
        ("permit", {"valid_to": dated("2026-12")}, "registration_ended", False, first_of(2027, 1)),
        ("permit", {"valid_to": dated("2026")}, "registration_ended", False, first_of(2027, 1)),
        ("permit", {"valid_to": dated(None)}, "registration_ended", False, None),
        ("permit", {"valid_to": dated("9999-12-31")}, "registration_ended", False, None),
        ("permit", {"valid_to": dated("9999")}, "registration_ended", False, None),
    ],
)
def test_r21_a_record_tells_of_the_ends_of_its_clocks(
    kind: str, details: dict[str, Any], name: str, has_ended: bool, ends_at: datetime | None
) -> None:
    record = published(kind)
    type_name, known = record["body"]["details"]
    blank = dict.fromkeys(("warrant_status", "permit_status", "incident_status", "expires_at",
                           "valid_to", "released_at"))  # fmt: skip
    known |= {field: None for field in blank if field in known} | details
    record["body"]["details"] = (type_name, known)
    (end,) = offered(record)["ends"]
    assert end == {"name": name, "has_ended": has_ended, "ends_at": ends_at}


def test_r26_a_decision_does_not_end_the_record_that_tells_of_it() -> None:
    assert offered(published("court_disposition"))["ends"] == []


def test_r19_a_dispute_about_an_assertion_is_about_its_relation() -> None:
    record = published("arrest")
    relation = record["relations"][0]
    assertion = part(
        "Assertion", local_id="a1", relation=relation["type"],
        from_local_id=relation["to_local_id"], to_local_id=relation["from_local_id"],
    ) | {"basis": relation["basis"]}  # fmt: skip
    record["body"]["assertions"] = [assertion, assertion | {"local_id": "a2", "relation": "family"}]
    record["disputes"] = [
        part("Dispute", dispute_id=name, about_local_id=about)
        for name, about in (("D-1", "a1"), ("D-2", "p1"), ("D-3", None), ("D-4", "a2"))
    ]
    found = [(d["about_local_id"], d["about_relation_id"]) for d in offered(record)["disputes"]]
    whole = (None, None)
    assert found == [(None, relation["relation_id"]), ("p1", None), whole, whole]


def test_r16_the_lowest_age_that_a_record_allows_counts() -> None:
    person = records.person_role("arrest", "p1", age_years=18)
    assert least_age_years(person, date(2003, 4, 11)) == 17
    assert least_age_years(person, date(2024, 4, 11)) == 18
    person["age_range"] = part("AgeRange", low=15, high=25)
    assert least_age_years(person, date(2024, 4, 11)) == 15
    nobody = part("PersonRole", person=part("Person"))
    assert least_age_years(nobody, date(2024, 4, 11)) is None
