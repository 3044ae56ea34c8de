"""Which stages there are, and how each is put together from the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from recordbus.departments import Departments
from recordbus.identifier_key import identifier_key
from recordbus.kafka.registry import SchemaRegistry
from recordbus.settings import Settings
from streams.runtime.contract import Stage

Build = Callable[[Settings, SchemaRegistry, Departments], Stage]


@dataclass(frozen=True, slots=True)
class StageSpec:
    """A stage by name: what it does, and how to build it."""

    name: str
    says: str
    build: Build


def _intake(settings: Settings, registry: SchemaRegistry, departments: Departments) -> Stage:
    from streams.intake.stage import intake_stage

    return intake_stage(registry, departments, identifier_key(settings))


_SPECS = (StageSpec("intake", "Valid, normalised records of what departments publish.", _intake),)

STAGES: Final[Mapping[str, StageSpec]] = {spec.name: spec for spec in _SPECS}
