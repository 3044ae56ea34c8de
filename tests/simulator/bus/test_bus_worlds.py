"""Whatever happens to the stages, the public topics end as one plain batch program says.

R-02, R-09, R-21..R-27. A failing seed names itself; `python -m tests.simulator --of bus --seed N`
runs it again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from schemas.association_rules import association_rules
from streams.runtime.crashpoints import NAMES
from tests.simulator.bus.worlds import world_of
from tests.simulator.judge import Violation
from tests.simulator.world import NO_FAULTS, Faults

pytestmark = pytest.mark.no_cover  # tracing would double the time, and shows nothing new

SEEDS_A_CHUNK = 120
CHUNKS = 3
OF_THE_LOOP = {"batch.noted", "batch.counted", "offsets.acknowledged"}  # tests/integration/stage
CAME_ABOUT = {
    "said asserted": 300,
    "said changed": 300,
    "said corrected": 20,
    "said withdrawn": 5,
    "said sealed": 5,
    "said expunged": 5,
    "said expired": 5,
    "said disposition": 10,
    "said dispute": 20,
    "said merged": 5,
    "said moved": 200,
    "intake duplicate": 30,
    "intake superseded": 30,
    "intake tombstoned": 2,
    "intake: judged same": 20,
    "intake: judged different": 20,
    "intake: judged revoked": 5,
    "judgements lapsed": 5,
    "identify: entity merged": 50,
    "identify: entity split": 50,
    "identify: alarm component_over_cap": 10,
    "meet: block suspended": 50,
    "meet: block resumed": 30,
    "meet: value default": 30,
    "meet: value telling": 15,
    "person vetoes": 3,
    "suspended matters": 1,
    "several meeting partitions": 30,
}
"""What must have happened so often in the worlds of one chunk, else they show nothing of it."""


def _try(seeds: range, faults: Faults | None = None) -> Counter[str]:
    counts: Counter[str] = Counter()
    for seed in seeds:
        try:
            counts.update(world_of(seed, faults).run().check().counts)
        except Violation as violation:
            pytest.fail(f"python -m tests.simulator --of bus --seed {seed}: {violation}")
    return counts


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_all_faults_together_leave_what_the_batch_program_says(chunk: int) -> None:
    counts = _try(range(chunk * SEEDS_A_CHUNK, (chunk + 1) * SEEDS_A_CHUNK))
    for name in set(NAMES) - OF_THE_LOOP:
        assert counts[f"crash {name}"] >= 3, f"{name} was hardly tried"
    assert counts["zombies"] > 50
    for kind in association_rules():
        assert any(count for name, count in counts.items() if _accepts(name, kind)), kind
    assert not {name: counts[name] for name, least in CAME_ABOUT.items() if counts[name] < least}


def _accepts(name: str, kind: str) -> bool:
    return name.startswith("intake: accepted") and name.endswith(f" {kind}")


def test_without_faults_too() -> None:
    _try(range(50_000, 50_040), NO_FAULTS)


def test_with_compaction_of_what_was_not_read_yet() -> None:
    _try(range(60_000, 60_040), replace(NO_FAULTS, compact=0.5))
