"""R-23, R-25: of what is taken back beside the records no byte is left either."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.ties import JUDGEMENTS, Judged
from consumers.sink import Change, Progress, Removal
from consumers.testing import seen_whole
from recordbus.testing.records import part
from tests.unit.consumers.search.test_residue import canary, found_of, raw, settle
from tests.unit.consumers.told import (
    association,
    default,
    entity_id,
    identity,
    no_identity,
    record_key,
    stands,
    taken_back,
)

AT = ("associations.v1", 0)
ANN, BO = entity_id("ann"), entity_id("bo")
COUNT = 60
WHOLE = (slice(None), slice(-8, None), slice(None, 8))


def planted(number: int, marks: list[str]) -> dict[str, Any]:
    """Give an association with a canary in every text that it has."""
    unit, phone, mail, dispute = marks
    return association(
        ANN, BO, record=record_key(number),
        contact=part("Contact", unit=unit, phone=phone, email=f"{mail}@example.org"),
        disputes=[part("AssociationDispute", dispute_id=dispute, by="subject")],
    )  # fmt: skip


def apply(index: SqliteIndex, said: list[Change[Any]], offset: int) -> None:
    index.apply(said, {AT: Progress(offset, 0)})


@pytest.mark.parametrize("reason", ["withdrawn", "expunged", "expired", "disposition", "split"])
def test_no_byte_of_a_retracted_association_is_left(tmp_path: Path, reason: str) -> None:
    path = tmp_path / "i.sqlite"
    index, chance = SqliteIndex(path), random.Random(reason)
    marks = {n: [canary(chance) for _ in range(4)] for n in range(COUNT)}
    for start in range(0, COUNT, 7):
        batch = [stands(planted(n, marks[n])) for n in range(start, min(start + 7, COUNT))]
        apply(index, batch, start)
    every = [mark for each in marks.values() for mark in each]
    settle(index)
    assert len(found_of(every, raw(path), (slice(None),))) == len(every)

    gone = [n for n in range(COUNT) if n % 3]
    apply(index, [taken_back(planted(n, marks[n]), reason) for n in gone], 99)
    settle(index)

    assert found_of([m for n in gone for m in marks[n]], raw(path), WHOLE) == []
    kept = [m for n in range(0, COUNT, 3) for m in marks[n]]
    assert len(found_of(kept, raw(path), (slice(None),))) == len(kept)
    index.close()


def test_a_correction_and_a_dispute_leave_only_what_is_said_now(tmp_path: Path) -> None:
    path = tmp_path / "i.sqlite"
    index, chance = SqliteIndex(path), random.Random(2)
    before, after = ([canary(chance) for _ in range(4)] for _ in range(2))
    apply(index, [stands(planted(1, before))], 1)
    apply(index, [stands(planted(1, after), 2, status="changed")], 2)
    settle(index)
    assert found_of(before, raw(path), WHOLE) == []

    apply(index, [taken_back(planted(1, after), "dispute", 3)], 3)
    settle(index)
    assert len(found_of(after, raw(path), (slice(None),))) == len(after)
    apply(index, [taken_back(planted(1, after), "expunged", 4)], 4)
    settle(index)
    assert found_of(after, raw(path), WHOLE) == []
    index.close()


def test_no_byte_of_identities_defaults_and_judgements_is_left(tmp_path: Path) -> None:
    """A local id, a value and a reason are somebody's own words, however opaque they should be."""
    path = tmp_path / "i.sqlite"
    index, chance = SqliteIndex(path), random.Random(3)
    verdicts, values, reasons = ([canary(chance) for _ in range(COUNT)] for _ in range(3))
    mentions = [f"{record_key(n)}.p1" for n in range(COUNT)]
    said: list[Change[Any]] = []
    for mention, verdict, value, reason in zip(mentions, verdicts, values, reasons, strict=True):
        own = identity(mention, ANN)
        said.append(own._replace(payload=own.payload._replace(verdicts=(verdict,))))  # type: ignore[union-attr]
        said.append(default(value))
        pair = f"{mention}~z"
        told = Judged(pair, f'{{"reason":"{reason}"}}'.encode())
        said.append(Change(pair.encode(), "intake/0", 1, told, None, None, JUDGEMENTS))
    apply(index, said, 1)
    settle(index)
    every = [*verdicts, *values, *reasons]
    assert len(found_of(every, raw(path), (slice(None),))) == len(every)

    gone: list[Change[Any]] = [no_identity(each) for each in mentions]
    gone += [each._replace(payload=Removal.TOMBSTONE) for each in said if each.table != "identity"]
    apply(index, gone, 2)
    settle(index)

    assert found_of(every, raw(path), WHOLE) == []
    index.close()
    reader = SqliteSearch(path)
    assert reader.problems() == []
    assert seen_whole(reader).graph.mentions_count(ANN) == 0
    reader.close()
