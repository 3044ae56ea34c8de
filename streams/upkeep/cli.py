"""`recordbus upkeep`: runs the upkeep worker (composition root)."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType
from typing import Final

import typer

from recordbus import departments as department_files
from recordbus import logs, metrics
from recordbus.clock import Clock, SystemClock
from recordbus.errors import Retryable
from recordbus.kafka.admin import Admin
from recordbus.kafka.codec import Encoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import LogReader
from recordbus.kafka.producer import IdempotentProducer
from recordbus.kafka.registry import SchemaRegistry
from recordbus.settings import Settings, load
from schemas import catalog
from streams.intake.topics import JUDGEMENTS, MEETINGS, QUESTIONS, RECORDS, RELATIONS
from streams.intake.topics import UPKEEP as UPKEEP_TOPIC
from streams.upkeep.glimpse import Glimpser
from streams.upkeep.worker import Duties, MarkedTable, Upkeep

_READ_SECONDS: Final = 0.5

upkeep = typer.Typer(
    add_completion=False,
    help="Keep the logs tidy: ticks, tombstones behind every reader, truncation behind intake.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_OPTIONAL_GROUPS = ("recordbus-feeds",)
"""A bus without subscribers has no feeds to wait for."""
_log = logs.logger(__name__)


@upkeep.callback()
def _group() -> None:
    """Make `run` a command of its own, so that more can follow."""


@upkeep.command()
def run() -> None:
    """Run the upkeep worker until SIGTERM or Ctrl-C; one is enough for a whole bus."""
    settings = load()
    port = metrics.serve(settings.metrics.port, settings.metrics.host)
    typer.echo(f"metrics at http://{settings.metrics.host}:{port}/metrics")
    stopping = _on_signals()
    connection = Connection.from_settings(settings.kafka, client_id="recordbus-upkeep")
    log = LogReader(connection)
    writer = IdempotentProducer(connection)
    registry = SchemaRegistry.from_settings(settings.registry)
    try:
        encoder = Encoder(registry, f"{UPKEEP_TOPIC}-value")
        worker = Upkeep(
            duties(settings),
            log,
            writer,
            Admin(connection),
            encoder,
            Glimpser(registry),
            SystemClock(),
        )
        serve(worker, settings.upkeep.tick_seconds, SystemClock(), stopping)
    finally:
        log.close()
        writer.close()
        registry.close()


def serve(worker: Upkeep, tick_seconds: float, clock: Clock, stopping: Callable[[], bool]) -> None:
    """Follow the records all the time, and do a round every `tick_seconds`.

    While the cluster is away a round is logged and tried again at the next tick.
    """
    due = clock.monotonic()
    while not stopping():
        try:
            worker.follow(_READ_SECONDS)
            if clock.monotonic() >= due:
                due = clock.monotonic() + tick_seconds
                worker.round()
        except Retryable as error:
            _log.warning("upkeep waits for the cluster", error=type(error).__name__)


def duties(settings: Settings) -> Duties:
    """Say what there is to look after: what outsiders write, and who reads intake's markers."""
    departments = department_files.load(settings.departments_path())
    stage = settings.stage
    marked = ((RELATIONS, stage.partitions), (MEETINGS, stage.meeting_partitions))
    spoken = (topic for each in departments for topic in (each.topic, each.answers_topic))
    return Duties(
        ingest_topics=[*spoken, JUDGEMENTS, QUESTIONS],
        upkeep_topic=UPKEEP_TOPIC,
        records_topic=RECORDS,
        partitions=stage.partitions,
        intake_group="recordbus-intake",
        reader_groups=_reader_groups(RECORDS),
        marked=[MarkedTable(topic, count, _reader_groups(topic)) for topic, count in marked],
        optional_groups=_OPTIONAL_GROUPS,
    )


def _reader_groups(topic: str) -> list[str]:
    """Name the groups that read a topic, but for upkeep, which keeps nothing."""
    readers = catalog.topics().spec(topic).readers
    return [f"recordbus-{reader}" for reader in readers if reader != "upkeep"]


def _on_signals() -> Callable[[], bool]:
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)
    return lambda: asked
