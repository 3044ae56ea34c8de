"""How fast a synthetic county is written, and that memory does not grow with it.

Each size runs `recordbus synth` in a process of its own, so that its CPU time and peak memory are
the command's alone. Records are distinct records, not rows: with two snapshots nearly every record
is written twice and counts once.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

TARGET_RECORDS_PER_SECOND: Final = 20_000
_SIZES: Final = ((10_000, 2), (70_000, 1), (700_000, 1))


def measure(people: int, snapshots: int, seed: int = 1) -> dict[str, Any]:
    """Write one county and return records, rates (wall and CPU), peak memory and bytes written.

    A record's rate on a busy machine is its CPU rate; wall time then belongs to the neighbours.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "county"
        manifest, usage = _run(people, snapshots, seed, out)
        written_bytes = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return {
        "people": people,
        "snapshots": snapshots,
        "records": manifest["records"],
        "rows": manifest["rows"],
        "records_per_second": round(manifest["records"] / manifest["elapsed_seconds"]),
        "records_per_cpu_second": round(manifest["records"] / cpu_seconds),
        "peak_mebibytes": round(usage.ru_maxrss / 1024, 1),
        "written_mebibytes": round(written_bytes / 2**20, 1),
    }


def _run(people: int, snapshots: int, seed: int, out: Path) -> tuple[dict[str, Any], Any]:
    command = [
        sys.executable, "-m", "recordbus", "synth", "--json", "--out", str(out),
        "--people", str(people), "--seed", str(seed), "--snapshots", str(snapshots),
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        printed = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"recordbus synth ended with {child.returncode}")
    return json.loads(printed), usage


def main() -> None:
    """Measure every size and print one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, action="append", help="measure this size instead")
    parser.add_argument("--snapshots", type=int, default=1)
    options = parser.parse_args()
    sizes = [(people, options.snapshots) for people in options.people or ()] or list(_SIZES)
    for people, snapshots in sizes:
        print(json.dumps(measure(people, snapshots)), flush=True)


if __name__ == "__main__":
    main()
