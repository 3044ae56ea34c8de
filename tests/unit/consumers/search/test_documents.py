"""What a record becomes in the index: rows that keep each mention's facts to itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.search import tokens as t
from consumers.search.classes import items_in
from consumers.search.document import MentionType, Span
from consumers.search.documents import document, microseconds
from recordbus.errors import Rejected
from recordbus.testing import records
from recordbus.testing.records import coded, part, person, person_role
from schemas.types import Record

KIND = "field_contact"


def rows(made: Any, kind: MentionType) -> list[Any]:
    return [mention for mention in made.mentions if mention.type is kind]


def test_each_person_has_a_row_of_their_own(make_record: Any) -> None:
    two = [
        person_role(KIND, "p1", person=person("Ann", "Lee", hair_colour=coded("RED"), marks=[])),
        person_role(KIND, "p2", person=person("Bo", "Day", hair_colour=coded("BLK"))),
    ]
    made = document(make_record(people=two))

    ann, bo = (set(row.tokens.split()) for row in rows(made, MentionType.PERSON))

    assert {"n:ann", "n:lee", "ha:red"} <= ann
    assert {"n:bo", "n:day", "ha:blk", "mk:tat.l.arm"} <= bo
    assert not {"n:bo", "ha:blk", "mk:tat.l.arm"} & ann
    assert made.names == ("ann", "lee", "bo", "day")


def test_the_parts_of_one_mark_stay_together(make_record: Any) -> None:
    marks = [part("Mark", code=coded("TAT L ARM")), part("Mark", code=coded("SC R HND"))]
    made = document(make_record(people=[person_role(KIND, "p1", person=person(marks=marks))]))

    tokens = set(rows(made, MentionType.PERSON)[0].tokens.split())

    assert {"mk:tat.l.arm", "mk:tat..", "mk:.l.arm", "mk:sc.r.hnd", "mk:sc..hnd"} <= tokens
    assert "mk:tat.r.hnd" not in tokens


@pytest.mark.parametrize(
    ("stated", "born"),
    [
        ({"date_of_birth": part("DateValue", value="1985-04-12")},
         Span(date(1985, 4, 12).toordinal(), date(1985, 4, 12).toordinal())),
        ({"date_of_birth": part("DateValue", value="1985")},
         Span(date(1985, 1, 1).toordinal(), date(1985, 12, 31).toordinal())),
    ],
)  # fmt: skip
def test_a_birth_is_as_exact_as_the_record_says(
    make_record: Any, stated: dict[str, Any], born: Span
) -> None:
    made = document(make_record(people=[person_role(KIND, "p1", person=person(**stated))]))

    assert rows(made, MentionType.PERSON)[0].born == born


def test_an_age_at_the_event_says_when_somebody_may_have_been_born(make_record: Any) -> None:
    someone = person_role(KIND, "p1", person=person(date_of_birth=None), age_years=30)
    made = document(make_record(people=[someone]))

    row = rows(made, MentionType.PERSON)[0]

    assert row.age == Span(30, 30)
    assert date.fromordinal(row.born.low) == date(1993, 3, 6)
    assert date.fromordinal(row.born.high) == date(1994, 3, 5)
    assert {"by:1993", "by:1994"} <= set(row.tokens.split())


def test_bases_belong_to_the_mentions_they_rest_on(make_record: Any) -> None:
    made = document(make_record())

    person_tokens = rows(made, MentionType.PERSON)[0].tokens.split()

    assert "bs:field_contact" in person_tokens
    assert made.bases.split() == ["field_contact"]
    assert "bs:field_contact" in made.mentions[0].tokens.split()


def test_gated_attributes_are_shown_apart(make_record: Any) -> None:
    someone = person(race=coded("W"), complexion=coded("FAR"), country_of_birth=coded("USA"))
    made = document(make_record(people=[person_role(KIND, "p1", person=someone)]))

    shown = orjson.loads(rows(made, MentionType.PERSON)[0].shown)

    assert shown.pop("gated") == {"race": "W", "complexion": "FAR", "country_of_birth": "USA"}
    assert not {"race", "complexion", "country_of_birth"} & shown.keys()


def test_no_identifier_is_there_in_plain(make_record: Any) -> None:
    made = document(make_record())

    everything = repr(made).lower()

    assert "s12345678" not in everything
    assert any(token.startswith(t.IDENTIFIER) for token in rows(
        made, MentionType.PERSON)[0].tokens.split())  # fmt: skip


def test_a_records_own_tokens_stand_in_one_order(make_record: Any) -> None:
    """What a correction leaves as it was is compared as text, also after a restart."""
    relation = make_record()["relations"][0]
    made = make_record(number="FC-2")
    made["relations"] = [
        {**relation, "basis": basis, "evidence_kind": kind}
        for basis, kind in (("registration", "fact"), ("arrest", "fact"), ("arrest", "assessment"))
    ]

    found = document(made)

    own = [token for token in found.mentions[0].tokens.split() if token[:3] in ("bs:", "ev:")]
    assert own == ["bs:arrest", "bs:registration", "ev:assessment", "ev:fact"]
    assert (found.bases, found.evidence) == ("arrest registration", "assessment fact")
    ends = {relation["from_local_id"], relation["to_local_id"]}
    people = [row for row in found.mentions[1:] if "bs:" in row.tokens]
    assert len(people) == len(ends)
    for row in people:
        tokens = [token for token in row.tokens.split() if token[:3] in ("bs:", "ev:")]
        assert sorted(tokens) == own


@pytest.mark.parametrize(
    ("colour", "shown"),
    [
        (coded("BLU", "05"), "Blue"),
        (coded("GRY", "Gray"), "Grey"),
        (coded(None, "seafoam"), "seafoam"),
        (coded("BLU"), "Blue"),
        (None, ""),
    ],
)
def test_a_colour_is_shown_and_found_as_a_word(make_record: Any, colour: Any, shown: str) -> None:
    """A department may write colours as numbers; a reader needs the word."""
    car = records.vehicle_role(KIND, "v1", plate="4GHI72", make=coded("FORD"), colour=colour)
    made = document(make_record(vehicles=[car]))
    (vehicle,) = rows(made, MentionType.VEHICLE)

    assert f"{shown} FORD".strip() in orjson.loads(vehicle.shown)["caption"]
    assert "05 FORD" not in orjson.loads(vehicle.shown)["caption"]
    assert set(shown.lower().split()) <= set(made.words.split())


def test_vehicles_are_found_by_plate_parts_and_descriptions(make_record: Any) -> None:
    made = document(make_record())

    (vehicle,) = rows(made, MentionType.VEHICLE)

    assert {"vp:4gh172", "vf:4gh172", "vg:4gh", "vm:ford", "vc:blk",
            "vy:2014"} <= set(vehicle.tokens.split())  # fmt: skip
    assert vehicle.plate == "4gh172"


def test_numbers_of_the_record_stand_in_its_own_row(make_record: Any) -> None:
    reference = part("RecordReference", type="incident", number="I-2024/77")
    made = document(make_record("FC-9", references=[reference]))

    tokens = set(made.mentions[0].tokens.split())

    assert {"no:fc9", "no:i202477", t.RECORD_ROW} <= tokens
    assert "fc9" in made.words.split()


def test_time_of_the_event_is_not_believed_when_it_was_flagged(make_record: Any) -> None:
    record = make_record(occurred_at=datetime(1900, 1, 2, tzinfo=UTC))

    assert record["flags"]
    assert document(record).occurred_us == microseconds(record["recorded_at"])


def test_open_disputes_and_restrictions_are_told(make_record: Any) -> None:
    dispute = part("Dispute", dispute_id="d1", raised_at=records.MOMENT, statement_reference="s")
    made = document(make_record(disputes=[dispute], dissemination_level="restricted"))

    assert orjson.loads(made.mentions[0].shown)["disputed"] is True
    (about,) = {(item.disputed, item.dissemination) for item in items_in(made.items)}
    assert about == (True, "restricted")


def test_a_record_without_content_is_refused(make_record: Any) -> None:
    record = make_record()
    record["body"] = None

    with pytest.raises(Rejected, match="body_missing"):
        document(record)


def test_a_role_that_was_not_normalised_is_refused(make_record: Any) -> None:
    record = make_record()
    record["normalised"]["people"] = []

    with pytest.raises(Rejected, match="dangling_reference"):
        document(record)


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_microseconds_are_exact(instant: datetime) -> None:
    exact = (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert microseconds(instant) == exact


def test_the_same_record_gives_the_same_document(make_record: Any) -> None:
    record = make_record()

    assert document(record) == document(cast(Record, dict(record)))
