"""The topics of the bus, as data: names, kinds, keys, values, readers, writers and settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from schemas.errors import CatalogError
from schemas.files import read_yaml

DEPARTMENT_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
"""What a department may be called in a topic name; the dot after it ends every ACL prefix."""
DEPARTMENT_NAME_LIMIT = 60
NOT_DEPARTMENTS = frozenset({"upkeep", "judgements", "verifications"})

AGENCY_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
FEEDS = "feed."
"""How the topics begin that agencies are told on; see `{agency}` in the catalogue."""

TopicKind = Literal["log", "table"]


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """One topic, or with `{department}` or `{agency}` in its name one topic for each of those.

    `config` holds Kafka's own setting names and values as text. `value_schema` is the full name
    of the value's Avro type, or None for a stage's private state and for feeds, whose type follows
    from others. `group` names topics that must
    have equally many partitions.
    """

    name: str
    kind: TopicKind
    partitions: int
    config: Mapping[str, str]
    key: str
    says: str
    value_schema: str | None
    writers: tuple[str, ...]
    readers: tuple[str, ...]
    group: str | None

    @property
    def per_department(self) -> bool:
        """Whether every department has one of its own."""
        return "{department}" in self.name

    @property
    def per_agency(self) -> bool:
        """Whether every agency that is told on a topic has one of its own."""
        return "{agency}" in self.name

    @property
    def subject(self) -> str | None:
        """The registry subject of its values, by topic name; None when it has no schema."""
        return f"{self.name}-value" if self.value_schema else None

    def for_department(self, department: str) -> TopicSpec:
        """Give this topic for one department."""
        return replace(self, name=self.name.replace("{department}", checked_department(department)))

    def for_agency(self, agency: str) -> TopicSpec:
        """Give this topic for one agency; CatalogError when its name cannot stand in one."""
        if not AGENCY_NAME.fullmatch(agency):
            raise CatalogError(
                f"{agency!r} cannot name an agency: use lower-case letters, digits and hyphens"
            )
        return replace(self, name=self.name.replace("{agency}", agency))


@dataclass(frozen=True, slots=True)
class TopicCatalogue:
    """All topics, and why each setting is used."""

    specs: tuple[TopicSpec, ...]
    why: Mapping[str, str]

    def spec(self, name: str) -> TopicSpec:
        """Give the spec that a topic's name, concrete or pattern, belongs to."""
        for spec in self.specs:
            if name == spec.name:
                return spec
        for spec in self.specs:
            department = _department_in(spec, name)
            if department is not None:
                return spec.for_department(department)
        raise CatalogError(f"no topic {name} in schemas/topics.yaml")

    def concrete(
        self, departments: Iterable[str], partitions: Mapping[str, int] | None = None
    ) -> tuple[TopicSpec, ...]:
        """Give every topic by its real name, with `partitions` by group where given.

        Those of agencies are not among them: nobody but feeds knows whom there are any for.
        """
        names = tuple(departments)
        counts = partitions or {}
        found: list[TopicSpec] = []
        for spec in self.specs:
            if spec.per_agency:
                continue
            count = counts.get(spec.group or "", spec.partitions)
            sized = replace(spec, partitions=count)
            found += [sized.for_department(n) for n in names] if spec.per_department else [sized]
        return tuple(found)


def checked_department(name: str) -> str:
    """Give the name back when it may stand in a topic name; CatalogError otherwise."""
    fits = DEPARTMENT_NAME.fullmatch(name) and len(name) <= DEPARTMENT_NAME_LIMIT
    if not fits or name in NOT_DEPARTMENTS:
        raise CatalogError(
            f"{name!r} cannot name a department: use at most {DEPARTMENT_NAME_LIMIT} lower-case "
            f"letters, digits and single hyphens, and none of {', '.join(sorted(NOT_DEPARTMENTS))}"
        )
    return name


def topic_for_agency(agency: str) -> TopicSpec:
    """Give the topic that an agency is told on."""
    return topics().spec(f"{FEEDS}{{agency}}.v1").for_agency(agency)


def topic_for_department(name: str) -> str:
    """Give the ingest topic of a department."""
    return f"ingest.{checked_department(name)}.v1"


def answers_topic_for_department(name: str) -> str:
    """Give the topic on which a department answers questions about its records (R-34)."""
    return f"ingest.{checked_department(name)}.answers.v1"


def department_of_topic(topic: str) -> str | None:
    """Give the department whose ingest topic this is, or None for any other topic."""
    match = re.fullmatch(r"ingest\.([^.]+)\.v1", topic)
    if match is None or match[1] in NOT_DEPARTMENTS or not DEPARTMENT_NAME.fullmatch(match[1]):
        return None
    return match[1]


@cache
def topics() -> TopicCatalogue:
    """Give the catalogue of topics; CatalogError when the file contradicts itself."""
    data = read_yaml("topics.yaml")
    specs = tuple(_spec(entry, data["defaults"]) for entry in data["topics"])
    why = MappingProxyType(dict(data["why"]))
    unexplained = {key for spec in specs for key in spec.config} - why.keys()
    if unexplained:
        raise CatalogError(f"schemas/topics.yaml does not say why: {sorted(unexplained)}")
    return TopicCatalogue(specs, why)


def _spec(entry: Mapping[str, Any], defaults: Mapping[str, Mapping[str, Any]]) -> TopicSpec:
    settings = {**defaults[entry["kind"]], **entry.get("config", {})}
    return TopicSpec(
        name=entry["name"],
        kind=entry["kind"],
        partitions=entry["partitions"],
        config=MappingProxyType({key: str(value) for key, value in settings.items()}),
        key=entry["key"],
        says=entry["says"],
        value_schema=entry.get("value"),
        writers=tuple(entry["written_by"]),
        readers=tuple(entry["read_by"]),
        group=entry.get("group"),
    )


def _department_in(spec: TopicSpec, name: str) -> str | None:
    if not spec.per_department:
        return None
    before, _, after = spec.name.partition("{department}")
    department = name.removeprefix(before).removesuffix(after)
    if spec.name.replace("{department}", department) != name or department in NOT_DEPARTMENTS:
        return None
    return department if DEPARTMENT_NAME.fullmatch(department) else None
