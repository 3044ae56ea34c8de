"""How soon a stage's worker is ready again on a real Kafka, when its state is so and so large.

Its changelog holds every value once, as compaction leaves it, and the worker has nothing of its own
on disk: it starts, joins its group, fences, reads everything, and derives its indexes. One stage
after the other, each with the machine to itself but for the broker.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import psutil

from bench.growth.passes import FEEDS, values_of
from bench.growth.spool import follow
from bench.stage.environments import ROOT
from bench.workers import register_schemas, stop, worker_command, worker_environment
from recordbus.kafka.admin import Admin
from recordbus.kafka.producer import IdempotentProducer
from recordbus.kafka.topics import Topic
from recordbus.local.servers import LocalServers
from recordbus.testing import records
from schemas import catalog
from streams.runtime.envelope import POSITION_KEY, Positions, seal, seal_positions
from streams.runtime.tenure import changelog_topic

_EPOCH: Final = 0
_LOOK_SECONDS: Final = 0.1
_MOST_SECONDS: Final = 600.0


def restarts(directory: Path) -> dict[str, dict[str, Any]]:
    """Give for every stage how long it took from the start of its process until it was ready."""
    with LocalServers() as servers:
        register_schemas(servers)
        specs = catalog.topics().concrete([records.DEPARTMENT])
        wanted = [Topic(spec.name, spec.partitions, config=spec.config) for spec in specs]
        Admin(servers.connection).apply_topics(wanted)
        return {stage: _restart(servers, stage, directory) for stage in FEEDS}


def _restart(servers: LocalServers, stage: str, directory: Path) -> dict[str, Any]:
    written = _fill(servers, stage, directory)
    own = directory / f"{stage}-run"
    own.mkdir()
    log = own / "worker.log"
    began = time.monotonic()
    with log.open("wb") as output:
        worker = subprocess.Popen(
            worker_command(stage),
            env=worker_environment(servers, own),
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
    try:
        ready = _ready(worker, log)
        seconds = time.monotonic() - began
        process = psutil.Process(worker.pid)
        times = process.cpu_times()
        return {
            "values": ready["state_values"],
            "changelog_mib": written >> 20,
            "seconds": round(seconds, 1),
            "of_that_restoring_seconds": round(ready["seconds"], 1),
            "cpu_seconds": round(times.user + times.system, 1),
            "resident_mib": process.memory_info().rss >> 20,
        }
    finally:
        stop([worker])


def _fill(servers: LocalServers, stage: str, directory: Path) -> int:
    """Write a stage's values to its changelog, and where it stands last; gives their bytes."""
    producer = IdempotentProducer(servers.connection)
    changelog, number, size = changelog_topic(stage), 0, 0
    for number, (_, _, key, value) in enumerate(follow([values_of(stage, directory)])):
        sealed = seal(number, value)
        size += len(key) + len(sealed)
        producer.produce(changelog, key, sealed, partition=0)
    positions = seal_positions(Positions(_EPOCH, number, {}))
    producer.produce(changelog, POSITION_KEY, positions, partition=0)
    producer.flush(_MOST_SECONDS)
    producer.close()
    return size


def _ready(worker: subprocess.Popen[bytes], log: Path) -> dict[str, Any]:
    """Wait until the worker says that it is ready, and give what it says of that."""
    deadline = time.monotonic() + _MOST_SECONDS
    while time.monotonic() < deadline and worker.poll() is None:
        for line in log.read_text().splitlines():
            if '"stage ready"' in line:
                found: dict[str, Any] = json.loads(line)
                return found
        time.sleep(_LOOK_SECONDS)
    raise SystemExit(f"the worker was not ready: {log.read_text()[-1500:]}")
