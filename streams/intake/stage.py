"""Wires intake to the runtime: its topics, its registry, its departments, its metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping
from typing import Any, Final, Protocol

from recordbus import metrics
from recordbus.avro.tree import build
from recordbus.departments import Departments
from schemas import catalog
from schemas.code_lists import code_list
from streams.intake.codes import compile_check
from streams.intake.decode import GuardedDecoder, SchemaLookup
from streams.intake.handle import RECORDS, UPKEEP, Intake, Publisher, state_key
from streams.intake.normalise import Normaliser
from streams.intake.publish import BODY, RecordWriter
from streams.runtime.contract import Note, Stage, plain_stage

NAME: Final = "intake"


class Registry(SchemaLookup, Protocol):
    """The schema registry, as intake uses it."""

    def id_of(self, subject: str) -> int:
        """Give the id of a subject's latest version."""


def intake_stage(
    registry: Registry,
    departments: Departments,
    identifier_secret: bytes,
    *,
    designations: bool = False,
) -> Stage:
    """Give the stage that reads every department's topic and the upkeep topic.

    `identifier_secret` is one secret of the bus, shared with the search, under which identifiers
    are digested. Raises Retryable while the registry is away, and Misconfigured when it does not
    have the schema of `records.v1`.
    """
    publishers = {each.topic: Publisher(each.name, each.ori) for each in departments}
    intake = make_intake(registry, publishers, identifier_secret, designations=designations)
    sources = (*publishers, UPKEEP)
    return plain_stage(
        NAME,
        sources,
        intake.handle,
        state_key=state_key,
        observe=observe,
        set_aside=intake.set_aside,
    )


def make_intake(
    registry: Registry,
    publishers: Mapping[str, Publisher],
    identifier_secret: bytes,
    *,
    designations: bool = False,
) -> Intake:
    """Give intake's `handle` with everything it needs, for the stage and for the simulator."""
    change_schema = catalog.avro_schema("recordbus.v1.RecordChange")
    schema_id = registry.id_of(f"{RECORDS}-value")
    record_schema: Any = registry.schema_by_id(schema_id).parsed
    codes = compile_check(build(change_schema), _codes)
    assert codes is not None
    return Intake(
        publishers,
        GuardedDecoder(registry, change_schema, BODY),
        GuardedDecoder(registry, catalog.avro_schema("recordbus.v1.Upkeep"), ""),
        Normaliser(identifier_secret),
        RecordWriter(schema_id, record_schema, change_schema),
        codes,
        designations=designations,
    )


def _codes(name: str) -> Container[str]:
    return frozenset(code_list(name).codes)


_COUNTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "accepted": metrics.ACCEPTED_RECORDS_TOTAL.labels,
    "quarantined": metrics.QUARANTINE_RECORDS_TOTAL.labels,
    "resurrection": metrics.RESURRECTION_ATTEMPTS_TOTAL.labels,
    "source_seq_gap": metrics.SOURCE_SEQ_GAPS_TOTAL.labels,
}


def observe(notes: Counter[Note]) -> None:
    """Count what a committed batch did, by department."""
    for note, count in notes.items():
        _COUNTERS[note.name](*note.labels).inc(count)
