"""Wires associate to the runtime: its topics, its registry, its metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, Protocol

from recordbus import metrics
from recordbus.avro.shapes import same_bytes
from recordbus.avro.tree import build
from recordbus.errors import Misconfigured
from recordbus.kafka.wire import MAX_SCHEMA_ID
from schemas import catalog
from streams.associate.entries import RELATIONS, EntryReader
from streams.associate.handle import ASSOCIATIONS, DESIGNATIONS, IDENTITIES, Associate, Writers
from streams.associate.publish import IdentityWriter, UpdateWriter
from streams.intake.decode import GuardedDecoder, SchemaLookup
from streams.runtime.contract import Note, Stage

NAME: Final = "associate"


class Version(Protocol):
    """A registered version of a schema."""

    @property
    def id(self) -> int:
        """Give the id that messages name."""

    @property
    def parsed(self) -> Any:
        """Give the schema as parsed JSON, self-contained."""


class Registry(SchemaLookup, Protocol):
    """The schema registry, as associate uses it."""

    def texts_of(self, subject: str) -> Sequence[Version]:
        """Give every version of a subject, oldest first."""


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
    ours = catalog.avro_schema("recordbus.v1.RelationsEntry")
    schema_id = _writing_as_ours(registry, RELATIONS)
    if schema_id is None:
        schema_id = MAX_SCHEMA_ID  # a newer bus is about: no message is read as if it were ours
    return EntryReader(schema_id, GuardedDecoder(registry, ours, ""))


def _writers(registry: Registry) -> Writers:
    update_ids = (_needed(registry, ASSOCIATIONS), _needed(registry, DESIGNATIONS))
    return Writers(
        UpdateWriter(*update_ids, _schema_of(ASSOCIATIONS)),
        IdentityWriter(_needed(registry, IDENTITIES), _schema_of(IDENTITIES)),
    )


def _needed(registry: Registry, topic: str) -> int:
    schema_id = _writing_as_ours(registry, topic)
    if schema_id is None:
        raise Misconfigured(
            f"the registry has no schema of {topic} that writes as this version of the bus does",
            hint="register the schemas with `recordbus schemas register`",
        )
    return schema_id


def _writing_as_ours(registry: Registry, topic: str) -> int | None:
    """Give the newest version of a topic's schema that has the same bytes for every value."""
    ours = build(_schema_of(topic))
    versions = reversed(registry.texts_of(f"{topic}-value"))
    return next((each.id for each in versions if same_bytes(build(each.parsed), ours)), None)


def _schema_of(topic: str) -> Any:
    full_name = catalog.topics().spec(topic).value_schema
    assert full_name is not None, "a topic without a schema"
    return catalog.avro_schema(full_name)


def observe(notes: Counter[Note]) -> None:
    """Count what a committed batch said of associations, by status and reason."""
    for note, count in notes.items():
        metrics.ASSOCIATION_UPDATES_TOTAL.labels(*note.labels).inc(count)
