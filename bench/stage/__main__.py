"""`python -m bench.stage`: ours beside plain Faust, Quix Streams and a bare loop, in one run.

Every engine replays the same log on the same broker and does the same job. The rounds go through
all engines in turn, so that what else the machine does hits all of them; the median counts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from statistics import median
from typing import Any, Final

import psutil
from rich.console import Console
from rich.table import Table

from bench.stage.environments import ROOT, python_for, versions
from bench.stage.job import WORK_MICROSECONDS, Job, calibrated_rounds, event, microseconds_of
from recordbus.kafka.admin import Admin
from recordbus.kafka.producer import IdempotentProducer
from recordbus.kafka.topics import Topic
from recordbus.local.servers import LocalServers
from streams.runtime.tenure import changelog_topic

RESULTS: Final = ROOT / "bench" / "results" / "stage.json"
SOURCE: Final = "bench.source"
_COMPACT: Final = {"cleanup.policy": "compact"}
_TIME_LIMIT_SECONDS: Final = 150.0


@dataclass(frozen=True, slots=True)
class Engine:
    """One row of the table."""

    title: str
    module: str
    exactly_once: bool
    target: float | None = None  # ours must be at least this many times as fast


ENGINES: Final = (
    Engine("recordbus stage (transactions)", "ours", exactly_once=True),
    Engine("plain Faust", "plain_faust", exactly_once=False, target=4.0),
    Engine("plain Faust, exactly once", "plain_faust", exactly_once=True, target=1.0),
    Engine("Quix Streams", "quix", exactly_once=False, target=0.8),
    Engine("Quix Streams, exactly once", "quix", exactly_once=True, target=1.0),
    Engine("bare confluent-kafka", "bare", exactly_once=False, target=0.6),
    Engine("bare confluent-kafka, exactly once", "bare", exactly_once=True, target=1.0),
)


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one engine; None where no round finished."""

    title: str
    events_per_second: float | None
    cpu_microseconds: float | None
    own_microseconds: float | None
    peak_mib: float | None
    ours_times: float | None
    target: float | None
    rounds_finished: int


