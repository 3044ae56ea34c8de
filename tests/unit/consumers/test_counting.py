"""Associations, disputes and receipts are counted for the public where they stand (R-43)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from consumers.counting import feed_counts, index_counts
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.sink import Change, Progress
from consumers.testing import change_of
from recordbus.audit.standing import Count
from recordbus.errors import Misconfigured, Retryable
from recordbus.settings import Settings
from recordbus.testing.clock import EPOCH
from recordbus.testing.records import DEPARTMENT, MOMENT, part
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.bus import Bus
from tests.unit.consumers.told import association, bare, entity_id, record_key, stands, taken_back

ANN, BO = entity_id("ann"), entity_id("bo")
OPEN = part("AssociationDispute", dispute_id="D-1", by="subject")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"run_directory": tmp_path})


@pytest.fixture
def index(settings: Settings) -> Iterator[SqliteIndex]:
    index = SqliteIndex(settings.index_path())
    yield index
    index.close()


def say(index: SqliteIndex, *changes: Change[Any]) -> None:
    index.apply(list(changes), {("associations.v1", 0): Progress(1, 0)})


def said(basis: str, number: int, **fields: Any) -> dict[str, Any]:
    return association(ANN, BO, basis=basis, record=record_key(number), **fields)


def counted(found: list[Count]) -> dict[str, dict[tuple[str, ...], int]]:
    return {each.title: dict(each.counts) for each in found}


def test_associations_are_counted_by_basis_while_they_stand(
    settings: Settings, index: SqliteIndex
) -> None:
    say(index, *(bare(record_key(number)) for number in range(9)))
    say(index, *(stands(said("arrest", number)) for number in range(6)))
    say(index, *(stands(said("conviction", number)) for number in range(6, 9)))
    say(index, taken_back(said("arrest", 0), "expired"), stands(said("arrest", 1), 2))
    assert counted(index_counts(settings, EPOCH)) == {
        "Associations": {("arrest",): 5, ("conviction",): 3}, "Open disputes": {},
    }  # fmt: skip


def test_what_a_dispute_froze_does_not_stand_and_is_disputed(
    settings: Settings, index: SqliteIndex
) -> None:
    """R-19: and a dispute that was resolved is none."""
    closed = OPEN | {"resolved_at": EPOCH}
    say(index, *(bare(record_key(number)) for number in range(4)))
    say(
        index, stands(said("arrest", 0)), taken_back(said("arrest", 0, disputes=[OPEN]), "dispute"),
        stands(said("arrest", 1, disputes=[OPEN, closed])),
        stands(said("arrest", 2, disputes=[closed])), stands(said("arrest", 3)),
    )  # fmt: skip
    assert counted(index_counts(settings, EPOCH)) == {
        "Associations": {("arrest",): 3},
        "Open disputes": {("association", DEPARTMENT): 2},
    }


def test_disputed_records_are_counted_by_their_department(
    settings: Settings, index: SqliteIndex, make_record: Any
) -> None:
    dispute = part("Dispute", dispute_id="D-2", raised_at=MOMENT, statement_reference="s")
    say(
        index, change_of(make_record("A-1", disputes=[dispute])), change_of(make_record("A-2")),
        change_of(make_record("A-3", disputes=[dispute | {"resolved_at": MOMENT}])),
    )  # fmt: skip
    found = counted(index_counts(settings, EPOCH))["Open disputes"]
    assert found == {("record", DEPARTMENT): 1}


def test_counting_changes_nothing_and_stops_nobody(settings: Settings, index: SqliteIndex) -> None:
    say(index, bare(record_key(1)), stands(said("arrest", 1)))
    before = settings.index_path().read_bytes()
    first = index_counts(settings, EPOCH)
    assert settings.index_path().read_bytes() == before
    say(index, stands(said("conviction", 1)))
    assert counted(index_counts(settings, EPOCH)) != counted(first)


def test_overdue_receipts_are_counted_by_agency(settings: Settings) -> None:
    """R-24: those that are late, of a ledger that its worker has open."""
    settings.ledger_path().parent.mkdir()
    bus = Bus(settings.ledger_path())
    bus.subscribe(made.subscription(receipt_hours=24))
    bus.subscribe(made.subscription("metro-2", receipt_hours=72))
    bus.say(made.record(1, 1, "a"), made.record(2, 1, "b"))
    bus.rest()
    bus.say(made.record(1, 2, status="expunged"), made.record(2, 2, status="sealed"))
    bus.rest()
    assert counted(feed_counts(settings, bus.clock.now()))["Overdue receipts"] == {}
    bus.clock.advance(25 * 3600)
    late = counted(feed_counts(settings, bus.clock.now()))["Overdue receipts"]
    assert late == {(made.AGENCY,): 2}
    bus.ledger.close()


def test_where_there_is_nothing_to_count_that_is_said(settings: Settings) -> None:
    with pytest.raises(Retryable, match="no ledger"):
        feed_counts(settings, EPOCH)
    with pytest.raises(Retryable):
        index_counts(settings, EPOCH)
    assert not settings.ledger_path().exists()
    assert not settings.index_path().exists()


def test_a_file_of_something_else_is_no_ledger(settings: Settings) -> None:
    settings.ledger_path().parent.mkdir()
    settings.ledger_path().write_text("a letter " * 1000)
    with pytest.raises(Misconfigured, match="no ledger"):
        feed_counts(settings, EPOCH)
