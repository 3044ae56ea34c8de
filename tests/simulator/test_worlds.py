"""The one rule, in thousands of random worlds: nothing lost, nothing doubled, nothing stale.

A failing seed names itself; `python -m tests.simulator --seed N` runs it again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from streams.runtime.crashpoints import NAMES
from tests.simulator.__main__ import main, try_seed
from tests.simulator.judge import Violation
from tests.simulator.toy import plan
from tests.simulator.world import NO_FAULTS, Faults, World

pytestmark = pytest.mark.no_cover  # tracing would double the time, and shows nothing new

SEEDS_A_CHUNK = 1000
OF_THE_LOOP = {"batch.noted", "batch.counted", "offsets.acknowledged"}  # tests/integration/stage

NEVER = replace(NO_FAULTS, keeps_store=0.6, old_store=0.2)

ALONE = {
    "none": NO_FAULTS,
    "crash": replace(NEVER, crash=0.05),
    "zombie": replace(NEVER, zombie=0.05),
    "lost commits": replace(NEVER, lost_commit=0.1, unknown_commit=0.1),
    "lost writes": replace(NEVER, lost_write=0.02),
    "compaction and truncation": replace(NEVER, compact=0.3, truncate=0.3),
    "outages": replace(NEVER, outage=0.2),
    "old stores": replace(NEVER, crash=0.05, keeps_store=1, old_store=0.8),
}


def _try(seeds: range, faults: Faults | None = None) -> Counter[str]:
    counts: Counter[str] = Counter()
    for seed in seeds:
        try:
            counts.update(try_seed(seed, faults).counts)
        except Violation as violation:
            pytest.fail(f"python -m tests.simulator --seed {seed}: {violation}")
    return counts


@pytest.mark.parametrize("chunk", range(8))
def test_all_faults_together_lose_and_double_nothing(chunk: int) -> None:
    counts = _try(range(chunk * SEEDS_A_CHUNK, (chunk + 1) * SEEDS_A_CHUNK))
    for name in set(NAMES) - OF_THE_LOOP:
        assert counts[f"crash {name}"] >= 30, f"{name} was hardly tried"
    assert counts["zombies"] > 400
    assert counts["SimulatedFailure"] > 400
    assert counts["lost writes"] > 100


@pytest.mark.parametrize("fault", ALONE)
def test_each_fault_alone_loses_and_doubles_nothing(fault: str) -> None:
    _try(range(100_000, 100_100), ALONE[fault])


def test_a_seed_gives_the_same_world_again() -> None:
    first, second = (World(4711, plan(4711), Faults()).run() for _ in range(2))
    assert first.counts == second.counts
    assert {a: list(log.committed()) for a, log in first.broker.logs.items()} == {
        a: list(log.committed()) for a, log in second.broker.logs.items()
    }


def test_the_command_names_a_failing_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(seed: int) -> World:
        if seed == 7:
            raise Violation("planted")
        return World(seed, plan(seed), Faults())

    monkeypatch.setattr("tests.simulator.__main__.try_seed", failing)
    monkeypatch.setattr("sys.argv", ["simulator", "--seeds", "9"])
    assert main() == 1
    said = capsys.readouterr().out
    assert "--of chain --seed 7" in said
    assert "9 worlds of chain" in said
    assert "9 worlds of intake" in said
