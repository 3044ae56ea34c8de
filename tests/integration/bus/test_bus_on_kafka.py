"""All stages on a real Kafka end as the batch program says, whatever kills their workers.

Two workers of each stage. `LOSS_CHECK_ROUNDS=n` makes it longer.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from random import Random
from time import sleep

import pytest

from recordbus.crashpoints import EXIT_CODE
from recordbus.errors import ExitCode
from recordbus.local.servers import LocalServers
from streams.associate.handle import ASSOCIATIONS
from streams.catalogue import STAGES
from streams.intake.topics import RECORDS
from tests.integration.bus.fleet import Fleet
from tests.integration.bus.traffic import Reading, Traffic, what_counts
from tests.integration.stage.chain import SESSION_SECONDS, Deadline, Worker, tail
from tests.simulator.bus.foretold import Ending
from tests.simulator.judge import Violation

ROUNDS = int(os.environ.get("LOSS_CHECK_ROUNDS", "1"))
PATIENCE_SECONDS = 240.0
"""How long a bus may take that goes on; it costs nothing where the machine is free."""
HAPPENS = ("asserted", "changed", "corrected", "withdrawn", "dispute")

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.timeout(900 + 900 * ROUNDS)]


class Trial:
    """One bus under traffic, and everything needed to harm and to judge it."""

    def __init__(self, servers: LocalServers, directory: Path) -> None:
        self.servers = servers
        self.random = Random(1)
        self.fleet = Fleet(servers, directory)
        self.traffic = Traffic(servers.connection, self.fleet, 1)
        self.reading = Reading(servers.connection)

    def start(self) -> None:
        """Start all workers."""
        for worker in self.fleet.workers:
            self.fleet.start(worker)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Supervise and read until `condition` holds."""
        deadline = Deadline(PATIENCE_SECONDS)
        while not condition():
            assert not deadline.is_over, (
                f"waited for {what}; so far was said {dict(self.reading.said)}\n{self.logs()}"
            )
            self.fleet.supervise()
            self.reading.read()

    def progress(self) -> None:
        """Wait until the last stage goes on."""
        before = self.reading.said[ASSOCIATIONS]
        self.until(lambda: self.reading.said[ASSOCIATIONS] > before + 5, "the bus to go on")

    def judge(self, end: Ending, now: datetime) -> None:
        """Let the bus come to rest, and compare everything."""
        deadline = Deadline(PATIENCE_SECONDS)
        while difference := self._difference(end, now):
            assert not deadline.is_over, f"{difference}\n{self.logs()}"
            self.fleet.supervise()
            while self.reading.read():
                pass
        self.fleet.stop()
        while self.reading.read():
            pass
        assert self._difference(end, now) == ""

    def _difference(self, end: Ending, now: datetime) -> str:
        try:
            self.reading.compare(end, now)
        except Violation as violation:
            return str(violation)[:3000]
        except AssertionError as error:
            return repr(error)
        return ""

    def logs(self) -> str:
        return "\n\n".join(f"{w.log.name}:\n{tail(w)}" for w in self.fleet.workers)

    def close(self) -> None:
        self.traffic.give_up()
        self.fleet.kill_all()
        self.reading.close()


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    quick = {"log.cleaner.backoff.ms": "200", "log.initial.task.delay.ms": "100"}
    with LocalServers(kafka_overrides=quick) as servers:
        made = Trial(servers, tmp_path)
        try:
            yield made
        finally:
            made.close()


def test_kills_zombies_a_broken_broker_and_a_rebuild_lose_nothing(trial: Trial) -> None:
    """Nothing is lost, doubled or kept too long in the public topics (R-02, R-09, R-23)."""
    trial.traffic.start()
    trial.start()
    trial.until(lambda: trial.reading.said[ASSOCIATIONS] > 50, "the bus to say something")
    for _ in range(ROUNDS):
        for stage in STAGES:
            _kill(trial.random.choice(_of(trial, stage)))
            trial.progress()
        _freeze(trial)
        trial.servers.kill_kafka()
        sleep(trial.random.uniform(0, 1))
        trial.servers.restart_kafka()
        trial.progress()
    trial.until(lambda: all(trial.reading.said[word] for word in HAPPENS), f"{HAPPENS}")
    now = trial.traffic.stop()
    end = what_counts(trial.traffic)
    trial.judge(end, now)
    _rebuild(trial, end, now)


def _of(trial: Trial, stage: str) -> list[Worker]:
    return [worker for worker in trial.fleet.workers if worker.stage == stage]


def _kill(worker: Worker) -> None:
    assert worker.process is not None
    worker.process.kill()
    worker.process.wait(30)


def _end_of(worker: Worker) -> int:
    assert worker.process is not None
    return worker.process.wait(60)


def _freeze(trial: Trial) -> None:
    """Stop one worker of each stage beyond its session, and let it wake as a zombie."""
    frozen = [trial.random.choice(_of(trial, stage)) for stage in STAGES]
    for each in frozen:
        os.kill(each.pid, signal.SIGSTOP)
    others = Deadline(SESSION_SECONDS * 1.7)
    trial.until(lambda: others.is_over, "the sessions to end")
    for each in frozen:
        os.kill(each.pid, signal.SIGCONT)
    trial.progress()


def _rebuild(trial: Trial, end: Ending, now: datetime) -> None:
    """Rebuild to another epoch, over more meeting partitions; readers follow without a gap."""
    fleet, before = trial.fleet, trial.reading.said[RECORDS]
    fleet.epoch, fleet.meeting_partitions = 1, 3
    assert fleet.rebuild("rebuild.restated:1") == EXIT_CODE, trial.logs()
    fleet.start(fleet.workers[0])
    assert _end_of(fleet.workers[0]) == ExitCode.MISCONFIGURED, "it started too early"
    log = fleet.directory / "rebuild.log"
    assert fleet.rebuild() == ExitCode.OK, log.read_text()
    trial.start()
    trial.until(lambda: trial.reading.said[RECORDS] > before, "records under the new epoch")
    trial.judge(end, now)
