"""Says what keeps our schemas from being registered, before a registry has to refuse them."""

from __future__ import annotations

from collections.abc import Iterable

from recordbus.kafka.catalogue import subjects
from recordbus.kafka.registry import SchemaRegistry
from schemas import catalog
from schemas.compatibility import check_registration


def problems(registry: SchemaRegistry, departments: Iterable[str]) -> list[str]:
    """Check the value of every topic against the rules and all its registered versions.

    A topic's schema is checked with everything it mentions written out; gives one sentence a
    problem.
    """
    found: list[str] = []
    for subject in subjects(departments):
        if subject.name == subject.full_name:
            continue
        earlier = [version.parsed for version in registry.texts_of(subject.name)]
        new = catalog.avro_schema(subject.full_name)
        found += [
            f"{subject.name}: {each.rule} {each.where}: {each.message}"
            for each in check_registration(new, earlier)
        ]
    return found
