"""The toy chain on a real broker: worker processes that are killed and started again.

The harness is the supervisor: it starts a worker again whenever it ended itself or was killed,
and takes note of every other way to end as a failure.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final

import orjson

from recordbus.crashpoints import EXIT_CODE
from recordbus.errors import ExitCode
from recordbus.kafka.admin import Admin
from recordbus.kafka.topics import Topic
from recordbus.local.servers import LocalServers
from streams.runtime.tenure import changelog_topic
from tests.simulator.toy import Names

PARTITIONS: Final = 2
SESSION_SECONDS: Final = 6
STAGES: Final = ("ledger", "groups")
_EXPECTED_ENDS: Final = frozenset(
    {
        EXIT_CODE,
        int(ExitCode.RESTART),
        int(ExitCode.UNAVAILABLE),
        -signal.SIGKILL,
        -signal.SIGSEGV,
    }
)
_COMPACT: Final = {"cleanup.policy": "compact"}
COMPACT_AT_ONCE: Final = {
    "cleanup.policy": "compact",
    "segment.ms": "1000",
    "min.cleanable.dirty.ratio": "0.01",
    "min.compaction.lag.ms": "0",
    "max.compaction.lag.ms": "2000",
}


@dataclass(slots=True)
class Worker:
    """One worker, over all the processes it has been."""

    stage: str
    number: int
    log: Path
    process: subprocess.Popen[bytes] | None = None
    ends: list[int] = field(default_factory=list)

    @property
    def pid(self) -> int:
        """Give the process id of its present process."""
        assert self.process is not None
        return self.process.pid


class Crew(ABC):
    """Workers under the harness as their supervisor."""

    workers: list[Worker]

    @abstractmethod
    def command(self, worker: Worker, *, leased: bool) -> list[str]:
        """Give the command that starts a worker's process."""

    @abstractmethod
    def environment(self, worker: Worker) -> Mapping[str, str]:
        """Give the settings of a worker."""

    def start(self, worker: Worker, crash_at: str = "", *, leased: bool = True) -> None:
        """Start a worker's next process."""
        given = dict(self.environment(worker))
        if crash_at:
            given["RECORDBUS_CRASH_AT"] = crash_at
        with worker.log.open("ab") as log:
            worker.process = subprocess.Popen(
                self.command(worker, leased=leased),
                env={**os.environ, **given},
                stdout=log,
                stderr=log,
            )

    def supervise(self) -> list[Worker]:
        """Start again whatever ended as it may; raises when a worker ended otherwise."""
        ended = []
        for worker in self.workers:
            code = worker.process.poll() if worker.process is not None else None
            if code is not None:
                worker.ends.append(code)
                assert code in _EXPECTED_ENDS, f"{worker.log} ended with {code}:\n{tail(worker)}"
                ended.append(worker)
                self.start(worker)
        return ended

    def stop(self) -> None:
        """End all workers in order; raises when one does not end well."""
        for worker in self.workers:
            if worker.process is not None and worker.process.poll() is None:
                worker.process.send_signal(signal.SIGCONT)
                worker.process.terminate()
        for worker in self.workers:
            if worker.process is not None:
                worker.ends.append(worker.process.wait(30))

    def kill_all(self) -> None:
        """Leave no process behind, whatever happened."""
        for worker in self.workers:
            if worker.process is not None and worker.process.poll() is None:
                worker.process.kill()
                worker.process.wait(30)


class Chain(Crew):
    """Two stages of two workers each, on topics of their own; `stores` has each stage's store."""

    def __init__(
        self,
        servers: LocalServers,
        test: str,
        stores: Mapping[str, str],
        directory: Path,
        *,
        static: bool,
    ) -> None:
        self.names = Names.of(test)
        self.workers = [
            Worker(stage, number, directory / f"{stage}-{number}.log")
            for stage in STAGES
            for number in range(2)
        ]
        self._test = test
        self._stores = stores
        self._static = static
        self._servers = servers
        self._directory = directory
        self._topics()

    def command(self, worker: Worker, *, leased: bool) -> list[str]:
        module = "tests.integration.stage.worker"
        command = [sys.executable, "-m", module, worker.stage, self._test]
        return command if leased else [*command, "--unleased"]

    def environment(self, worker: Worker) -> Mapping[str, str]:
        who = f"{worker.stage}-{worker.number}"
        given = {
            "RECORDBUS_KAFKA__BOOTSTRAP_SERVERS": self._servers.bootstrap_servers,
            "RECORDBUS_RUN_DIRECTORY": str(self._directory / who),
            "RECORDBUS_STAGE__PARTITIONS": str(PARTITIONS),
            "RECORDBUS_STAGE__STORE": self._stores[worker.stage],
            "RECORDBUS_STAGE__SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS),
            "RECORDBUS_STAGE__STANDBY_REPLICAS": "0" if self._static else "1",
        }
        if self._static:
            given["RECORDBUS_STAGE__INSTANCE_ID"] = who
        return given

    def _topics(self) -> None:
        names = self.names
        logs = [*names.departments, names.upkeep]
        changelogs = [changelog_topic(names.ledger), changelog_topic(names.groups_stage)]
        wanted = [
            *(Topic(name, PARTITIONS, config={}) for name in logs),
            *(Topic(name, PARTITIONS, config=COMPACT_AT_ONCE) for name in changelogs),
            *(Topic(name, PARTITIONS, config=_COMPACT) for name in names[4:]),
            Topic("quarantine.v1", 1, config={}),
        ]
        Admin(self._servers.connection).apply_topics(wanted)


def tail(worker: Worker, lines: int = 25) -> str:
    """Give the end of a worker's log."""
    return "\n".join(worker.log.read_text().splitlines()[-lines:])


def logged(workers: Sequence[Worker], text: str) -> int:
    """Count the lines of the workers' logs that hold `text`."""
    return sum(text in line for worker in workers for line in worker.log.read_text().splitlines())


def last_logged(worker: Worker, event: str) -> dict[str, Any]:
    """Give the last line of a worker's log about `event`."""
    lines = (orjson.loads(line) for line in worker.log.read_text().splitlines() if event in line)
    *_, last = lines
    found: dict[str, Any] = last
    return found


class Deadline:
    """A time limit shared by several waits."""

    def __init__(self, seconds: float) -> None:
        self._until = monotonic() + seconds

    @property
    def is_over(self) -> bool:
        """Tell whether time is up."""
        return monotonic() > self._until
