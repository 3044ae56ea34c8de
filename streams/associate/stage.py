"""Wires associate to the runtime: its topics, its registry, its metrics."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final, Protocol

from recordbus import metrics
from schemas import catalog
from streams.associate.entries import RELATIONS, EntryReader
from streams.associate.handle import ASSOCIATIONS, DESIGNATIONS, IDENTITIES, Associate, Writers
from streams.associate.publish import IdentityWriter, UpdateWriter
from streams.intake.decode import GuardedDecoder, SchemaLookup
from streams.runtime.contract import Note, Stage

NAME: Final = "associate"


class Registry(SchemaLookup, Protocol):
    """The schema registry, as associate uses it."""

    def id_of(self, subject: str) -> int:
        """Give the id of a subject's latest version."""


def associate_stage(registry: Registry, *, designations: bool = False) -> Stage:
    """Give the stage that reads `relations.v1`.

    `designations` says whether designations of people as members of an organisation are taken
    (R-13). Raises Retryable while the registry is away, and Misconfigured when it does not have
    the schemas of what the stage writes.
    """
    reader, writers = _reader(registry), _writers(registry)
    return Stage(
        NAME,
        (RELATIONS,),
        lambda _partition: Associate(reader, writers, designations=designations),
        observe=observe,
        tables=frozenset({RELATIONS}),
    )


def _reader(registry: Registry) -> EntryReader:
    schema = catalog.avro_schema("recordbus.v1.RelationsEntry")
    return EntryReader(GuardedDecoder(registry, schema, ""))


def _writers(registry: Registry) -> Writers:
    updates_id, updates_schema = _latest(registry, ASSOCIATIONS)
    designations_id, _ = _latest(registry, DESIGNATIONS)
    return Writers(
        UpdateWriter(updates_id, designations_id, updates_schema),
        IdentityWriter(*_latest(registry, IDENTITIES)),
    )


def _latest(registry: Registry, topic: str) -> tuple[int, Any]:
    schema_id = registry.id_of(f"{topic}-value")
    return schema_id, registry.schema_by_id(schema_id).parsed


def observe(notes: Counter[Note]) -> None:
    """Count what a committed batch said of associations, by status and reason."""
    for note, count in notes.items():
        metrics.ASSOCIATION_UPDATES_TOTAL.labels(*note.labels).inc(count)
