"""Records as intake makes them, and an index of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from consumers.search.access import Access, Agency
from consumers.search.criteria import Context
from consumers.search.engines.interface import SearchEngine
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.service import Search
from consumers.search.sights import Sights
from consumers.sink import Progress
from consumers.testing import change_of, decoded
from recordbus.ids import record_key
from recordbus.policy import Policies
from recordbus.policy.testing import policies_of
from recordbus.testing import records
from recordbus.testing.audit import MemoryAudit
from recordbus.testing.clock import ManualClock
from recordbus.testing.ids import SequenceIds
from recordbus.testing.registry import MemoryRegistry
from schemas.catalog import basis_table, record_kinds
from schemas.types import Record
from streams.intake.testing import SECRET, Desk
from streams.intake.topics import RECORDS

MakeRecord = Callable[..., Record]


@pytest.fixture
def desk() -> Desk:
    return Desk(MemoryRegistry())


@pytest.fixture
def make_record(desk: Desk) -> MakeRecord:
    """Give a function that publishes a body under a number and gives the record intake makes."""

    def make(number: str = "FC-1", kind: str = "field_contact", **fields: Any) -> Record:
        envelope = {name: fields.pop(name) for name in list(fields) if name in _ENVELOPE}
        if envelope.get("status", "live") == "live":
            envelope["body"] = records.body(kind, record_id=number, **fields)
        key = record_key(records.SECRET, kind, number)
        handled = desk.say(records.change(kind, record_key=key, **envelope))
        assert handled.quarantined is None, handled.quarantined
        (output,) = [each for each in handled.outputs if each.topic == RECORDS]
        return decoded(output.value)

    return make


_ENVELOPE = {"status", "status_reason", "source_seq", "recorded_at", "occurred_at", "disputes",
             "dissemination_level"}  # fmt: skip


class Written:
    """An index file with records in it, and a search over it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.index = SqliteIndex(path)
        self.offset = 0

    def add(self, *found: Record) -> None:
        self.offset += len(found)
        progress = {("records.v1", 0): Progress(self.offset, 0)}
        self.index.apply([change_of(record) for record in found], progress)


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Written]:
    made = Written(tmp_path / "records.sqlite")
    yield made
    made.index.close()


@pytest.fixture
def audit() -> MemoryAudit:
    return MemoryAudit()


EVERYTHING = """\
agreement: harbor-to-metro
version: 1
title: All that may be shared
legal_authority: Section 1
owners: [harbor-city-pd]
recipient: metro-task-force
start: 2000-01-01
end: 2100-12-31
rules:
  everything:
    level: full
    purposes: [criminal_investigation, missing_person, training]
    record_kinds: [{kinds}]
    bases: [{bases}]
    evidence_kinds: [fact, assessment]
    juveniles: true
    designations: true
    derived: true
""".format(kinds=", ".join(sorted(record_kinds())), bases=", ".join(sorted(basis_table())))
"""An agreement that gives metro-task-force whatever an agreement can give."""
METRO = "metro-task-force"


def access_to(
    engine: SearchEngine, agency: str | None = "harbor-city-pd", *agreements: str
) -> Access:
    """Give the door to an index for an agency; the records of tests are harbor-city-pd's."""
    policies = Policies(policies_of(*agreements), departments=["harbor-city-pd"])
    ori = "MA0130100" if agency == "harbor-city-pd" else "MA0130000"
    asks = Agency(agency, ori) if agency else None
    return Access(engine, Sights(engine, lambda: policies), asks)


@pytest.fixture
def search(written: Written, audit: MemoryAudit) -> Iterator[Search]:
    engine = SqliteSearch(written.path)
    yield Search(access_to(engine), audit, ManualClock(), SequenceIds(), SECRET)
    engine.close()


@pytest.fixture
def context() -> Context:
    return Context("det. Alvarez", "criminal_investigation", "2026-00117")
