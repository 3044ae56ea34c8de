"""Publish to association visible, through all four stages, at a steady rate.

    python -m bench.associations [--rate 1000] [--seconds 60]

The clock starts when the broker holds a record durably and stops when the first of its
associations is committed in the index; one new record in fifty is watched. Everything runs on
this machine. The records are of a county in which nobody comes twice, so that people meet as they
do in life. The first seconds are a warm-up at the same rate and do not count. A second bus then
gets many at once, which tells the highest rate that it sustains.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from typing import Any

import apsw

from bench.bus import cpu_seconds, resident_mib, running_bus, start_load
from bench.pipeline import drain
from recordbus.local.demo.bus import DemoBus

_WARM_UP_SECONDS = 10.0
_LOOK_SECONDS = 0.02
_DRAIN_SECONDS = 60.0
_AT_ONCE_PER_SECOND = 20_000
_AT_ONCE_SECONDS = 1.0
_AT_ONCE_DISTINCT = 40_000
_NS = 1_000_000_000


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    with running_bus() as bus, tempfile.TemporaryDirectory() as directory:
        found = measure(bus, asked.rate, asked.seconds, Path(directory))
    with running_bus() as bus, tempfile.TemporaryDirectory() as directory:
        found |= at_once(bus, Path(directory))
    print(json.dumps(found))


def measure(bus: DemoBus, rate: int, seconds: float, directory: Path) -> dict[str, Any]:
    """Run the load and give latency, CPU, memory, and how long the rest took at the end."""
    samples = directory / "samples.txt"
    length = seconds + _WARM_UP_SECONDS
    more = ("--distinct", str(int(rate * length)), "--samples", str(samples))
    load = start_load(bus, rate, length, directory / "load.json", *more)
    _wait_for(samples)
    began_ns = time.time_ns()
    watch = Watch(bus, samples)
    watch.until(time.monotonic() + _WARM_UP_SECONDS)
    cpu_before = cpu_seconds(bus)
    watch.until(time.monotonic() + seconds)
    cpu_after, loaded_mib = cpu_seconds(bus), resident_mib(bus)
    if load.wait(_DRAIN_SECONDS):
        raise SystemExit("the load failed")
    ended = time.monotonic()
    watch.until(ended + _DRAIN_SECONDS, stop_when_quiet=True)
    told = json.loads((directory / "load.json").read_text(encoding="utf-8"))
    drain(bus, told["sent"])
    late_ms = sorted(watch.delays_ms(began_ns + int(_WARM_UP_SECONDS * _NS)))
    cuts = quantiles(late_ms, n=100)
    return {
        "asked_rate": rate,
        "published_per_second": round(told["sent"] / told["seconds"]),
        "failed": told["failed"],
        "watched": len(late_ms),
        "p50_ms": round(cuts[49]),
        "p99_ms": round(cuts[98]),
        "max_ms": round(late_ms[-1]),
        "drained_seconds": round(watch.last_news - ended, 1),
        "associations": watch.ties,
        "cpu_share": {
            name: round((cpu_after[name] - used) / seconds, 2) for name, used in cpu_before.items()
        },
        "loaded_mib": loaded_mib,
        "total_loaded_mib": sum(loaded_mib.values()),
    }


def at_once(bus: DemoBus, directory: Path) -> dict[str, Any]:
    """Publish many as fast as can be; gives how many a second became associations."""
    samples = directory / "samples.txt"
    more = ("--distinct", str(_AT_ONCE_DISTINCT), "--samples", str(samples))
    output = directory / "load.json"
    load = start_load(bus, _AT_ONCE_PER_SECOND, _AT_ONCE_SECONDS, output, *more)
    _wait_for(samples)
    began = time.monotonic()
    watch = Watch(bus, samples)
    while load.poll() is None or not watch.ties:
        watch.until(time.monotonic() + 1)
    if load.returncode:
        raise SystemExit("the load failed")
    watch.until(began + 3 * _DRAIN_SECONDS, stop_when_quiet=True)
    sent = json.loads(output.read_text(encoding="utf-8"))["sent"]
    return {
        "at_once": sent,
        "at_once_per_second": round(sent / (watch.last_news - began)),
    }


class Watch:
    """Looks into the index for the associations of the sampled records."""

    def __init__(self, bus: DemoBus, samples: Path) -> None:
        self._index = apsw.Connection(
            str(bus.directory / "index" / "records.sqlite"), flags=apsw.SQLITE_OPEN_READONLY
        )
        self._index.set_busy_timeout(1000)
        self._samples = samples.open(encoding="utf-8")
        self._rest = ""
        self._acknowledged: dict[bytes, int] = {}
        self._seen: dict[bytes, int] = {}
        self.ties = 0
        self.last_news = time.monotonic()

    def until(self, end: float, *, stop_when_quiet: bool = False) -> None:
        """Look on until a monotonic time, or until nothing has come for five seconds."""
        while (now := time.monotonic()) < end:
            if stop_when_quiet and now - self.last_news > 5:
                return
            self._look()
            time.sleep(_LOOK_SECONDS)

    def delays_ms(self, from_ns: int) -> Iterator[float]:
        """Give the delays of the records that were acknowledged from a time on."""
        for key, at in self._acknowledged.items():
            if at >= from_ns and key in self._seen:
                yield max(self._seen[key] - at, 0) / 1_000_000

    def _look(self) -> None:
        *lines, self._rest = (self._rest + self._samples.read()).split("\n")
        for line in lines:
            key, at = line.split()
            self._acknowledged[bytes.fromhex(key)] = int(at)
        rows = self._index.execute("SELECT id, record_key FROM tie WHERE id > ?", (self.ties,))
        now = time.time_ns()
        for number, key in rows:
            self.ties, self.last_news = number, time.monotonic()
            self._seen.setdefault(key, now)


def _wait_for(samples: Path) -> None:
    while not (samples.exists() and samples.stat().st_size):
        time.sleep(_LOOK_SECONDS)


if __name__ == "__main__":
    main()
