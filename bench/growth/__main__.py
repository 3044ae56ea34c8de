"""How the four stages bear growth: a county's records through them, without Kafka.

    python -m bench.growth [--sizes 20000,200000,1000000] [--together 1]

The records are those of the synthetic world's five departments, in nobody's order. Each stage is a
process of its own, as on a bus, and reads what those before it wrote into files; so many run at a
time, for all of them at once need more memory. At each size it is told what the last tenth of the
records up to there cost in each stage, what the values take, what the process came to hold in
memory, values included, the longest that a message, or the garbage collector, held the stage up so
far, and how soon a new owner would be ready: it loads every value into a new machine. CPU time,
with the garbage collector as the worker has it. In the end the values of the
largest size go to a real Kafka, and the stages' workers are started on them (`--no-restart` leaves
that out).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from multiprocessing import connection, get_context
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Final

from bench.growth.passes import FEEDS, make, take_in
from bench.growth.restart import restarts

_SIZES: Final = "20000,200000,1000000"
_SUMMED: Final = ("us_a_record", "state_bytes_a_record", "memory_bytes_a_record")


def main() -> None:
    """Measure and print one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=_SIZES, help="numbers of records, the smallest first")
    parser.add_argument("--together", type=int, default=1, help="processes at a time")
    parser.add_argument("--no-restart", action="store_true", help="leave Kafka out")
    asked = parser.parse_args()
    sizes = [int(each) for each in asked.sizes.split(",")]
    with tempfile.TemporaryDirectory(prefix="recordbus-growth-") as directory:
        found = measured(sizes, asked.together, Path(directory), keep=not asked.no_restart)
        if not asked.no_restart:
            found["restart"] = restarts(Path(directory))
            found["restart_seconds"] = max(each["seconds"] for each in found["restart"].values())
        print(json.dumps(found))


def measured(sizes: Sequence[int], together: int, directory: Path, *, keep: bool) -> dict[str, Any]:
    """Let a bus grow to each size, in order; with `keep`, the values stay in the directory."""
    grow(sizes, together, directory, keep=keep)
    stages = {name: json.loads((directory / f"{name}.json").read_text()) for name in FEEDS}
    steps = [_step({name: found[at] for name, found in stages.items()}) for at in range(len(sizes))]
    first, last = steps[0], steps[-1]
    return {
        "steps": steps,
        "largest": last,
        "slower_times": round(last["us_a_record"] / first["us_a_record"], 2),
        "ready_seconds_a_million": round(last["ready_seconds"] / last["records"] * 1e6, 1),
    }


def grow(sizes: Sequence[int], together: int, directory: Path, *, keep: bool) -> None:
    """Run one process after the other, so many at a time; raises when one fails."""
    spawn = get_context("spawn").Process
    waiting = [spawn(target=make, args=(sizes, directory), name="make")]
    for stage in FEEDS:
        given = {"stage": stage, "sizes": sizes, "directory": directory, "keep": keep}
        waiting.append(spawn(target=take_in, kwargs=given, name=stage))
    running: list[SpawnProcess] = []
    try:
        while waiting or running:
            while waiting and len(running) < together:
                running.append(waiting.pop(0))
                running[-1].start()
            connection.wait([each.sentinel for each in running])
            for each in [each for each in running if not each.is_alive()]:
                running.remove(each)
                if each.exitcode:
                    raise SystemExit(f"{each.name} ended with {each.exitcode}")
    finally:
        for each in running:
            each.kill()
            each.join()


def _step(stages: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Give what all stages come to at one size."""
    sums = {name: round(sum(each[name] for each in stages.values()), 1) for name in _SUMMED}
    records = stages["intake"]["records"]
    return {
        "records": records,
        **sums,
        "memory_mib": int(sums["memory_bytes_a_record"]) * records >> 20,
        "ready_seconds": max(each["ready_seconds"] for each in stages.values()),
        "longest_ms": max(each["longest_ms"] for each in stages.values()),
        "stages": stages,
    }


if __name__ == "__main__":
    main()
