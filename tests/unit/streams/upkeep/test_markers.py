"""A removal is erased only behind every reader (rule 8 of the stages, R-23, R-25)."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from streams.upkeep.markers import Marker, PendingMarkers, lowest_committed

KEYS = st.sampled_from(["a", "b", "c"])


NOWHERE: Mapping[tuple[str, int], int] = {}


def asked(pending: PendingMarkers, committed: Mapping[int, int]) -> list[Marker]:
    """Give what is asked for where no other table holds markers."""
    pending.other_tables_end(NOWHERE)
    return list(pending.passed(committed, NOWHERE))


def marker(key: str = "a", offset: int = 5, version: int = 9) -> Marker:
    return Marker(record_key=key, version=version, partition=0, offset=offset)


def test_a_marker_waits_for_the_slowest_reader() -> None:
    pending = PendingMarkers()
    pending.saw_marker(marker(offset=5))
    assert asked(pending, lowest_committed({"index": {0: 6}, "feeds": {0: 5}})) == []
    assert asked(pending, lowest_committed({"index": {0: 6}, "feeds": {0: 6}})) == [marker()]
    assert len(pending) == 0


def test_a_reader_that_never_committed_holds_every_marker_back() -> None:
    pending = PendingMarkers()
    pending.saw_marker(marker())
    assert asked(pending, lowest_committed({"index": {0: 100}, "feeds": {}})) == []
    assert asked(pending, lowest_committed({})) == []


def test_a_marker_waits_until_the_other_tables_ends_are_known_and_passed() -> None:
    pending = PendingMarkers()
    assert not pending.has_new()
    pending.saw_marker(marker())
    assert pending.has_new()
    everywhere, elsewhere = {0: 100}, ("meetings.v1", 3)
    assert list(pending.passed(everywhere, {elsewhere: 100})) == []
    pending.other_tables_end({elsewhere: 7})
    assert not pending.has_new()
    pending.other_tables_end({elsewhere: 9})
    assert list(pending.passed(everywhere, {elsewhere: 6})) == []
    assert list(pending.passed(everywhere, NOWHERE)) == []
    assert list(pending.passed(everywhere, {elsewhere: 7})) == [marker()]


def test_a_newer_removal_has_its_markers_further_on() -> None:
    pending = PendingMarkers()
    pending.saw_marker(marker(version=9))
    pending.other_tables_end({("meetings.v1", 0): 7})
    pending.saw_marker(marker(version=12))
    assert pending.has_new()
    pending.other_tables_end({("meetings.v1", 0): 11})
    assert list(pending.passed({0: 100}, {("meetings.v1", 0): 10})) == []
    assert len(list(pending.passed({0: 100}, {("meetings.v1", 0): 11}))) == 1


def test_a_record_that_is_live_again_is_not_erased() -> None:
    pending = PendingMarkers()
    pending.saw_marker(marker())
    pending.saw_other("a")
    assert asked(pending, {0: 100}) == []


def test_a_newer_marker_replaces_the_older() -> None:
    pending = PendingMarkers()
    pending.saw_marker(marker(offset=5, version=9))
    pending.saw_marker(marker(offset=8, version=12))
    assert asked(pending, {0: 7}) == []
    assert [m.version for m in asked(pending, {0: 9})] == [12]


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
    found = {m.record_key for m in asked(pending, {0: committed})}
    assert found == {k for k, (offset, removed) in last.items() if removed and offset < committed}
