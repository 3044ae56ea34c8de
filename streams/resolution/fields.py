"""The compared fields of every kind of mention, by kind (pure)."""

from __future__ import annotations

from typing import Final

from streams.resolution.evidence import Field
from streams.resolution.organisation import fields as organisation
from streams.resolution.person import fields as person
from streams.resolution.vehicle import fields as vehicle

FIELDS: Final[dict[str, tuple[Field, ...]]] = {
    "person": person.FIELDS,
    "vehicle": vehicle.FIELDS,
    "organisation": organisation.FIELDS,
}
TERMS: Final[dict[str, tuple[str, ...]]] = {
    "person": person.TERMS,
    "vehicle": (),
    "organisation": (),
}
"""The fields of each kind whose exact agreement counts by how frequent the value is."""
