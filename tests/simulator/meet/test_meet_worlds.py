"""R-09, R-25, R-26: meet in random worlds says what a plain program says, and a bug is caught.

A failing seed names itself; `python -m tests.simulator --of meet --seed N` runs it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

import pytest

from streams.meet import change, handle, restating, worth
from streams.meet.change import Change, Touched
from streams.meet.index import Blocks, Holders
from tests.simulator.judge import Violation
from tests.simulator.meet.worlds import SMALL, MeetWorld

SEEDS_A_CHUNK = 60


@pytest.mark.parametrize("chunk", range(4))
def test_after_every_message_the_lists_are_what_the_oracle_says(chunk: int) -> None:
    counts: Counter[str] = Counter()
    for seed in range(chunk * SEEDS_A_CHUNK, (chunk + 1) * SEEDS_A_CHUNK):
        try:
            counts.update(MeetWorld(seed).run().counts)
        except Violation as violation:
            pytest.fail(f"python -m tests.simulator --of meet --seed {seed}: {violation}")
    for name in ("pairs", "links", "restated left", "value default", "value telling"):
        assert counts[name] > 100, f"{name} was hardly tried"
    for name in ("restated flipped", "block suspended", "block resumed"):
        assert counts[name] > 50, f"{name} was hardly tried"


@pytest.mark.parametrize("seed", range(1000, 1012))
def test_one_partition_and_four_state_the_same_pairs(seed: int) -> None:
    alone, spread = MeetWorld(seed, partitions=1), MeetWorld(seed, partitions=4)
    for world in (alone, spread):
        world.run()
    assert alone.parts.keys() == spread.parts.keys()
    assert alone.stated() == spread.stated()


def _nobody(*_: Any) -> set[int]:
    return set()


def _is_always(*_: Any) -> bool:
    return True


def _first_members(self: Blocks, key: bytes) -> Collection[int]:
    return sorted(_members(self, key))[: SMALL.block_members]


def _without_defaults(self: Change, key: bytes) -> Collection[int]:
    touched = self.blocks[key]
    return () if touched.is_suspended else touched.others


def _as_if_unflipped(self: Change, key: bytes, *rest: Any) -> Touched:
    touched = _touched(self, key, *rest)
    return touched._replace(was_active=touched.is_active)


def _with_itself(_: Change, members: Collection[int]) -> Collection[int]:
    return members


def _only_with_index(self: Change, key: bytes) -> Collection[int]:
    return self._unchanged(key)


_members = Blocks.members
_touched = Change._touched

BUGS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "lists that a record left are not said again": (handle, "left_behind", _nobody),
    "lists that a court left are not said again": (handle, "unlinked", _nobody),
    "lists of flipped blocks are not said again": (handle, "parted_by_flips", _nobody),
    "flipped matters are not said again": (restating, "_linked", _nobody),
    "what a record says now is taken for what it said": (restating, "is_same", _is_always),
    "a block is truncated": (Blocks, "members", _first_members),
    "no block flips": (Change, "_touched", _as_if_unflipped),
    "a default value is a key for the record itself": (Change, "own_after", _without_defaults),
    "other lists do not see the change": (Change, "after", _only_with_index),
    "default values are not said": (Change, "flipped_values", lambda _: []),
    "there are no default values": (change, "is_default", lambda *_: False),
    "names are not released": (Holders, "release", lambda *_: None),
    "a court's own people are forgotten": (handle, "own_courts", lambda *_: []),
    "a record meets what it was": (Change, "_others", _with_itself),
    "matters do not meet": (handle, "courts", lambda *_: []),
    "nothing is worth keeping": (worth.Comparer, "evidence", lambda *_: None),
    "values of others are none": (Change, "_unchanged_value", lambda *_: (False, False)),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_caught(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*BUGS[bug])
    _expect_somebody_notices(bug, lambda seed: MeetWorld(seed))


@pytest.mark.parametrize("wrong", [
    SMALL._replace(block_members=SMALL.block_members + 1),
    SMALL._replace(block_members=SMALL.block_members - 1),
    SMALL._replace(value_names=SMALL.value_names + 1),
    SMALL._replace(value_names=SMALL.value_names - 1),
])  # fmt: skip
def test_a_limit_that_is_off_by_one_is_caught(wrong: Any) -> None:
    _expect_somebody_notices(repr(wrong), lambda seed: MeetWorld(seed, told=wrong))


def _expect_somebody_notices(bug: str, make: Callable[[int], MeetWorld]) -> None:
    for seed in range(400):
        try:
            make(seed).run()
        except (Violation, AssertionError, LookupError):
            return
    pytest.fail(f"nobody noticed: {bug}")
