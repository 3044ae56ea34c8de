"""A removal is erased only behind every reader (rule 8 of the stages, R-23, R-25)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streams.upkeep.markers import Marker, PendingMarkers, lowest_committed

KEYS = st.sampled_from(["a", "b", "c"])


def marker(key: str = "a", offset: int = 5, version: int = 9) -> Marker:
    return Marker(record_key=key, version=version, partition=0, offset=offset)


def test_a_marker_waits_for_the_slowest_reader() -> None:
    pending = PendingMarkers()
    pending.saw_marker(marker(offset=5))
    assert list(pending.passed(lowest_committed({"index": {0: 6}, "feeds": {0: 5}}))) == []
    assert list(pending.passed(lowest_committed({"index": {0: 6}, "feeds": {0: 6}}))) == [marker()]
    assert len(pending) == 0


def test_a_reader_that_never_committed_holds_every_marker_back() -> None:
    pending = PendingMarkers()
    pending.saw_marker(marker())
    assert list(pending.passed(lowest_committed({"index": {0: 100}, "feeds": {}}))) == []
    assert list(pending.passed(lowest_committed({}))) == []


def test_a_record_that_is_live_again_is_not_erased() -> None:
    pending = PendingMarkers()
    pending.saw_marker(marker())
    pending.saw_other("a")
    assert list(pending.passed({0: 100})) == []


def test_a_newer_marker_replaces_the_older() -> None:
    pending = PendingMarkers()
    pending.saw_marker(marker(offset=5, version=9))
    pending.saw_marker(marker(offset=8, version=12))
    assert list(pending.passed({0: 7})) == []
    assert [m.version for m in pending.passed({0: 9})] == [12]


@given(
    st.lists(st.tuples(KEYS, st.booleans()), max_size=30),
    st.integers(min_value=0, max_value=31),
)
def test_what_is_asked_for_is_the_last_word_of_its_record_and_was_passed(
    log: list[tuple[str, bool]], committed: int
) -> None:
    pending = PendingMarkers()
    for offset, (key, removed) in enumerate(log):
        if removed:
            pending.saw_marker(marker(key, offset, version=offset))
        else:
            pending.saw_other(key)
    last = {key: (offset, removed) for offset, (key, removed) in enumerate(log)}
    asked = {m.record_key for m in pending.passed({0: committed})}
    assert asked == {k for k, (offset, removed) in last.items() if removed and offset < committed}
