"""What every sink promises of what stands beside the records: the same as of the records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from consumers.search.answers import Standings
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.search.statements import Graph
from consumers.search.ties import JUDGEMENTS, Judged
from consumers.sink import Applied, Change, Progress, Removal
from consumers.testing import MemoryIndex, seen_whole
from recordbus import crashpoints
from tests.unit.consumers.told import (
    answer,
    association,
    bare,
    default,
    entity_id,
    identity,
    record_key,
    stands,
    taken_back,
)

AT = ("associations.v1", 0)
MENTION, OTHER = f"{record_key(1)}.p1", f"{record_key(1)}.p2"
ANN, BO = entity_id("ann"), entity_id("bo")
Sink = SqliteIndex | MemoryIndex


class Killed(BaseException):
    """Stands for the end of the process at a crash point."""


@pytest.fixture(params=["sqlite", "memory"])
def sink(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sink]:
    made: Sink = SqliteIndex(tmp_path / "i.sqlite") if request.param == "sqlite" else MemoryIndex()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    crashpoints.arm(None)


def an_identity(version: int, *, other: bool = False) -> Change[Any]:
    return identity(MENTION, BO if other else ANN, version=version)


def a_tie(version: int, *, other: bool = False) -> Change[Any]:
    return stands(association(ANN, BO, last_date="2024-04-01" if other else None), version)


def a_default(version: int, *, other: bool = False) -> Change[Any]:
    return default("phone:abc", version, is_default=not other)


def a_judgement(version: int, *, other: bool = False) -> Change[Any]:
    pair = f"{MENTION}~{OTHER}"
    told = b'{"outcome":"same"}' if not other else b'{"outcome":"different"}'
    return Change(pair.encode(), "intake/0", version, Judged(pair, told), None, None, JUDGEMENTS)


def an_answer(version: int, *, other: bool = False) -> Change[Any]:
    return answer(record_key(1), "refused" if other else "verified", version=version)


def seen_identity(graph: Graph) -> Any:
    return graph.entities_of([MENTION]).get(MENTION)


def seen_tie(graph: Graph) -> Any:
    found = graph.ties(ANN, 9)
    return found[0].told.get("last_date", "none") if found else None


def seen_default(graph: Graph) -> Any:
    return "phone:abc" in graph.default_values()


def seen_judgement(graph: Graph) -> Any:
    found = graph.judgement(f"{MENTION}~{OTHER}")
    return found["outcome"] if found else None


def seen_answer(graph: Graph) -> Any:
    found = Standings(graph.answered([record_key(1), record_key(2)])).of_record(record_key(1))
    return found.state if found.at else None


Make = Callable[..., Change[Any]]
See = Callable[[Graph], Any]
CASES = [
    pytest.param(an_identity, seen_identity, ANN, BO, id="identity"),
    pytest.param(a_tie, seen_tie, "none", "2024-04-01", id="tie"),
    pytest.param(a_default, seen_default, True, False, id="default value"),
    pytest.param(a_judgement, seen_judgement, "same", "different", id="judgement"),
    pytest.param(an_answer, seen_answer, "verified", "refused", id="answer"),
]
THEIR_RECORDS: list[Change[Any]] = [bare(each.partition(".")[0]) for each in (MENTION, OTHER)]
KNOWN = [identity(MENTION, ANN), identity(OTHER, BO)]
"""Whom the two mentions stand for: ties are found by it."""


def at(offset: int) -> dict[tuple[str, int], Progress]:
    return {AT: Progress(offset, 0)}


def seen(sink: Sink, path: Path, see: See) -> Any:
    if isinstance(sink, MemoryIndex):
        return see(seen_whole(sink).graph)
    reader = SqliteSearch(path / "i.sqlite")
    try:
        return see(seen_whole(reader).graph)
    finally:
        reader.close()


def settled(make: Make, sink: Sink) -> None:
    sink.apply(THEIR_RECORDS, at(0))
    if make is a_tie:
        sink.apply(KNOWN, at(0))


@pytest.mark.parametrize(("make", "see", "first", "second"), CASES)
def test_duplicates_and_older_versions_change_nothing(
    sink: Sink, tmp_path: Path, make: Make, see: See, first: Any, second: Any
) -> None:
    settled(make, sink)
    assert sink.apply([make(5)], at(1)) == Applied(stored=1)
    assert seen(sink, tmp_path, see) == first

    late = [make(5, other=True), make(4, other=True)]
    assert sink.apply(late, at(3)) == Applied(stale=2)
    assert seen(sink, tmp_path, see) == first
    assert sink.apply([make(6, other=True)], at(4)) == Applied(stored=1)
    assert seen(sink, tmp_path, see) == second
    assert dict(sink.positions()) == {AT: 4}


@pytest.mark.parametrize(("make", "see", "first", "second"), CASES)
def test_a_marker_removes_and_stays_ordered_and_a_tombstone_ends(
    sink: Sink, tmp_path: Path, make: Make, see: See, first: Any, second: Any
) -> None:
    settled(make, sink)
    nothing = seen(sink, tmp_path, see)
    sink.apply([make(5)], at(1))

    assert sink.apply([make(7)._replace(payload=Removal.MARKER)], at(2)) == Applied(removed=1)
    assert seen(sink, tmp_path, see) == nothing
    assert sink.apply([make(6)], at(3)) == Applied(stale=1)
    ended = make(0)._replace(payload=Removal.TOMBSTONE, within=b"")
    assert sink.apply([ended], at(4)) == Applied(removed=1)
    assert sink.apply([make(1, other=True)], at(5)) == Applied(stored=1)
    assert seen(sink, tmp_path, see) == second


@pytest.mark.parametrize(("make", "see", "first", "second"), CASES)
def test_a_tombstone_ends_what_is_there_without_a_marker_too(
    sink: Sink, tmp_path: Path, make: Make, see: See, first: Any, second: Any
) -> None:
    settled(make, sink)
    nothing = seen(sink, tmp_path, see)
    sink.apply([make(5)], at(1))

    sink.apply([make(0)._replace(payload=Removal.TOMBSTONE, within=b"")], at(2))

    assert seen(sink, tmp_path, see) == nothing


@pytest.mark.parametrize(("make", "see", "first", "second"), CASES)
def test_the_last_of_a_batch_counts_and_all_are_accounted_for(
    sink: Sink, tmp_path: Path, make: Make, see: See, first: Any, second: Any
) -> None:
    settled(make, sink)
    batch = [make(1), make(3, other=True), make(2)]

    applied = sink.apply(batch, at(3))

    assert sum(applied) == len(batch)
    assert applied.stored == 1
    assert seen(sink, tmp_path, see) == second


@pytest.mark.parametrize(("make", "see", "first", "second"), CASES)
@pytest.mark.parametrize("point", ["sink.transaction_begun", "sink.transaction_filled"])
def test_a_crash_leaves_all_of_a_batch_or_nothing(
    tmp_path: Path, make: Make, see: See, first: Any, second: Any, point: str
) -> None:
    index = SqliteIndex(tmp_path / "i.sqlite")
    settled(make, index)
    index.apply([make(1)], at(1))

    def end(visited: str) -> None:
        if visited == point:
            raise Killed

    crashpoints.arm(end)
    with pytest.raises(Killed):
        index.apply([make(2, other=True)], at(2))
    crashpoints.arm(None)
    index.close()

    index = SqliteIndex(tmp_path / "i.sqlite")
    assert dict(index.positions()) == {AT: 1}
    assert seen(index, tmp_path, see) == first
    index.apply([make(2, other=True)], at(2))
    assert seen(index, tmp_path, see) == second
    index.close()


def test_records_and_ties_of_one_batch_are_one_transaction(sink: Sink, tmp_path: Path) -> None:
    """Keys of two tables may be equal: they are still two."""
    same = bytes.fromhex(record_key(9))
    tie = a_tie(1)._replace(key=same)
    said = identity(MENTION, ANN)._replace(key=same)

    sink.apply(THEIR_RECORDS, at(0))
    applied = sink.apply([*KNOWN, tie, said._replace(payload=Removal.MARKER)], at(4))

    assert (applied.stored, applied.removed) == (3, 1)


def test_associations_are_as_complete_as_the_slower_of_their_topics(
    sink: Sink, tmp_path: Path
) -> None:
    """It moves with ticks, and holds nothing up that rests on records alone."""
    sink.apply([], {("records.v1", 0): Progress(1, 90)})
    sink.apply([], {AT: Progress(1, 50), ("identities.v1", 0): Progress(1, 40)})
    sink.apply([], {("verdicts.v1", 0): Progress(1, 0)})

    reader = sink if isinstance(sink, MemoryIndex) else SqliteSearch(tmp_path / "i.sqlite")
    fresh = reader.freshness()
    reader.close()

    assert (fresh.complete_to_us, fresh.associations_to_us) == (90, 40)


def test_a_dispute_leaves_the_content_and_says_that_it_is_frozen(
    sink: Sink, tmp_path: Path
) -> None:
    """R-19: frozen and labelled everywhere; every other reason leaves nothing."""
    said = association(ANN, BO)
    sink.apply([*THEIR_RECORDS, *KNOWN, stands(said, 1), taken_back(said, "dispute", 2)], at(4))
    (frozen,) = seen(sink, tmp_path, lambda graph: graph.ties(ANN, 9))
    assert frozen.told["frozen"] is True

    sink.apply([taken_back(said, "withdrawn", 3)], at(5))
    assert seen(sink, tmp_path, lambda graph: list(graph.ties(ANN, 9))) == []
