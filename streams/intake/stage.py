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
from streams.associate.offer import entities_under
from streams.intake.codes import compile_check
from streams.intake.decode import GuardedDecoder, SchemaLookup
from streams.intake.handle import Intake, Publisher, state_key
from streams.intake.judgements import Judgements
from streams.intake.normalise import Normaliser
from streams.intake.offers import Offers, Writers
from streams.intake.publish import BODY, EntryWriter, RecordWriter, RelationsWriter, ValueWriter
from streams.intake.requests import Requests
from streams.intake.topics import (
    JUDGEMENTS,
    MEETINGS,
    QUESTIONS,
    RECORDS,
    RELATIONS,
    UPKEEP,
    VERDICTS,
    VERIFICATIONS,
)
from streams.intake.verifications import Verifications
from streams.meet.digests import Digests
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
    meeting_partitions: int = 1,
) -> Stage:
    """Give the stage that reads every department's topics, judgements, questions and upkeep.

    `identifier_secret` is one secret of the bus, shared with the search, under which identifiers
    are digested. Raises Retryable while the registry is away, and Misconfigured when it does not
    have the schemas of what intake writes.
    """
    publishers = {each.topic: Publisher(each.name, each.ori) for each in departments}
    intake = make_intake(
        registry, publishers, identifier_secret,
        designations=designations, meeting_partitions=meeting_partitions,
    )  # fmt: skip
    answers = (each.answers for each in publishers.values())
    sources = (*publishers, *answers, JUDGEMENTS, QUESTIONS, UPKEEP)
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
    meeting_partitions: int = 1,
) -> Intake:
    """Give intake's `handle` with everything it needs, for the stage and for the simulator."""
    change_schema = catalog.avro_schema("recordbus.v1.RecordChange")
    codes = compile_check(build(change_schema), _codes)
    assert codes is not None
    records = RecordWriter(*_registered(registry, RECORDS), change_schema)
    relations = RelationsWriter(*_registered(registry, RELATIONS), records.relations_node)
    verdicts = EntryWriter(*_registered(registry, VERDICTS))
    meetings = EntryWriter(*_registered(registry, MEETINGS))
    offers = Offers(
        Writers(relations, meetings, verdicts), entities_under(identifier_secret),
        Digests(identifier_secret), meeting_partitions,
    )  # fmt: skip
    return Intake(
        publishers,
        GuardedDecoder(registry, change_schema, BODY),
        Normaliser(identifier_secret),
        records,
        offers,
        Judgements(_decoder(registry, "Judgement"), verdicts),
        Verifications(
            _decoder(registry, "VerificationRequest"),
            _decoder(registry, "VerificationAnswer"),
            ValueWriter(*_registered(registry, VERIFICATIONS)).write,
        ),
        Requests(_decoder(registry, "Upkeep"), offers),
        codes,
        designations=designations,
    )


def _registered(registry: Registry, topic: str) -> tuple[int, Any]:
    """Give the id and the schema that a topic's values are written with."""
    schema_id = registry.id_of(f"{topic}-value")
    return schema_id, registry.schema_by_id(schema_id).parsed


def _decoder(registry: Registry, name: str) -> GuardedDecoder:
    return GuardedDecoder(registry, catalog.avro_schema(f"recordbus.v1.{name}"), "")


def _codes(name: str) -> Container[str]:
    return frozenset(code_list(name).codes)


_COUNTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "accepted": metrics.ACCEPTED_RECORDS_TOTAL.labels,
    "judged": metrics.JUDGEMENTS_TOTAL.labels,
    "quarantined": metrics.QUARANTINE_RECORDS_TOTAL.labels,
    "resurrection": metrics.RESURRECTION_ATTEMPTS_TOTAL.labels,
    "source_seq_gap": metrics.SOURCE_SEQ_GAPS_TOTAL.labels,
    "unnoticed": metrics.DESIGNATIONS_WITHOUT_NOTICE_TOTAL.labels,
    "verification": metrics.VERIFICATIONS_TOTAL.labels,
}


def observe(notes: Counter[Note]) -> None:
    """Count what a committed batch did, by department."""
    for note, count in notes.items():
        _COUNTERS[note.name](*note.labels).inc(count)
