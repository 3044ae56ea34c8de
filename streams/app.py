"""Puts one stage together from the settings, and runs it until it ends (composition root)."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from aiokafka.errors import KafkaError  # type: ignore[import-untyped]

from recordbus.errors import ExitCode
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import LogReader
from recordbus.kafka.producer import TransactionalProducer
from recordbus.logs import logger
from recordbus.settings import Settings, StageSettings
from streams.collector import Collector, collect_regularly
from streams.runtime.contract import Stage
from streams.runtime.fences import Lease
from streams.runtime.partition_loop import Pace
from streams.runtime.store import StateStore
from streams.runtime.store_memory import MemoryStore
from streams.runtime.store_rocksdb import RocksStore
from streams.runtime.tenure import Terms
from streams.runtime.transaction import EncodeQuarantined
from streams.runtime.worker import Clients, StageWorker
from streams.stage import Membership, StageApp, run

_log = logger(__name__)


def run_stage(
    stage: Stage,
    settings: Settings,
    encode_quarantined: EncodeQuarantined,
    department_of: Callable[[str], str] = lambda _topic: "",
    partitions: int | None = None,
) -> None:
    """Run `stage` until SIGTERM or SIGINT; raises what made it impossible to go on.

    `partitions` is how many its sources have, by default as many as the settings say of records.
    `department_of` names the department of a topic for metrics, empty for topics of the bus. A
    failed transaction, a lost lease or a stall end the process at once with exit code 75.
    """
    terms = Terms(
        stage, encode_quarantined, epoch=settings.stage.epoch, department_of=department_of
    )
    if partitions is not None:
        own = settings.stage.model_copy(update={"partitions": partitions})
        settings = settings.model_copy(update={"stage": own})
    asyncio.run(_serve(terms, settings))


async def _serve(terms: Terms, settings: Settings) -> None:
    stage = terms.stage
    connection = Connection.from_settings(settings.kafka, client_id=f"recordbus-{stage.name}")
    directory = settings.state_path() / stage.name
    directory.mkdir(parents=True, exist_ok=True)
    lease = Lease(settings.stage.session_timeout_seconds, time.monotonic, _leave)
    terms = replace(terms, guard=lease.check)
    lease.start()
    store = _store(settings.stage, directory)
    try:
        await _run(terms, connection, settings.stage, store, directory)
    except KafkaError as error:
        raise connection.unreachable("joining the group") from error
    finally:
        store.close()
        lease.stop()


async def _run(
    terms: Terms,
    connection: Connection,
    settings: StageSettings,
    store: StateStore,
    directory: Path,
) -> None:
    worker = StageWorker(
        terms,
        _clients(connection, settings),
        store,
        directory / "notes",
        Pace(settings.gather_ms / 1000, settings.batch_max_events),
        lambda error: app.failed(error),  # noqa: PLW0108 - the application is made below
    )
    app = StageApp(worker, connection, _membership(settings), directory, _leave)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, app.finish)
    collecting = loop.create_task(collect_regularly(Collector()))
    try:
        await run(app)
    finally:
        collecting.cancel()
        worker.close()


def _clients(connection: Connection, settings: StageSettings) -> Clients:
    def writer(transactional_id: str) -> TransactionalProducer:
        return TransactionalProducer(connection, transactional_id, settings.transaction_timeout_ms)

    return Clients(writer, lambda: LogReader(connection))


def _membership(settings: StageSettings) -> Membership:
    return Membership(
        partitions=settings.partitions,
        session_timeout_seconds=settings.session_timeout_seconds,
        standby_replicas=settings.standby_replicas,
        instance_id=settings.instance_id,
        commit_interval_seconds=settings.commit_interval_seconds,
        fetch_pace_seconds=settings.fetch_pace_ms / 1000,
        fetch_wait_ms=settings.fetch_wait_ms,
        patience_seconds=settings.patience_seconds,
    )


def _store(settings: StageSettings, directory: Path) -> StateStore:
    stores: dict[str, Callable[[], StateStore]] = {
        "memory": MemoryStore,
        "rocksdb": lambda: RocksStore(directory / "rocksdb", settings.erase_seconds),
    }
    return stores[settings.store]()


def _leave(why: str) -> None:
    """End at once, acknowledging nothing more; the supervisor starts the worker again."""
    _log.error("the worker ends to be restarted", reason=why.replace(" ", "-"))
    os._exit(ExitCode.RESTART)
