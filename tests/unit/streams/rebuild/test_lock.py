"""How far a rebuild is: what the position records say, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.errors import Misconfigured
from streams.rebuild.lock import EMPTIED, LOCKED, Lock, Step, lock_of, locked, next_step
from streams.runtime.envelope import Positions, seal_positions, unseal_positions

EPOCHS = st.integers(0, 32_767)
OFFSETS = st.dictionaries(st.sampled_from(["ingest.a.v1", "ingest.b.v1"]), st.integers(0, 2**40))
LOCKS = st.builds(Lock, EPOCHS, st.integers(0, 2**40), OFFSETS)


def free(epoch: int, offsets: Mapping[str, int] | None = None) -> Positions:
    return Positions(epoch, 7, offsets or {})


def held(epoch: int, sequence: int = LOCKED) -> Positions:
    return Lock(epoch, sequence, {}).positions()


@given(LOCKS)
def test_a_lock_is_read_back_as_it_was_written(lock: Lock) -> None:
    assert lock_of(unseal_positions(seal_positions(lock.positions()))) == lock


@given(EPOCHS, OFFSETS)
def test_the_position_of_a_stage_is_no_lock(epoch: int, offsets: Mapping[str, int]) -> None:
    assert lock_of(Positions(epoch, 7, offsets)) is None


@given(LOCKS)
def test_no_stage_of_any_epoch_is_as_new_as_a_lock(lock: Lock) -> None:
    """An older release, which knows no locks, refuses to start on one too."""
    assert lock.positions().epoch > 32_767


@given(LOCKS)
def test_a_stage_goes_on_where_it_had_read_to(lock: Lock) -> None:
    assert lock.released(keeps_sequence=True) == (lock.epoch, lock.sequence, lock.next_offsets)
    assert lock.released(keeps_sequence=False) == (lock.epoch, -1, lock.next_offsets)


@pytest.mark.parametrize(
    ("intake", "step"),
    [
        ([free(0)], Step.CHECK),
        ([free(0), free(1)], Step.CHECK),
        ([held(2), free(0)], Step.CHECK),
        ([held(2), held(2)], Step.EMPTY),
        ([held(2, EMPTIED), held(2)], Step.EMPTY),
        ([held(2, EMPTIED), held(2, EMPTIED)], Step.RESTATE),
        ([held(2, 40), held(2, EMPTIED)], Step.RESTATE),
        ([free(2), held(2, 40)], Step.RESTATE),
        ([free(2), free(2)], Step.NOTHING),
    ],
)
def test_what_is_next_follows_from_the_partitions(intake: list[Positions], step: Step) -> None:
    assert next_step(intake, 2) is step


@pytest.mark.parametrize(
    ("intake", "complaint"),
    [
        ([free(3)], "intake is of epoch 3, not 2 .*EPOCH to 4"),
        ([held(3)], "a rebuild to epoch 3 has not ended .*EPOCH to 3"),
        ([held(1), held(1)], "a rebuild to epoch 1 has not ended .*EPOCH to 1"),
        ([free(2), free(1)], "some partitions of intake are of epoch 2 already .*EPOCH to 3"),
    ],
)
def test_an_epoch_that_cannot_be_the_next_is_refused(
    intake: list[Positions], complaint: str
) -> None:
    with pytest.raises(Misconfigured, match=complaint):
        next_step(intake, 2)


@given(st.lists(st.sampled_from([LOCKED, EMPTIED, 2, 50]), min_size=1, max_size=4))
def test_nothing_is_emptied_once_anything_may_have_been_said(sequences: list[int]) -> None:
    """Keys are said only once every partition was marked as emptied; so no later run empties."""
    marked = [max(EMPTIED, sequence) for sequence in sequences]
    assert next_step([held(2, sequence) for sequence in marked], 2) is Step.RESTATE


@given(EPOCHS, EPOCHS, OFFSETS)
def test_a_partition_is_locked_once_and_never_by_an_older_epoch(
    stored: int, epoch: int, offsets: Mapping[str, int]
) -> None:
    if stored > epoch:
        with pytest.raises(Misconfigured, match=f"EPOCH to {stored + 1}"):
            locked(free(stored, offsets), epoch, "changelog")
        return
    lock = locked(free(stored, offsets), epoch, "changelog")
    assert lock == (None if stored == epoch else Lock(epoch, LOCKED, offsets))
    if lock is not None:
        assert locked(lock.positions(), epoch, "changelog") is None
