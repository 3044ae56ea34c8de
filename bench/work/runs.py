"""Runs one engine over the log, and measures it from outside.

The topics are those of the catalogue, made anew for every run. The three stages run as processes
of their own, as `recordbus up` runs them. A first part of the log goes ahead and must arrive: all
three are then at work. The clock starts when the rest is poured in, and stops when a reader of
committed messages holds all that must come of it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from bench.stage.environments import ROOT, python_for
from bench.work.job import STAGES
from bench.work.load import Load, Part
from bench.work.watch import Watch
from bench.workers import cpu_seconds, stop, worker_command, worker_environment
from recordbus.kafka.admin import Admin
from recordbus.kafka.producer import IdempotentProducer
from recordbus.kafka.topics import Topic
from recordbus.local.servers import LocalServers
from recordbus.testing import records
from schemas import catalog
from streams.runtime.envelope import pack_version

OURS: Final = "ours"
_GONE_SECONDS: Final = 30.0
_TOLD_CHARACTERS: Final = 1500
_COMPACT: Final = {"cleanup.policy": "compact"}


@dataclass(frozen=True, slots=True)
class Engine:
    """One row of the table; `module` is one of `bench.work.engines`, or ours."""

    title: str
    module: str
    exactly_once: bool


@dataclass(frozen=True, slots=True)
class Run:
    """What was measured; times are None where the content never became what it must be."""

    seconds: float | None
    cpu_seconds: float | None
    broker_cpu_seconds: float | None
    resident_mib: int
    wrong_keys: int
    surplus_messages: int


class Runs:
    """Servers, a log, and runs over it; `directory` holds what engines keep on disk."""

    def __init__(self, servers: LocalServers, load: Load, directory: Path) -> None:
        self._servers = servers
        self._load = load
        self._directory = directory
        self._admin = Admin(servers.connection)
        self._specs = list(catalog.topics().concrete([records.DEPARTMENT]))
        self._count = 0

    def run(self, engine: Engine) -> Run:
        """Let one engine go over the whole log."""
        self._count += 1
        own = self._directory / f"{self._count}-{engine.module}"
        own.mkdir(parents=True)
        self._make_topics([*self._changelogs(engine)])
        stages = [self._started(engine, name, own) for name in STAGES]
        watch = Watch(self._servers.connection)
        try:
            run = self._measured(stages, watch)
        finally:
            watch.close()
            stop(stages)
        if run.seconds is None:
            for log in own.glob("*.log"):
                sys.stderr.write(f"{log.name}: {log.read_text()[-_TOLD_CHARACTERS:]}\n")
        return run

    def _measured(self, stages: Sequence[subprocess.Popen[bytes]], watch: Watch) -> Run:
        clients = [psutil.Process(each.pid) for each in stages]
        broker = psutil.Process(self._servers.pids["kafka"])

        def going() -> bool:
            return all(each.poll() is None for each in stages)

        self._pour(self._load.warm_up, 0)
        ready = watch.until(self._load.warm_up, going)
        cpu_before, broker_before = cpu_seconds(clients), cpu_seconds([broker])
        began = time.monotonic()
        self._pour(self._load.rest, len(self._load.warm_up.log))
        complete = ready and watch.until(self._load.rest, going)
        seconds = time.monotonic() - began
        cpu, broker_cpu = cpu_seconds(clients), cpu_seconds([broker])
        return Run(
            seconds if complete else None,
            cpu - cpu_before if complete else None,
            broker_cpu - broker_before if complete else None,
            sum(each.memory_info().rss for each in clients if each.is_running()) >> 20,
            watch.differences(self._load.rest),
            max(0, watch.messages - self._load.rest.said),
        )

    def _pour(self, part: Part, first: int) -> None:
        """Write a part of the log as intake would have, and wait until it is durable."""
        producer = IdempotentProducer(self._servers.connection)
        origin = ("origin", b"intake/0")
        for number, each in enumerate(part.log, first):
            headers = [origin, ("version", pack_version(number))]
            producer.produce(each.topic, each.key, each.value, partition=0, headers=headers)
        producer.flush()
        producer.close()

    def _make_topics(self, changelogs: Sequence[str]) -> None:
        """Make every topic anew, and what an engine of another kind does not make itself."""
        names = {spec.name for spec in self._specs}
        self._admin.delete_topics(names)
        deadline = time.monotonic() + _GONE_SECONDS
        while names & self._admin.list_topics().keys():
            if time.monotonic() > deadline:
                raise SystemExit("the topics of the run before are still there")
            time.sleep(0.1)
        wanted = [Topic(each.name, each.partitions, config=each.config) for each in self._specs]
        wanted += [Topic(name, 1, config=_COMPACT) for name in changelogs]
        self._admin.apply_topics(wanted)

    def _changelogs(self, engine: Engine) -> list[str]:
        if engine.module == OURS:
            return []
        kind = "-state-changelog" if engine.module == "plain_faust" else "-changelog"
        return [self._name(stage) + kind for stage in STAGES]

    def _name(self, stage: str) -> str:
        return f"work-{self._count}-{stage}"

    def _started(self, engine: Engine, stage: str, own: Path) -> subprocess.Popen[bytes]:
        directory = own / stage
        directory.mkdir()
        with (own / f"{stage}.log").open("wb") as log:
            return subprocess.Popen(
                self._command(engine, stage, directory),
                env=worker_environment(self._servers, directory) if engine.module == OURS else None,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )

    def _command(self, engine: Engine, stage: str, directory: Path) -> list[str]:
        if engine.module == OURS:
            return worker_command(stage)
        command = [python_for(engine.module), "-m", f"bench.work.engines.{engine.module}"]
        given = {
            "work": stage,
            "servers": self._servers.bootstrap_servers,
            "registry": self._servers.registry_url,
            "stage": self._name(stage),
            "directory": directory,
        }
        for name, value in given.items():
            command += [f"--{name}", str(value)]
        return [*command, "--exactly-once"] if engine.exactly_once else command