def main() -> None:
    """Measure, print the table, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--partitions", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="modules of the engines to run")
    asked = parser.parse_args()
    engines = [e for e in ENGINES if not asked.only or e.module in asked.only]
    hashing = calibrated_rounds()
    work = microseconds_of(Job(hashing))
    load_before = os.getloadavg()[0]
    with LocalServers(registry=False) as servers:
        bench = Bench(servers, asked.events, asked.partitions, hashing)
        bench.fill()
        measured: dict[str, list[dict[str, float]]] = {engine.title: [] for engine in engines}
        for _ in range(asked.rounds):
            for engine in engines:
                one = bench.run(engine)
                if one is not None:
                    measured[engine.title].append(one)
    rows = _rows(engines, measured, work)
    machine = _machine(work, load_before, asked.events, asked.partitions, asked.rounds)
    _print(rows, machine)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(
        json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=1) + "\n"
    )


class Bench:
    """The broker, the log to replay, and runs over it."""

    def __init__(self, servers: LocalServers, events: int, partitions: int, hashing: int) -> None:
        self._servers = servers
        self._events = events
        self._partitions = partitions
        self._hashing = hashing
        self._runs = 0
        self._admin = Admin(servers.connection)

    def fill(self) -> None:
        """Write the log that every engine replays."""
        self._admin.apply_topics(
            [
                Topic(SOURCE, self._partitions, config={}),
                Topic("quarantine.v1", 1, config={}),
            ]
        )
        producer = IdempotentProducer(self._servers.connection)
        random = Random(1)
        for sequence in range(self._events):
            producer.produce(SOURCE, *event(random, sequence))
            if sequence % 1000 == 0:
                producer.poll()
        producer.close(60)

    def run(self, engine: Engine) -> dict[str, float] | None:
        """Run one engine over the whole log; gives None when it does not finish in time."""
        self._runs += 1
        stage, output = f"bench-{engine.module.replace('_', '-')}-{self._runs}", f"out.{self._runs}"
        self._topics(stage, output)
        given = {
            "servers": self._servers.bootstrap_servers,
            "source": SOURCE,
            "output": output,
            "stage": stage,
            "partitions": self._partitions,
            "events": self._events,
            "rounds": self._hashing,
        }
        python = python_for(engine.module)
        with tempfile.TemporaryDirectory() as directory:
            command = [python, "-m", f"bench.stage.engines.{engine.module}"]
            for name, value in {**given, "directory": directory}.items():
                command += [f"--{name}", str(value)]
            if engine.exactly_once:
                command.append("--exactly-once")
            return _measured(command)

    def _topics(self, stage: str, output: str) -> None:
        """Make what the engines do not make themselves."""
        changelogs = [changelog_topic(stage), f"{stage}-changelog"]
        self._admin.apply_topics(
            [Topic(name, self._partitions, config=_COMPACT) for name in [output, *changelogs]]
        )


def _measured(command: list[str]) -> dict[str, float] | None:
    try:
        done = subprocess.run(
            command,
            check=False,  # an engine that fails has no row
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_TIME_LIMIT_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return None
    lines = [line for line in done.stdout.decode().splitlines() if line.startswith('{"events"')]
    result: dict[str, float] | None = json.loads(lines[-1]) if lines else None
    return result


def _rows(
    engines: list[Engine], measured: dict[str, list[dict[str, float]]], work: float
) -> list[Row]:
    speeds = {
        title: median(one["events"] / one["seconds"] for one in runs)
        for title, runs in measured.items()
        if runs
    }
    ours = speeds.get(ENGINES[0].title)
    return [_row(engine, measured[engine.title], speeds, ours, work) for engine in engines]


def _row(
    engine: Engine,
    runs: list[dict[str, float]],
    speeds: dict[str, float],
    ours: float | None,
    work: float,
) -> Row:
    if not runs:
        return Row(engine.title, None, None, None, None, None, engine.target, 0)
    cpu = median(one["cpu_seconds"] / one["events"] * 1e6 for one in runs)
    speed = speeds[engine.title]
    return Row(
        engine.title,
        speed,
        cpu,
        cpu - work,
        median(one["peak_mib"] for one in runs),
        ours / speed if ours else None,
        engine.target,
        len(runs),
    )


def _machine(
    work: float, load_before: float, events: int, partitions: int, rounds: int
) -> dict[str, Any]:
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "processor": _processor(),
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "load_before": round(load_before, 2),
        "python": platform.python_version(),
        "versions": versions(
            sys.executable, ["faust-streaming", "aiokafka", "confluent-kafka", "fastavro"]
        )
        | versions(python_for("quix"), ["quixstreams"]),
        "work_microseconds": round(work, 1),
        "work_wanted_microseconds": WORK_MICROSECONDS,
        "events": events,
        "partitions": partitions,
        "rounds": rounds,
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), "unknown")


def _print(rows: list[Row], machine: dict[str, Any]) -> None:
    console = Console(width=120)
    told = ", ".join(f"{key} {value}" for key, value in machine.items() if key != "versions")
    console.print(told)
    console.print(", ".join(f"{name} {v}" for name, v in machine["versions"].items()))
    table = Table()
    titles = ("engine", "events/s", "CPU us/event", "own us/event", "peak MiB", "ours is", "target")
    for title in titles:
        table.add_column(title, justify="left" if title == "engine" else "right")
    for row in rows:
        table.add_row(*_cells(row))
    console.print(table)


def _cells(row: Row) -> list[str]:
    if row.events_per_second is None:
        return [row.title, "did not finish", "", "", "", "", _times(row.target)]
    return [
        row.title,
        f"{row.events_per_second:,.0f}",
        f"{row.cpu_microseconds:.1f}",
        f"{row.own_microseconds:.1f}",
        f"{row.peak_mib:.0f}",
        _times(row.ours_times),
        f">= {_times(row.target)}" if row.target else "",
    ]


def _times(value: float | None) -> str:
    return "" if value is None else f"{value:.2f} x"


if __name__ == "__main__":
    main()
