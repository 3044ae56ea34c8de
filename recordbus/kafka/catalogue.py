"""The catalogue of topics and schemas, as this cluster should have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from recordbus.kafka.registry import SchemaRegistry
from recordbus.kafka.topics import Topic
from recordbus.settings import StageSettings
from schemas import catalog
from schemas.topics import TopicSpec

COMPATIBILITY: Final = "FULL_TRANSITIVE"
_AT_ONCE: Final = 4


def wanted_topics(
    departments: Iterable[str], partitions: Mapping[str, int] | None = None, *, replicas: int = 1
) -> list[Topic]:
    """Give every topic there should be, with the ingest topic of each department.

    `partitions` counts for all topics of a group, by its name. With several replicas a write needs
    all but one of them.
    """
    return [wanted(spec, replicas) for spec in catalog.topics().concrete(departments, partitions)]


def wanted(spec: TopicSpec, replicas: int) -> Topic:
    """Give one topic as it should be, with so many copies of each partition."""
    durable = {"min.insync.replicas": str(replicas - 1)} if replicas > 1 else {}
    return Topic(spec.name, spec.partitions, replicas, {**spec.config, **durable})


def partitions_by_group(stage: StageSettings) -> dict[str, int]:
    """Give the partitions of the topics of each group whose number the settings say."""
    return {"records": stage.partitions, "meetings": stage.meeting_partitions}


@dataclass(frozen=True, slots=True)
class Subject:
    """One subject of the registry: the type it holds, and the types that one mentions."""

    name: str
    full_name: str

    @property
    def text(self) -> str:
        """Give the schema as it is registered."""
        return catalog.avro_text(self.full_name)

    @property
    def references(self) -> tuple[str, ...]:
        """Give the full names of the types it mentions; each is the subject of that name."""
        return tuple(catalog.references(self.full_name))


def subjects(departments: Iterable[str]) -> list[Subject]:
    """Give every subject, each after those it refers to: named types, then topics' values."""
    specs = catalog.topics().concrete(departments)
    values = [
        Subject(spec.subject, spec.value_schema)
        for spec in specs
        if spec.subject and spec.value_schema
    ]
    return [*_named_types(values), *values]


def register_all(registry: SchemaRegistry, departments: Iterable[str]) -> int:
    """Register every schema under FULL_TRANSITIVE compatibility; gives how many were new.

    Idempotent. Raises Misconfigured when the registry refuses one.
    """
    registry.set_compatibility(COMPATIBILITY)
    present = set(registry.subjects())

    def register(subject: Subject) -> bool:
        if subject.name in present and _is_current(registry, subject):
            return False
        registry.register(subject.name, subject.text, subject.references)
        return True

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return sum(sum(pool.map(register, level)) for level in levels(list(subjects(departments))))


def levels(ordered: list[Subject]) -> list[list[Subject]]:
    """Group subjects so that each refers to earlier groups only."""
    depth: dict[str, int] = {}
    groups: list[list[Subject]] = []
    for subject in ordered:
        at = 1 + max((depth[name] for name in subject.references), default=-1)
        depth[subject.name] = at
        if at == len(groups):
            groups.append([])
        groups[at].append(subject)
    return groups


def _is_current(registry: SchemaRegistry, subject: Subject) -> bool:
    """Tell whether the newest version of the subject is what the catalogue has."""
    newest = registry.schema_by_id(registry.id_of(subject.name))
    return bool(newest.parsed == catalog.avro_schema(subject.full_name))


def _named_types(values: list[Subject]) -> Iterator[Subject]:
    seen: set[str] = set()
    for value in values:
        for full_name in catalog.registration_order(value.full_name)[:-1]:
            if full_name not in seen:
                seen.add(full_name)
                yield Subject(full_name, full_name)
