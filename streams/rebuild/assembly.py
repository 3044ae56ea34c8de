"""Puts a rebuild together from the settings (composition root)."""

from __future__ import annotations

import time
from typing import Final

from recordbus import departments
from recordbus.identifier_key import identifier_key
from recordbus.kafka.admin import Admin
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import LogReader
from recordbus.kafka.producer import TransactionalProducer
from recordbus.kafka.registry import SchemaRegistry
from recordbus.settings import Settings
from schemas import catalog
from streams.intake.decode import GuardedDecoder
from streams.intake.handle import Publisher
from streams.intake.stage import make_intake
from streams.rebuild.cluster import KafkaCluster
from streams.rebuild.progress import Tell
from streams.rebuild.rebuild import Pause, Rebuild
from streams.rebuild.restating import Restating
from streams.runtime.worker import Clients

_LOOK_AGAIN_SECONDS: Final = 0.5
_GRACE_SECONDS: Final = 5.0


def rebuild_all(settings: Settings, registry: SchemaRegistry, tell: Tell) -> int | None:
    """Rebuild to the epoch of the settings; gives what `Rebuild.run` gives, and raises that.

    Workers that are just ending are waited for, as long as their session may last.
    """
    stage = settings.stage
    connection = Connection.from_settings(settings.kafka, client_id="recordbus-rebuild")
    known = departments.load(settings.departments_path())
    intake = make_intake(
        registry,
        {each.topic: Publisher(each.name, each.ori) for each in known},
        identifier_key(settings),
        designations=stage.designations,
        meeting_partitions=stage.meeting_partitions,
    )
    records = GuardedDecoder(registry, catalog.avro_schema("recordbus.v1.Record"), "")
    clients = Clients(
        lambda name: TransactionalProducer(connection, name, stage.transaction_timeout_ms),
        lambda: LogReader(connection),
    )
    return Rebuild(
        stage.epoch,
        stage.partitions,
        stage.meeting_partitions,
        Restating(intake, records),
        clients,
        KafkaCluster(Admin(connection), stage, known),
        tell,
        _pauses(stage.session_timeout_seconds + _GRACE_SECONDS),
    ).run()


def _pauses(patience_seconds: float) -> Pause:
    """Give what waits a moment, and says when that was long enough."""
    began = time.monotonic()

    def pause() -> bool:
        time.sleep(_LOOK_AGAIN_SECONDS)
        return time.monotonic() - began < patience_seconds

    return pause
