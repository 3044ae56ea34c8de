"""Which stages there are, and how each is put together from the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from recordbus.departments import Departments
from recordbus.identifier_key import identifier_key
from recordbus.kafka.registry import SchemaRegistry
from recordbus.settings import Settings, StageSettings
from streams.runtime.contract import Stage

Build = Callable[[Settings, SchemaRegistry, Departments], Stage]


@dataclass(frozen=True, slots=True)
class StageSpec:
    """A stage by name: what it does, how to build it, and how many partitions its sources have."""

    name: str
    says: str
    build: Build
    partitions: Callable[[StageSettings], int] = attrgetter("partitions")


def _intake(settings: Settings, registry: SchemaRegistry, departments: Departments) -> Stage:
    from streams.intake.stage import intake_stage

    return intake_stage(
        registry, departments, identifier_key(settings),
        designations=settings.stage.designations,
        meeting_partitions=settings.stage.meeting_partitions,
    )  # fmt: skip


def _meet(_settings: Settings, registry: SchemaRegistry, _: Departments) -> Stage:
    from streams.meet.stage import meet_stage

    return meet_stage(registry)


def _identify(_settings: Settings, registry: SchemaRegistry, _: Departments) -> Stage:
    from streams.identify.stage import identify_stage

    return identify_stage(registry)


def _associate(settings: Settings, registry: SchemaRegistry, _: Departments) -> Stage:
    from streams.associate.stage import associate_stage

    return associate_stage(registry, designations=settings.stage.designations)


_SPECS = (
    StageSpec("intake", "Valid, normalised records of what departments publish.", _intake),
    StageSpec(
        "meet",
        "How the mentions of records agree that share a key, and which values tell nothing.",
        _meet,
        partitions=attrgetter("meeting_partitions"),
    ),
    StageSpec(
        "identify",
        "Which mentions are one person, vehicle or organisation, and which are not.",
        _identify,
        partitions=lambda _settings: 1,
    ),
    StageSpec("associate", "Association updates, each with its basis and its record.", _associate),
)

STAGES: Final[Mapping[str, StageSpec]] = {spec.name: spec for spec in _SPECS}
