"""What every sink promises (rule 3 and rule 5): positions and changes stored together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from consumers.search.classes import NOTHING
from consumers.search.document import Document, Mention, MentionType
from consumers.search.engines.sqlite.reader import SqliteSearch
from consumers.search.engines.sqlite.writer import SqliteIndex
from consumers.sink import Applied, Change, Progress, Removal
from consumers.testing import MemoryIndex, seen_whole
from recordbus import crashpoints

AT = ("records.v1", 0)
Sink = SqliteIndex | MemoryIndex


class Killed(BaseException):
    """Stands for the end of the process at a crash point."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite"


@pytest.fixture(params=["sqlite", "memory"])
def sink(request: pytest.FixtureRequest, path: Path) -> Iterator[Sink]:
    made: Sink = SqliteIndex(path) if request.param == "sqlite" else MemoryIndex()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    crashpoints.arm(None)


def document(key: bytes, name: str = "ann") -> Document:
    own = Mention(MentionType.RECORD, "dp:d kd:arrest xr:1 no:1", b"{}")
    person = Mention(MentionType.PERSON, f"dp:d kd:arrest n:{name}", b"{}")
    return Document(key, "arrest", "d", "MA0130100", 0, 0, "", "", NOTHING, "", name, (own, person),
                    (name,))  # fmt: skip


def live(number: int, version: int, name: str = "ann", origin: str = "intake/0",
         published_us: int = 0) -> Change[Document]:  # fmt: skip
    key = bytes([number]) * 32
    return Change(key, origin, version, document(key, name), "d", published_us)


def gone(number: int, version: int, how: Removal = Removal.MARKER) -> Change[Document]:
    return Change(bytes([number]) * 32, "intake/0", version, how, "d", 0)


def at(offset: int, complete_to_us: int = 0) -> dict[tuple[str, int], Progress]:
    return {AT: Progress(offset, complete_to_us)}


@contextmanager
def reader(sink: Sink, path: Path) -> Iterator[MemoryIndex | SqliteSearch]:
    found = sink if isinstance(sink, MemoryIndex) else SqliteSearch(path)
    yield found
    if found is not sink:
        found.close()


def test_a_new_sink_has_read_nothing(sink: Sink) -> None:
    assert dict(sink.positions()) == {}
    assert sink.count() == 0


def test_changes_and_positions_are_stored_together(sink: Sink) -> None:
    applied = sink.apply([live(1, 1), live(2, 2)], at(2))

    assert applied == Applied(stored=2)
    assert dict(sink.positions()) == {AT: 2}
    assert sink.count() == 2


def test_a_position_moves_without_a_change(sink: Sink) -> None:
    assert sink.apply([], at(7)) == Applied()
    assert dict(sink.positions()) == {AT: 7}


def test_what_is_not_newer_is_stale_and_changes_nothing(sink: Sink, path: Path) -> None:
    sink.apply([live(1, 5, "new")], at(5))

    assert sink.apply([live(1, 5, "old"), live(1, 4, "old")], at(6)) == Applied(stale=2)
    with reader(sink, path) as found:
        whole = seen_whole(found)
        assert (whole.names_like("new*"), whole.names_like("old*")) == (["new"], [])


def test_another_origin_is_compared_with_nothing(sink: Sink) -> None:
    sink.apply([live(1, 5)], at(1))

    assert sink.apply([live(1, 1, origin="intake/1")], at(2)) == Applied(stored=1)


def test_only_the_last_of_several_in_a_batch_counts(sink: Sink) -> None:
    applied = sink.apply([live(1, 1, "one"), live(1, 2, "two"), live(1, 1, "late")], at(3))

    assert applied == Applied(stored=1, stale=1, replaced_within_batch=1)
    assert sink.count() == 1


def test_a_marker_removes_at_once_and_stays_ordered(sink: Sink) -> None:
    sink.apply([live(1, 1)], at(1))

    assert sink.apply([gone(1, 2)], at(2)) == Applied(removed=1)
    assert sink.count() == 0
    assert sink.apply([live(1, 1)], at(3)) == Applied(stale=1)
    assert sink.apply([live(1, 3)], at(4)) == Applied(stored=1)


def test_a_tombstone_ends_a_key_whatever_is_there(sink: Sink) -> None:
    sink.apply([live(1, 5), gone(2, 6)], at(2))

    applied = sink.apply([gone(n, 0, Removal.TOMBSTONE) for n in (1, 2, 3)], at(5))

    assert applied.removed == 3
    assert sink.count() == 0
    assert sink.apply([live(2, 1)], at(6)) == Applied(stored=1)


def test_freshness_only_grows_and_the_slowest_partition_counts(sink: Sink, path: Path) -> None:
    sink.apply([live(1, 1, published_us=50)], at(1, 50))
    sink.apply([live(2, 2, published_us=40)], at(2, 40))
    sink.apply([], {("records.v1", 1): Progress(1, 20)})

    with reader(sink, path) as found:
        fresh = found.freshness()

    assert fresh.complete_to_us == 20
    assert dict(fresh.newest_us) == {"d": 50}


CRASHES: list[tuple[str, int]] = [
    ("sink.transaction_begun", 1),
    ("sink.transaction_filled", 1),
    ("sink.committed", 2),
]


@pytest.mark.parametrize(("point", "position"), CRASHES)
def test_a_crash_leaves_all_of_a_batch_or_nothing(path: Path, point: str, position: int) -> None:
    index = SqliteIndex(path)
    index.apply([live(1, 1, "ann")], at(1))

    def end(visited: str) -> None:
        if visited == point:
            raise Killed

    crashpoints.arm(end)
    with pytest.raises(Killed):
        index.apply([live(2, 2, "bo"), gone(1, 3)], at(2))
    crashpoints.arm(None)
    index.close()

    index = SqliteIndex(path)
    assert dict(index.positions()) == {AT: position}
    assert index.count() == 1
    replayed = index.apply([live(2, 2, "bo"), gone(1, 3)], at(2))
    assert (replayed.stored, replayed.removed) == ((1, 1) if position == 1 else (0, 0))
    engine = SqliteSearch(path)
    found = seen_whole(engine)
    assert [each.word for each in found.similar_names("bo")] == ["bo"]
    assert found.names_like("ann*") == []
    engine.close()
    index.close()


def test_a_sink_goes_on_after_a_batch_that_failed(path: Path) -> None:
    told: list[tuple[str, int]] = []
    index = SqliteIndex(path, lambda department, count: told.append((department, count)))

    def end(visited: str) -> None:
        if visited == "sink.transaction_filled":
            raise Killed

    crashpoints.arm(end)
    with pytest.raises(Killed):
        index.apply([live(1, 1)], at(1))
    crashpoints.arm(None)

    assert index.apply([live(1, 1)], at(1)) == Applied(stored=1)
    assert index.count() == 1
    assert [count for _, count in told] == [1]
    index.close()


def test_a_sink_finds_its_place_again(path: Path) -> None:
    index = SqliteIndex(path)
    index.apply([live(1, 1)], at(9))
    index.close()

    again = SqliteIndex(path)
    assert dict(again.positions()) == {AT: 9}
    assert again.apply([live(1, 2, "bo")], at(10)) == Applied(stored=1)
    again.close()
    again.close()
