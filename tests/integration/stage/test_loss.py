"""Nothing is lost, doubled or said out of order on a real Kafka, whatever kills the workers.

Two stages of two workers each. Every committed output is compared with what the oracle computes
from the publisher's delivery reports. `LOSS_CHECK_ROUNDS=n` makes it longer.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from time import sleep

import pytest

from recordbus.crashpoints import EXIT_CODE
from recordbus.errors import ExitCode
from recordbus.local.servers import LocalServers
from streams.runtime.crashpoints import NAMES
from tests.integration.stage.chain import (
    PARTITIONS,
    SESSION_SECONDS,
    Chain,
    Deadline,
    Worker,
    last_logged,
    logged,
    tail,
)
from tests.integration.stage.load import Load, Watcher
from tests.integration.stage.worker import LETHAL
from tests.simulator.judge import Event

ROUNDS = int(os.environ.get("LOSS_CHECK_ROUNDS", "1"))
READY = "stage ready"
FOLLOWS = "standby follows"

pytestmark = [pytest.mark.slow, pytest.mark.kafka, pytest.mark.timeout(600 + 600 * ROUNDS)]


class Trial:
    """One chain under load, and everything needed to harm and to judge it."""

    def __init__(self, servers: LocalServers, chain: Chain, seed: int) -> None:
        self.servers = servers
        self.chain = chain
        self.random = Random(seed)
        self.watcher = Watcher(servers.connection, chain.names)
        self.load = Load(servers.connection, chain.names, seed)

    def begin(self) -> None:
        """Start the load and all workers, and wait until every stage has said something."""
        self.load.start()
        for worker in self.chain.workers:
            self.chain.start(worker)
        self.until(lambda: self.watcher.messages > 100, 60, "the chain to say something")

    def until(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """Supervise and read until `condition` holds."""
        deadline = Deadline(seconds)
        while not condition():
            assert not deadline.is_over, f"waited {seconds} s for {what}\n{self._logs()}"
            self.chain.supervise()
            self.watcher.read()

    def progress(self, seconds: float = 45) -> None:
        """Wait until the chain goes on: something new was said."""
        before = self.watcher.messages
        self.until(lambda: self.watcher.messages > before + 20, seconds, "the chain to go on")

    def judge(self) -> None:
        """Stop the load, let the chain come to rest, and compare everything."""
        self.load.stop()
        deadline = Deadline(90)
        while difference := self.watcher.difference(self.load.history):
            assert not deadline.is_over, f"{difference}\n{self._logs()}"
            self.chain.supervise()
            self.watcher.read()
        self.chain.stop()
        for _ in range(3):
            self.watcher.read()
        assert self.watcher.difference(self.load.history) == ""
        assert logged(self.chain.workers, "were not newer") == 0
        for worker in self.chain.workers:
            well = (0, -signal.SIGTERM)  # the latter when it was told to end while it started
            assert worker.ends[-1] in well, f"{worker.ends}\n{tail(worker)}"

    def _logs(self) -> str:
        return "\n\n".join(f"{worker.log.name}:\n{tail(worker)}" for worker in self.chain.workers)


@pytest.fixture(scope="module")
def servers() -> Iterator[LocalServers]:
    quick = {"log.cleaner.backoff.ms": "200", "log.initial.task.delay.ms": "100"}
    with LocalServers(registry=False, kafka_overrides=quick) as running:
        yield running


@pytest.fixture
def trial_of(servers: LocalServers, tmp_path: Path) -> Iterator[Callable[..., Trial]]:
    trials: list[Trial] = []

    def make(test: str, ledger: str, groups: str = "", *, static: bool) -> Trial:
        stores = {"ledger": ledger, "groups": groups or ledger}
        chain = Chain(servers, test, stores, tmp_path, static=static)
        trials.append(Trial(servers, chain, len(test)))
        return trials[-1]

    yield make
    for trial in trials:
        trial.load._stopping.set()
        trial.chain.kill_all()
        trial.watcher.close()


def test_a_death_at_every_crash_point_loses_nothing(trial_of: Callable[..., Trial]) -> None:
    """Each point is met in both stores: by one stage in memory, by the other on RocksDB."""
    trial = trial_of("crashpoints", "memory", "rocksdb", static=True)
    trial.begin()
    for name in NAMES * ROUNDS:
        victims = [trial.chain.workers[0], trial.chain.workers[2]]
        for victim in victims:
            _kill(victim)
            victim.ends.append(-signal.SIGKILL)
            visit = 1 if name.startswith("tenure") else trial.random.randint(1, 3)
            trial.chain.start(victim, f"{name}:{visit}")
        before = [len(victim.ends) for victim in victims]
        trial.until(
            lambda: all(len(v.ends) > n for v, n in zip(victims, before, strict=True)),  # noqa: B023
            60,
            f"both to die at {name}",
        )
        assert all(victim.ends[-1] == EXIT_CODE for victim in victims)
    trial.progress()
    trial.judge()


@pytest.mark.parametrize("store", ["memory", "rocksdb"])
def test_kills_at_random_lose_nothing(trial_of: Callable[..., Trial], store: str) -> None:
    trial = trial_of(f"kills-{store}", store, static=False)
    trial.begin()
    for _ in range(4 * ROUNDS):
        sleep(trial.random.uniform(0, 1))  # the moment of the kill is the experiment
        _kill(trial.random.choice(trial.chain.workers))
        trial.progress()
    trial.judge()


@pytest.mark.parametrize("store", ["memory", "rocksdb"])
def test_a_standby_takes_over_what_it_followed(trial_of: Callable[..., Trial], store: str) -> None:
    trial = trial_of(f"standby-{store}", store, static=False)
    trial.begin()
    victim, standby = trial.chain.workers[:2]
    trial.until(lambda: all(logged([w], FOLLOWS) for w in (victim, standby)), 60, "both to follow")
    trial.until(lambda: trial.watcher.held(trial.chain.names.seen) > 120, 60, "enough to follow")
    ready = logged([standby], READY)
    _kill(victim)
    victim.ends.append(-signal.SIGKILL)
    victim.process = None  # nobody starts it again: the other has to take its partition
    trial.until(lambda: logged([standby], READY) > ready, 60, "the standby to take over")
    taken_over = last_logged(standby, READY)
    assert taken_over["count"] == PARTITIONS
    assert taken_over["state_values"] < trial.watcher.held(trial.chain.names.seen)
    trial.chain.start(victim)
    trial.progress()
    trial.judge()


def test_zombies_write_nothing(trial_of: Callable[..., Trial]) -> None:
    """Two at a time: one of a stage in memory, one of a stage on RocksDB."""
    trial = trial_of("zombies", "memory", "rocksdb", static=False)
    trial.begin()
    for leased in (True, False) * ROUNDS:
        frozen = [trial.chain.workers[0], trial.chain.workers[2]]
        _start_again(trial, frozen, leased=leased)
        for each in frozen:
            os.kill(each.pid, signal.SIGSTOP)
        others = Deadline(SESSION_SECONDS * 1.7)
        trial.until(lambda: others.is_over, 60, "the sessions to end")  # noqa: B023
        before = [len(each.ends) for each in frozen]
        for each in frozen:
            os.kill(each.pid, signal.SIGCONT)
        trial.progress()
        for each, ends in zip(frozen, before, strict=True):
            if leased:  # it notices by itself; without the lease, the fence may meet it later
                trial.until(lambda: len(each.ends) > ends, 30, "the zombie to end itself")  # noqa: B023
                assert each.ends[ends] == ExitCode.RESTART
    trial.judge()


def _start_again(trial: Trial, workers: list[Worker], *, leased: bool) -> None:
    """Replace these workers, one of each stage, and wait until they work."""
    ready = [logged([each], READY) for each in workers]
    for each in workers:
        _kill(each)
        each.ends.append(-signal.SIGKILL)
        trial.chain.start(each, leased=leased)
    trial.until(
        lambda: all(logged([w], READY) > n for w, n in zip(workers, ready, strict=True)),
        60,
        "the workers to have partitions",
    )
    trial.progress()


@pytest.mark.parametrize("store", ["memory", "rocksdb"])
def test_a_killed_broker_loses_nothing(trial_of: Callable[..., Trial], store: str) -> None:
    trial = trial_of(f"broker-{store}", store, static=True)
    trial.begin()
    for _ in range(ROUNDS):
        trial.servers.kill_kafka()
        sleep(trial.random.uniform(0, 2))
        trial.servers.restart_kafka()
        trial.progress(90)
    trial.judge()


def test_an_input_that_kills_the_interpreter_is_set_aside(
    trial_of: Callable[..., Trial],
) -> None:
    trial = trial_of("lethal", "memory", static=True)
    for key in (b"r1", b"r2"):
        topic = trial.chain.names.departments[int(key[1:]) % 2]
        trial.load.publish(Event(topic, key, LETHAL))
    trial.begin()
    trial.progress()
    trial.judge()
    ledgers = trial.chain.workers[:2]
    deaths = [end for worker in ledgers for end in worker.ends if end == -signal.SIGSEGV]
    assert 2 <= len(deaths) <= 4
    asided = trial.watcher.reasons()
    assert asided["decoder_crash"] == 2


def _kill(worker: Worker) -> None:
    assert worker.process is not None
    worker.process.kill()
    worker.process.wait(30)
