"""Publish to searchable on the whole bus, at a steady rate; and the memory of all of it.

    python -m bench.pipeline [--rate 2000] [--seconds 60]

The clock starts when the broker holds the record durably and stops when its index row is
committed. Everything runs on this machine: the publisher, Kafka, the registry, intake, the index
and upkeep. The first seconds are a warm-up at the same rate and do not count.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.bus import cpu_seconds, resident_mib, running_bus, start_load
from recordbus.local.demo.bus import DemoBus
from recordbus.local.demo.latency import buckets, quantile
from recordbus.local.demo.numbers import scrape
from recordbus.local.demo.publishing import look

_WARM_UP_SECONDS = 10.0
_DRAIN_SECONDS = 60.0
_NAME = "recordbus_end_to_end_seconds"


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60.0)
    asked = parser.parse_args()
    with running_bus() as bus, tempfile.TemporaryDirectory() as directory:
        print(json.dumps(measure(bus, asked.rate, asked.seconds, Path(directory) / "load.json")))


def measure(bus: DemoBus, rate: int, seconds: float, output: Path) -> dict[str, Any]:
    """Run the load and give latency, throughput, CPU and memory."""
    idle_mib = resident_mib(bus)
    load = start_load(bus, rate, seconds + _WARM_UP_SECONDS, output)
    time.sleep(_WARM_UP_SECONDS)
    before, cpu_before, stored_before = histogram(bus), cpu_seconds(bus), look(bus).stored
    time.sleep(seconds - 1)
    after, cpu_after, stored_after = histogram(bus), cpu_seconds(bus), look(bus).stored
    loaded_mib = resident_mib(bus)
    if load.wait(_DRAIN_SECONDS):
        raise SystemExit("the load failed")
    told = json.loads(output.read_text(encoding="utf-8"))
    window = [(bound, n - was) for (bound, n), (_, was) in zip(after, before, strict=True)]
    drained_seconds = drain(bus, told["sent"])
    return {
        "asked_rate": rate,
        "sent": told["sent"],
        "failed": told["failed"],
        "stored_per_second": round((stored_after - stored_before) / (seconds - 1)),
        "p50_ms": round(quantile(0.5, window) * 1000),
        "p99_ms": round(quantile(0.99, window) * 1000),
        "drained_seconds": round(drained_seconds, 1),
        "cpu_share": {
            name: round((cpu_after[name] - used) / (seconds - 1), 2)
            for name, used in cpu_before.items()
        },
        "idle_mib": idle_mib,
        "loaded_mib": loaded_mib,
        "total_loaded_mib": sum(loaded_mib.values()),
    }


def histogram(bus: DemoBus) -> list[tuple[float, float]]:
    """Read the end-to-end histogram of the index; every bucket is there from its first use."""
    ports = [bus.metrics_ports()["index"]]
    found = buckets(scrape(ports), _NAME)
    if not found:
        raise SystemExit("the index has stored nothing yet: is the machine busy?")
    return found


def drain(bus: DemoBus, sent: int) -> float:
    """Wait until all that was sent is stored, or refused; gives the seconds that took."""
    started = time.monotonic()
    while (now := look(bus)).judged < sent or now.stored < now.accepted.total():
        if time.monotonic() - started > _DRAIN_SECONDS:
            raise SystemExit(f"{now.judged} of {sent} were judged, {now.stored} stored")
        time.sleep(0.1)
    return time.monotonic() - started


if __name__ == "__main__":
    main()
