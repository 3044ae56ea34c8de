"""Wires identify to the runtime: its topics, its registry, its models, its metrics."""

from __future__ import annotations

from collections import Counter
from typing import Final, Protocol

from recordbus import metrics
from recordbus.avro.shapes import same_bytes
from recordbus.avro.tree import build
from recordbus.kafka.wire import MAX_SCHEMA_ID
from schemas import catalog
from streams.identify.entries import VERDICTS, EntryReader
from streams.identify.handle import Identify
from streams.identify.publish import RELATIONS, IdentitiesWriter
from streams.intake.decode import GuardedDecoder, SchemaLookup
from streams.resolution.kinds import KINDS
from streams.resolution.limits import LIMITS, Limits
from streams.resolution.verdicts import Judge
from streams.runtime.contract import Note, Stage
from streams.shipped_models import shipped

NAME: Final = "identify"

_COUNTERS: Final = {
    "entity": metrics.ENTITIES_MOVED_TOTAL,
    "alarm": metrics.ENTITY_ALARMS_TOTAL,
    "calmed": metrics.ENTITY_ALARMS_ENDED_TOTAL,
    "lead": metrics.LEADS_TOTAL,
    "dropped": metrics.IDENTIFY_DROPPED_TOTAL,
}


class Registry(SchemaLookup, Protocol):
    """The schema registry, as identify uses it."""

    def id_of(self, subject: str) -> int:
        """Give the id of a subject's latest version."""


def identify_stage(registry: Registry, limits: Limits = LIMITS) -> Stage:
    """Give the stage that reads `verdicts.v1`, which has one partition: entities cross records.

    Raises Retryable while the registry is away, and Misconfigured when it does not have the
    schema of what the stage writes.
    """
    read = _reading(registry)
    schema_id = registry.id_of(f"{RELATIONS}-value")
    writer = IdentitiesWriter(schema_id, registry.schema_by_id(schema_id).parsed)
    judges = {kind: Judge(shipped(kind)) for kind in KINDS}
    newest: list[Identify] = []

    def machine(_partition: int) -> Identify:
        newest[:] = [Identify(EntryReader(*read), writer, judges, limits)]
        return newest[0]

    def observe_with_judgements(notes: Counter[Note]) -> None:
        observe(notes)
        for each in newest:
            metrics.JUDGEMENTS_IN_FORCE.set(each.judgements)

    return Stage(
        NAME,
        (VERDICTS,),
        machine,
        observe=observe_with_judgements,
        tables=frozenset({VERDICTS}),
    )


def _reading(registry: Registry) -> tuple[int, GuardedDecoder]:
    """Give the id of the schema that writes as ours does, and what reads all others."""
    ours = catalog.avro_schema("recordbus.v1.VerdictsEntry")
    schema_id = registry.id_of(f"{VERDICTS}-value")
    if not same_bytes(build(ours), build(registry.schema_by_id(schema_id).parsed)):
        schema_id = MAX_SCHEMA_ID  # a newer bus is about: no message is read as if it were ours
    return schema_id, GuardedDecoder(registry, ours, "")


def observe(notes: Counter[Note]) -> None:
    """Count what a committed batch did to entities, and what it found that deserves a look."""
    for note, count in notes.items():
        counter = _COUNTERS[note.name]
        (counter.labels(*note.labels) if note.labels else counter).inc(count)
