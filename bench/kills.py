"""Kills intake and the index by turns during load, and counts what was lost or wrong: nothing.

    python -m bench.kills [--kills 10] [--rate 400]

A kill is SIGKILL to the worker; the supervisor starts it again. `back` is when the index holds a
record that was published after the kill and is at most a second behind. At the end the newest
acknowledged version of every record is compared with `records.v1`, and the index with the log.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.bus import processes, running_bus, start_load
from bench.load import DEPARTMENT
from consumers.search.engines.sqlite.reader import SqliteSearch
from recordbus.local.demo.bus import DemoBus
from recordbus.local.demo.sample import records

_SETTLED_SECONDS = 8.0
_PATIENCE_SECONDS = 60.0
_BEHIND_US = 1_000_000
_VICTIMS = ("intake", "index")


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--rate", type=int, default=400)
    asked = parser.parse_args()
    with running_bus() as bus, tempfile.TemporaryDirectory() as directory:
        print(json.dumps(measure(bus, asked.kills, asked.rate, Path(directory) / "load.json")))


def measure(bus: DemoBus, kills: int, rate: int, output: Path) -> dict[str, Any]:
    """Kill during load, then compare everything."""
    seconds = (kills + 1) * 2 * _SETTLED_SECONDS
    load = start_load(bus, rate, seconds, output)
    time.sleep(_SETTLED_SECONDS)
    back: dict[str, list[float]] = {name: [] for name in _VICTIMS}
    for number in range(kills):
        victim = _VICTIMS[number % len(_VICTIMS)]
        back[victim].append(round(kill(bus, victim), 1))
        time.sleep(_SETTLED_SECONDS / 2)
    if load.wait(seconds + _PATIENCE_SECONDS):
        raise SystemExit("the load failed")
    told = json.loads(output.read_text(encoding="utf-8"))
    lost, wrong = compare(bus, told["last"])
    verdict = bus.run_json("index", "verify")
    return {
        "kills": kills,
        "rate": rate,
        "acknowledged": told["sent"] - told["failed"],
        "records": len(told["last"]),
        "lost": lost,
        "wrong": wrong,
        "index_is_right": verdict["is_right"],
        "back_seconds": back,
        "back_seconds_max": max(max(each) for each in back.values() if each),
    }


def kill(bus: DemoBus, victim: str) -> float:
    """Kill a worker; gives the seconds until the index is up to date again."""
    pid = processes(bus)[victim]
    killed_us = time.time_ns() // 1000
    started = time.monotonic()
    pid.kill()
    while time.monotonic() - started < _PATIENCE_SECONDS:
        newest = newest_us(bus)
        if newest > killed_us and newest > time.time_ns() // 1000 - _BEHIND_US:
            return time.monotonic() - started
        time.sleep(0.05)
    raise SystemExit(f"the bus was not back {_PATIENCE_SECONDS:g} s after {victim} was killed")


def newest_us(bus: DemoBus) -> int:
    """Give when the newest record of the index was published."""
    engine = SqliteSearch(bus.directory / "index" / "records.sqlite")
    try:
        return engine.freshness().newest_us.get(DEPARTMENT, 0)
    finally:
        engine.close()


def compare(bus: DemoBus, last: dict[str, int]) -> tuple[int, int]:
    """Count acknowledged records that are missing, and those that stand at another version."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        held = {value["record_key"]: value["source_seq"] for value in records(bus)}
        lost = sum(key not in held for key in last)
        wrong = sum(held.get(key, seq) != seq for key, seq in last.items())
        if not lost + wrong or time.monotonic() > deadline:
            return lost, wrong
        time.sleep(1)


if __name__ == "__main__":
    main()
