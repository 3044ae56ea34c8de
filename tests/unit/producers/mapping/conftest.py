"""A vocabulary for tests of the language, which stay true when the code lists grow."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import pytest

from producers.mapping import DepartmentMapping, load
from schemas import catalog


class SmallVocabulary:
    """The real body, and a few codes and roles."""

    lists: Mapping[str, frozenset[str]] = {
        "sex": frozenset("MFXU"),
        "hair_colour": frozenset({"BRO", "BLK"}),
        "eye_colour": frozenset({"BRO", "BLU"}),
        "mark": frozenset({"TAT", "TAT L ARM"}),
        "arrest_type": frozenset("OST"),
        "vehicle_colour": frozenset({"GRY", "BLU", "RED"}),
        "offence": frozenset({"13A", "240"}),
    }

    def body_schema(self) -> Mapping[str, Any]:
        return catalog.avro_schema("recordbus.v1.RecordBody")

    def record_kinds(self) -> Collection[str]:
        return catalog.record_kinds()

    def dissemination_levels(self) -> Collection[str]:
        return catalog.enum_symbols("recordbus.v1.DisseminationLevel")

    def code_list(self, name: str) -> Collection[str] | None:
        return self.lists.get(name)

    def roles(self, record_kind: str, mention_kind: str) -> Mapping[str, Collection[str]]:
        roles: dict[str, dict[str, list[str]]] = {
            "person": {"arrestee": ["suspect"], "victim": ["victim"], "witness": ["witness"]},
            "vehicle": {"used_vehicle": []},
            "location": {"scene": []},
            "organisation": {"employer": []},
            "phone": {"contact_phone": []},
        }
        return roles[mention_kind]


@pytest.fixture
def vocabulary() -> SmallVocabulary:
    return SmallVocabulary()


@pytest.fixture
def mapping_of(vocabulary: SmallVocabulary) -> Callable[[str], DepartmentMapping]:
    """Load a mapping text with the small vocabulary."""
    return lambda text: load(text, name="test", vocabulary=vocabulary)
