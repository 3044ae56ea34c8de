"""What meet shows of what is suspended is what a count over everything would give."""

from __future__ import annotations

import gc

from hypothesis import given
from hypothesis import strategies as st

from recordbus import metrics
from streams.meet.index import Blocks, Holders
from streams.meet.testing import Desk
from streams.resolution.limits import Limits
from tests.unit.streams.meet.meeting_bundles import bundle

KEYS = (b"a", b"b")
mosts = st.integers(1, 3)
moves = st.lists(st.tuples(st.sampled_from(KEYS), st.integers(0, 5)), max_size=40)


@given(mosts, moves)
def test_blocks_past_their_limit_are_counted(most: int, members: list[tuple[bytes, int]]) -> None:
    """Each move puts a member into a block, or takes it out again."""
    blocks, held = Blocks(most), set[tuple[bytes, int]]()
    for key, member in members:
        (blocks.leave if (key, member) in held else blocks.enter)(key, member)
        held ^= {(key, member)}
        assert blocks.suspended == sum(len(blocks.members(each)) > most for each in KEYS)


@given(mosts, moves, st.lists(st.integers(0, 39)))
def test_values_under_too_many_names_are_counted(
    most: int, holds: list[tuple[bytes, int]], releases: list[int]
) -> None:
    holders, held = Holders(most), list[tuple[bytes, bytes]]()
    for value, name in holds:
        holders.hold(value, b"%d" % name)
        held.append((value, b"%d" % name))
        assert holders.defaults == sum(len(holders.names(each)) > most for each in KEYS)
    for at in releases:
        if held:
            holders.release(*held.pop(at % len(held)))
            assert holders.defaults == sum(len(holders.names(each)) > most for each in KEYS)


def shown() -> tuple[float | None, float | None]:
    names = ("recordbus_meet_suspended_blocks", "recordbus_meet_default_values")
    return metrics.sample(names[0]), metrics.sample(names[1])


def test_what_is_suspended_is_shown_also_after_a_restart_and_goes_with_the_partition() -> None:
    desk = Desk(Limits(block_members=2, value_names=50, component_mentions=50))
    assert shown() == (0, 0)
    for number in range(3):
        desk.bundle(bundle(number))
    suspended, _ = shown()
    assert suspended, "three who are alike share every key"
    desk.restart()
    assert shown() == (suspended, 0)
    del desk.machine
    gc.collect()
    assert shown() == (0, 0)
