"""R-21 and R-22: the bus computes when an association ends, and what moves its clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from streams.associate.clocks import ENDED, expires_at, micros
from streams.associate.testing import (
    DAY,
    Desk,
    arrest,
    as_read,
    part,
    record_key,
    relation,
    resolved,
)

KEY = record_key()


def ends(type_: str, basis: str, *, juvenile: bool = False, **fields: Any) -> datetime | int | None:
    """Give when a relation of a record of DAY ends; `first` and `last` are the relation's."""
    days = {f"{end}_date": fields.pop(end) for end in ("first", "last") if end in fields}
    record = as_read(arrest(relations=[relation("p1", "p2", type_, basis, KEY, **days)], **fields))
    found = expires_at(record.relations[0], record, juvenile=juvenile)
    return found if not found else datetime.fromtimestamp(found / 1_000_000, UTC)


def end(name: str, *, has_ended: bool = False, at: datetime | None = None) -> list[dict[str, Any]]:
    return [part("RecordEnd", name=name, has_ended=has_ended, ends_at=at)]


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("type_", "basis", "until"),
    [
        ("co_defendant", "conviction", None),
        ("co_defendant", "charge", None),
        ("co_arrested", "arrest", "2029-03-05"),
        ("drives", "citation", "2027-03-05"),
        ("subject_of", "warrant", None),
        ("housed_with", "custody", None),
        ("owns", "registration", None),
        ("victim_of", "victim_or_witness_report", None),
        ("seen_with", "field_contact", "2025-03-05"),
        ("family", "self_statement", "2029-03-05"),
        ("associate", "officer_assessment", "2025-03-05"),
        ("associate", "informant", "2025-03-05"),
    ],
)
def test_r21_each_basis_has_its_clock(type_: str, basis: str, until: str | None) -> None:
    assert ends(type_, basis) == (day(until) if until else None)


def test_r21_what_the_record_says_is_over_is_over() -> None:
    assert ends("subject_of", "warrant", ends=end("warrant_inactive", has_ended=True)) == ENDED
    at = DAY + timedelta(days=40, hours=3)
    assert ends("subject_of", "warrant", ends=end("warrant_inactive", at=at)) == at
    assert ends("subject_of", "warrant", ends=end("custody_ended", has_ended=True)) is None


def test_r21_custody_is_told_of_for_a_year_after_it_ended() -> None:
    told = end("custody_ended", at=day("2024-06-01"))
    assert ends("housed_with", "custody", ends=told) == day("2025-06-01")


def test_r21_a_leap_day_ends_on_the_last_of_february() -> None:
    found = ends("seen_with", "field_contact", first="2024-02-29", first_recorded_on="2024-03-01")
    assert found == day("2025-02-28")


def test_r21_no_review_reaches_beyond_the_ceiling() -> None:
    reviewed: dict[str, Any] = {
        "reviewed_at": [day("2028-06-01")],
        "published_at": day("2028-06-02"),
    }
    assert ends("associate", "officer_assessment", **reviewed) == day("2029-03-05")


def test_r22_a_documented_review_moves_the_clock() -> None:
    reviewed: dict[str, Any] = {
        "reviewed_at": [day("2024-09-01")],
        "published_at": day("2024-09-02"),
    }
    assert ends("seen_with", "field_contact", **reviewed) == day("2025-09-01")


def test_r22_a_review_that_is_yet_to_come_does_not() -> None:
    assert ends("seen_with", "field_contact", reviewed_at=[day("2030-01-01")]) == day("2025-03-05")


def test_r22_a_date_after_the_first_recording_does_not_move_it() -> None:
    """A record without a date of its own takes that of its recording, which an update moves."""
    assert ends("seen_with", "field_contact", first="2026-01-01") == day("2025-03-05")
    assert ends("seen_with", "field_contact", last="2026-01-01") == day("2025-03-05")
    assert ends("seen_with", "field_contact", first="2024-01-01") == day("2025-01-01")


def test_r22_an_update_of_identifying_fields_leaves_the_clock_alone() -> None:
    desk, later = Desk(), DAY + timedelta(days=300)
    desk.intake(arrest())
    desk.identify(resolved())
    pair = arrest()["relations"][0]
    before = desk.update(pair)["association"]["expires_at"]
    moved: dict[str, Any] = {"recorded_at": later, "published_at": later, "content_hash": "f" * 64}
    desk.intake(arrest(2, **moved))
    desk.identify(resolved(2))
    assert desk.update(pair)["status"] == "changed"
    assert desk.update(pair)["association"]["expires_at"] == before


@pytest.mark.parametrize(("juvenile", "until"), [(False, "2029-01-01"), (True, "2027-03-05")])
def test_r16_a_designation_of_a_juvenile_has_a_shorter_ceiling(juvenile: bool, until: str) -> None:
    reviewed: dict[str, Any] = {
        "reviewed_at": [day("2028-01-01")],
        "published_at": day("2028-06-02"),
    }
    found = ends("member_of", "officer_assessment", juvenile=juvenile, **reviewed)
    assert found == day(until)


def test_an_instant_is_told_in_microseconds() -> None:
    assert micros(datetime(1970, 1, 1, 0, 0, 1, 5, UTC)) == 1_000_005
