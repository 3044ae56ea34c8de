"""R-02, R-23: associate in random worlds ends as a plain program says, and a planted bug is caught.

A failing seed names itself; `python -m tests.simulator --of associate --seed N` runs it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from streams.associate import clocks, handle, pairing, standing, updates
from streams.associate.expiries import Expiries
from streams.associate.state import NOBODY, Pair, RecordState, Side
from streams.runtime.crashpoints import NAMES
from tests.simulator.associate.worlds import world_of
from tests.simulator.judge import Violation
from tests.simulator.world import NO_FAULTS, Faults

SEEDS_A_CHUNK = 500
OF_THE_LOOP = {"batch.noted", "batch.counted", "offsets.acknowledged"}  # tests/integration/stage


def _try(seeds: range, faults: Faults | None = None) -> Counter[str]:
    counts: Counter[str] = Counter()
    for seed in seeds:
        try:
            counts.update(world_of(seed, faults).run().check().counts)
        except Violation as violation:
            pytest.fail(f"python -m tests.simulator --of associate --seed {seed}: {violation}")
    return counts


@pytest.mark.parametrize("chunk", range(2))
def test_all_faults_together_leave_what_the_oracle_says(chunk: int) -> None:
    counts = _try(range(chunk * SEEDS_A_CHUNK, (chunk + 1) * SEEDS_A_CHUNK))
    for name in set(NAMES) - OF_THE_LOOP:
        assert counts[f"crash {name}"] >= 10, f"{name} was hardly tried"
    assert counts["zombies"] > 200
    assert counts["lost writes"] > 20


def test_without_faults_too() -> None:
    _try(range(50_000, 50_100), NO_FAULTS)


def test_with_compaction_of_what_was_not_read_yet() -> None:
    _try(range(60_000, 60_100), replace(NO_FAULTS, compact=0.5))


def _pairs_any_versions(known: RecordState) -> RecordState:
    both = known.relations.value and known.identities.value
    values = (known.relations.value, known.identities.value)
    return known._replace(matched=Pair(known.relations.version, *values)) if both else known


def _keeps_the_pair(known: RecordState, side: str, version: int) -> RecordState:
    gone = Side(version, NOBODY)
    if side == "identify":
        return known._replace(identities=gone)
    return known._replace(relations=gone)


def _holds_for_ever(*_: Any, **__: Any) -> None:
    return None


def _forgets_what_is_gone(
    writer: Any, source: Any, known: Any, found: list[standing.Standing], gone: str,
    settled: frozenset[str] = frozenset(),
) -> Any:  # fmt: skip
    there = settled | {each.association_id for each in found}
    kept = {name: each for name, each in known.items() if name in there}
    return updates.updates(writer, source, kept, found, gone, settled)


def _is_never(*_: Any) -> bool:
    return False


BUGS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "sides of different versions are paired": (pairing, "_paired", _pairs_any_versions),
    "a removal leaves the pair": (pairing, "take_removal", _keeps_the_pair),
    "nothing expires": (standing, "expires_at", _holds_for_ever),
    "ceilings do not count": (clocks, "_ceilings", lambda *_: ()),
    "courts take nothing back": (standing._View, "_is_disposed_of", _is_never),
    "disputes freeze nothing": (standing, "_concerns", _is_never),
    "minors are not flagged": (standing._View, "_is_juvenile", _is_never),
    "a restart forgets what is to expire": (Expiries, "follow", lambda *_: None),
    "a tick says nothing": (Expiries, "due", lambda *_: []),
    "what a tick said is not numbered": (handle, "by_tick", lambda said, _now: said),
    "what a correction drops stays": (handle, "updates", _forgets_what_is_gone),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_caught(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*BUGS[bug])
    for seed in range(600):
        try:
            world_of(seed, Faults(compact=0)).run().check()
        except Violation:
            return
    pytest.fail(f"nobody noticed that {bug}")
