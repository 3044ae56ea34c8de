"""How a worker lives with its group: it joins, catches up, acknowledges, leaves, or ends itself."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from recordbus.errors import ExitCode
from recordbus.kafka.admin import Admin
from recordbus.kafka.consumer import LogReader
from recordbus.kafka.producer import IdempotentProducer
from recordbus.kafka.topics import Topic
from recordbus.local.servers import LocalServers
from recordbus.settings import StageSettings
from streams import app as app_module
from streams.runtime.contract import Stage
from streams.runtime.store_memory import MemoryStore
from streams.runtime.tenure import Terms, changelog_topic
from streams.stage import StageApp
from tests.integration.stage.worker import HANGING
from tests.simulator.toy import Dependency, Names, events, groups, ledger
from tests.simulator.world import encode_quarantined

PARTITIONS = 2
pytestmark = [pytest.mark.slow, pytest.mark.kafka]


@pytest.fixture
def names(local_servers: LocalServers, topic_names: Callable[[str], str]) -> Iterator[Names]:
    names = Names.of(topic_names("t").removeprefix("t."))
    compact = {"cleanup.policy": "compact"}
    tables = [*names[4:], changelog_topic(names.ledger), changelog_topic(names.groups_stage)]
    logs = [*names.departments, names.upkeep]
    admin = Admin(local_servers.connection)
    admin.apply_topics(
        [
            *(Topic(name, PARTITIONS, config={}) for name in logs),
            *(Topic(name, PARTITIONS, config=compact) for name in tables),
            Topic("quarantine.v1", 1, config={}),
        ]
    )
    yield names
    admin.delete_topics([*logs, *tables])


def publish(servers: LocalServers, names: Names, count: int) -> None:
    producer = IdempotentProducer(servers.connection)
    for event in events(Random(1), PARTITIONS, count, names):
        at = -1 if event.partition is None else event.partition
        producer.produce(event.topic, event.key, event.value, partition=at)
    producer.close(60)


class InProcess:
    """A stage's worker on this process's own event loop."""

    def __init__(self, servers: LocalServers, stage: Stage, directory: Path) -> None:
        self.app: StageApp | None = None
        self._servers = servers
        self._stage = stage
        self._directory = directory

    async def __aenter__(self) -> StageApp:
        made: list[StageApp] = []

        class Kept(StageApp):
            def __init__(self, *given: Any) -> None:
                super().__init__(*given)
                made.append(self)

        vars(app_module)["StageApp"] = Kept
        settings = StageSettings(partitions=PARTITIONS, session_timeout_seconds=6)
        terms = Terms(self._stage, encode_quarantined)
        self._running = asyncio.get_running_loop().create_task(
            app_module._run(
                terms, self._servers.connection, settings, MemoryStore(), self._directory
            )
        )
        await asyncio.sleep(0)
        vars(app_module)["StageApp"] = StageApp
        self._made = made[0]
        return made[0]

    async def __aexit__(self, *error: object) -> None:
        self._made.finish()
        await self._running


async def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.02)


def at_rest(app: StageApp, done: int) -> bool:
    lag = app.lag()
    return app.partitions.done >= done and bool(lag) and not any(lag.values())


@pytest.mark.asyncio
async def test_a_worker_catches_up_acknowledges_and_leaves(
    local_servers: LocalServers, names: Names, tmp_path: Path
) -> None:
    publish(local_servers, names, 60)
    admin = Admin(local_servers.connection)
    ends = admin.ends(
        [(topic, p) for topic in (*names.departments, names.upkeep) for p in range(PARTITIONS)]
    )
    async with InProcess(local_servers, ledger(Dependency(), names), tmp_path / "a") as app:
        await until(lambda: at_rest(app, sum(ends.values())))
    assert set(admin.lag(f"recordbus-{names.ledger}").values()) == {0}
    async with InProcess(local_servers, ledger(Dependency(), names), tmp_path / "b") as app:
        await until(lambda: at_rest(app, 0))
        assert app.partitions.done == 0


@pytest.mark.asyncio
async def test_transaction_markers_are_no_lag(
    local_servers: LocalServers, names: Names, tmp_path: Path
) -> None:
    publish(local_servers, names, 20)
    async with InProcess(local_servers, ledger(Dependency(), names), tmp_path / "a") as first:
        await until(lambda: at_rest(first, 1))
    said = LogReader(local_servers.connection)
    said.assign({(names.records, p): 0 for p in range(PARTITIONS)})
    count = 0
    while not said.at_end():
        count += len(said.consume(1000, 0.5))
    said.close()
    async with InProcess(local_servers, groups(names), tmp_path / "b") as second:
        await until(lambda: at_rest(second, count))
        assert second.partitions.done == count


@pytest.mark.asyncio
async def test_a_dependency_that_is_away_delays_and_quarantines_nothing(
    local_servers: LocalServers, names: Names, tmp_path: Path
) -> None:
    dependency = Dependency()
    dependency.turn(True)
    publish(local_servers, names, 10)
    async with InProcess(local_servers, ledger(dependency, names), tmp_path) as app:
        await until(lambda: app.partitions.is_paused)
        assert app.partitions.done == 0
        dependency.turn(False)
        await until(lambda: at_rest(app, 1))


def run_worker(servers: str, names: Names, directory: Path) -> subprocess.Popen[bytes]:
    test = names.ledger.removeprefix("ledger-")
    given = {
        "RECORDBUS_KAFKA__BOOTSTRAP_SERVERS": servers,
        "RECORDBUS_RUN_DIRECTORY": str(directory),
        "RECORDBUS_STAGE__PARTITIONS": str(PARTITIONS),
        "RECORDBUS_STAGE__PATIENCE_SECONDS": "5",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.integration.stage.worker", "ledger", test],
        env={**os.environ, **given},
        stderr=subprocess.DEVNULL,
    )


def test_a_handle_that_hangs_ends_the_worker_to_be_restarted(
    local_servers: LocalServers, names: Names, tmp_path: Path
) -> None:
    producer = IdempotentProducer(local_servers.connection)
    producer.produce(names.departments[0], b"r0", HANGING)
    producer.produce(names.departments[0], b"r0", b"{}")
    producer.close(60)
    worker = run_worker(local_servers.bootstrap_servers, names, tmp_path)
    try:
        assert worker.wait(60) == ExitCode.RESTART
    finally:
        worker.kill()
        worker.wait()


def test_without_a_broker_a_worker_says_so(names: Names, tmp_path: Path) -> None:
    worker = run_worker("127.0.0.1:1", names, tmp_path)
    assert worker.wait(60) == ExitCode.UNAVAILABLE
