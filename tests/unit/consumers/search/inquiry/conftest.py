"""A small county in an index file: records as intake makes them, and what ties they support."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.inquiry.service import Inquiries
from consumers.sink import Change, Progress
from consumers.testing import change_of
from recordbus.testing.clock import ManualClock
from recordbus.testing.ids import SequenceIds
from recordbus.testing.records import coded, part, person, person_role, vehicle_role
from tests.unit.consumers.conftest import EVERYTHING, METRO, access_to
from tests.unit.consumers.told import association, entity_id, identity, stands, taken_back

ANN, BO, CY, EVE, CAR, CASE, GANG, DEE = (
    entity_id(name) for name in ("ann", "bo", "cy", "eve", "car", "case", "gang", "dee")
)
_OF_SOURCE = (
    "record_key", "record_kind", "department", "owner_ori", "version", "content_hash",
)  # fmt: skip
PLACE = ("associations.v1", 0)


class County:
    """Records of one department, and the ties they support."""

    def __init__(self, path: Path, make_record: Any) -> None:
        self.path, self.index, self.make = path, SqliteIndex(path), make_record
        self.offset = 0
        self.arrest = make_record(
            "A-1", "arrest",
            people=[_named("arrest", "p1", "Ann", "Leigh", "1990-01-02", race=coded("W")),
                    _named("arrest", "p2", "Bo", "Katz", "1988-05-06")],
            vehicles=[vehicle_role("arrest", "v1", plate="8OB-123", make=coded("TOYT"))],
        )  # fmt: skip
        self.contact = make_record(
            "F-1", people=[_named("field_contact", "p1", "Anne", "Leigh", "1990-02-01"),
                           _named("field_contact", "p2", "Cy", "Dunn", "1999-09-09")],
            vehicles=[],
        )  # fmt: skip
        self.incident = make_record(
            "I-1", "incident", people=[_named("incident", "p1", "Eve", "Snow", "2001-01-01")],
            vehicles=[],
        )  # fmt: skip
        self.secret = make_record(
            "S-1", people=[_named("field_contact", "p1", "Ann", "Hidden", "1990-01-02"),
                           _named("field_contact", "p2", "Dee", "Quiet", "1970-01-01")],
            vehicles=[], dissemination_level="restricted",
        )  # fmt: skip
        records = (self.arrest, self.contact, self.incident, self.secret)
        self.apply(*(change_of(each)._replace(place=(0, n)) for n, each in enumerate(records)))
        self.apply(*self._identities(), *map(stands, self.ties().values()))

    def apply(self, *changes: Change[Any]) -> None:
        self.offset += len(changes)
        self.index.apply(changes, {PLACE: Progress(self.offset, 0)})

    def mention(self, record: Any, local_id: str) -> str:
        return f"{record['record_key']}.{local_id}"

    def matter(self, record: Any) -> str:
        return str(record["normalised"]["matters"][0]["local_id"])

    def _identities(self) -> list[Change[Any]]:
        return [
            identity(self.mention(self.arrest, "p1"), ANN),
            identity(self.mention(self.arrest, "p2"), BO),
            identity(self.mention(self.arrest, "v1"), CAR, "vehicle"),
            identity(self.mention(self.arrest, self.matter(self.arrest)), CASE, "matter"),
            identity(self.mention(self.contact, "p1"), ANN),
            identity(self.mention(self.contact, "p2"), CY),
            identity(self.mention(self.incident, "p1"), EVE),
            identity(self.mention(self.incident, self.matter(self.incident)), CASE, "matter"),
            identity(self.mention(self.secret, "p1"), ANN),
            identity(self.mention(self.secret, "p2"), DEE),
        ]

    def ties(self) -> dict[str, dict[str, Any]]:
        """Give what associate says, by a name that tests use."""
        arrest, contact = self._at(self.arrest), self._at(self.contact)
        matter, closed = self.matter(self.arrest), self.matter(self.incident)
        return {
            "arrested": association(ANN, BO, **arrest, expires_at=None,
                                    disputes=[part("AssociationDispute", dispute_id="D-7",
                                                   by="subject")]),
            "used": association(ANN, CAR, "used_vehicle", **arrest, locals_=("p1", "v1"),
                                from_kind="person", to_kind="vehicle"),
            "subject": association(ANN, CASE, "subject_of", **arrest, locals_=("p1", matter),
                                   from_kind="person", to_kind="matter"),
            "other": association(
                BO, CASE, "subject_of", **arrest, locals_=("p2", matter), from_kind="person",
                to_kind="matter", dispositions=[part("DispositionReference", outcome="pending")],
            ),
            "victim": association(
                EVE, CASE, "victim_of", "victim_or_witness_report", **self._at(self.incident),
                locals_=("p1", closed), from_kind="person", to_kind="matter",
                from_category="victim",
            ),
            "seen": association(ANN, CY, "seen_with", "field_contact", **contact, juvenile=True,
                                contact_basis="encounter"),
            "judged": association(
                ANN, CY, "associate", "officer_assessment", **contact,
                grade=part("Grade", source="2", information="C", handling="C"),
            ),
            "secret": association(ANN, DEE, "seen_with", "field_contact", **self._at(self.secret),
                                  dissemination_level="restricted"),
        }  # fmt: skip

    def freeze(self, name: str, version: int = 2) -> None:
        self.apply(taken_back(self.ties()[name], "dispute", version))

    def take_back(self, name: str, reason: str = "withdrawn", version: int = 3) -> None:
        self.apply(taken_back(self.ties()[name], reason, version))

    def _at(self, record: Any) -> dict[str, Any]:
        source = {name: record[name] for name in _OF_SOURCE}
        return {"record": record["record_key"], "source": part("SourceRecord", **source)}


def _named(kind: str, local_id: str, given: str, surname: str, born: str, **looks: Any) -> Any:
    someone = person(given, surname, date_of_birth=part("DateValue", value=born), **looks)
    return person_role(kind, local_id, person=someone)


@pytest.fixture
def county(tmp_path: Path, make_record: Any) -> Iterator[County]:
    made = County(tmp_path / "records.sqlite", make_record)
    yield made
    made.index.close()


@pytest.fixture
def owners_own(county: County, audit: Any) -> Iterator[Inquiries]:
    """Give the questions of the department whose records they are."""
    engine = SqliteSearch(county.path)
    yield Inquiries(access_to(engine), audit, ManualClock(), SequenceIds())
    engine.close()


@pytest.fixture
def inquiries(county: County, audit: Any) -> Iterator[Inquiries]:
    engine = SqliteSearch(county.path)
    yield Inquiries(access_to(engine, METRO, EVERYTHING), audit, ManualClock(), SequenceIds())
    engine.close()
