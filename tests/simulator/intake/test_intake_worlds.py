"""R-25, R-27: intake in random worlds ends as a plain program says, and no removed content is left.

A failing seed names itself; `python -m tests.simulator --of intake --seed N` runs it again.
"""

from __future__ import annotations

from collections import Counter

import pytest

from streams.runtime.crashpoints import NAMES
from tests.simulator.intake.office import office
from tests.simulator.intake.worlds import world_of
from tests.simulator.judge import Violation
from tests.simulator.world import NO_FAULTS, Faults

pytestmark = pytest.mark.no_cover  # tracing would double the time, and shows nothing new

SEEDS_A_CHUNK = 400
OF_THE_LOOP = {"batch.noted", "batch.counted", "offsets.acknowledged"}  # tests/integration/stage
OUTCOMES = {
    "accepted", "unknown_retraction", "duplicate", "superseded", "quarantined",
    "tick", "tombstoned", "upkeep_ignored", "judged",
}  # fmt: skip


def _try(seeds: range, faults: Faults | None = None) -> Counter[str]:
    counts: Counter[str] = Counter()
    for seed in seeds:
        try:
            counts.update(world_of(seed, faults).run().check().counts)
        except Violation as violation:
            pytest.fail(f"python -m tests.simulator --of intake --seed {seed}: {violation}")
    return counts


@pytest.mark.parametrize("chunk", range(2))
def test_all_faults_together_leave_what_the_oracle_says(chunk: int) -> None:
    counts = _try(range(chunk * SEEDS_A_CHUNK, (chunk + 1) * SEEDS_A_CHUNK))
    for name in set(NAMES) - OF_THE_LOOP:
        assert counts[f"crash {name}"] >= 10, f"{name} was hardly tried"
    assert counts["zombies"] > 200
    for outcome in OUTCOMES:
        assert office().handled[outcome] >= 50, f"{outcome} hardly came about"


def test_without_faults_too() -> None:
    _try(range(50_000, 50_100), NO_FAULTS)


def test_a_seed_gives_the_same_world_again() -> None:
    first, second = (world_of(4711).run() for _ in range(2))
    assert first.counts == second.counts
    assert {at: list(log.committed()) for at, log in first.broker.logs.items()} == {
        at: list(log.committed()) for at, log in second.broker.logs.items()
    }
