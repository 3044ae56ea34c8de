"""Which fields of the bus's messages the index reads, and the decoders that read only those.

Invariant: what a message means for the index is the same as if all of it had been read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from consumers.search.changes import Decode
from consumers.search.documents import NUMBER_FIELDS
from recordbus.kafka.codec import Decoder
from recordbus.kafka.registry import SchemaRegistry
from schemas import catalog
from schemas.avro_types import NAMESPACE

_CODED_PERSON: Final = (
    "sex", "race", "ethnicity", "hair_colour", "eye_colour", "complexion", "build",
    "country_of_birth",
)  # fmt: skip
_WANTED: Final[Mapping[str, Collection[str]]] = {
    "Record": (
        "record_key",
        "record_kind",
        "department",
        "owner_ori",
        "version",
        "source_seq",
        "status",
        "published_at",
        "recorded_at",
        "occurred_at",
        "first_recorded_on",
        "dissemination_level",
        "contact",
        "disputes",
        "flags",
        "body",
        "normalised",
        "relations",
    ),
    "Dispute": ("resolved_at",),
    "RecordBody": (
        "record_id",
        "references",
        "people",
        "vehicles",
        "organisations",
        "locations",
        "phones",
        "offences",
        "narrative",
        "details",
    ),
    "RecordReference": ("number",),
    "Person": (
        "names",
        "date_of_birth",
        *_CODED_PERSON,
        "height_inches",
        "height_range",
        "weight_pounds",
        "weight_range",
        "marks",
    ),
    "PersonName": ("full", "given", "middle", "surname", "suffix"),
    "Organisation": ("name", "type", "designation"),
    "Location": ("name", "address"),
    "Address": ("full",),
    "PhoneRole": ("local_id", "role", "number"),
    "Offence": ("code", "description"),
    "NormalisedPerson": (
        "local_id",
        "names",
        "date_of_birth",
        "date_of_birth_swapped",
        "birth_year",
        "identifiers",
        "phones",
        "emails",
        "addresses",
        "marks",
    ),
    "NormalisedName": ("given", "middle", "surname"),
    "NormalisedIdentifier": ("digest",),
    "NormalisedAddress": ("street_number", "street", "unit", "city", "state", "postal_code"),
    "NormalisedVehicle": ("local_id", "plate", "plate_folded", "plate_state", "vin"),
    "NormalisedOrganisation": ("local_id", "tokens", "identifiers", "phones", "addresses"),
    "NormalisedLocation": ("local_id", "address"),
    "NormalisedPhone": ("local_id", "e164"),
    "Relation": (
        "type",
        "from_local_id",
        "to_local_id",
        "basis",
        "evidence_kind",
        "grade",
        "derived_inputs",
    ),
    "Identity": ("mention_id", "record_key", "kind", "entity_id", "verdicts"),
    "AssociationUpdate": ("association_id", "record_key", "status", "reason", "association"),
}
"""By record type, as the index's topics have it; of a type that is not named all is read."""


def wanted() -> dict[str, Collection[str]]:
    """Give the fields that are read of each record type, by its full name."""
    fields = (*NUMBER_FIELDS, "contact_basis")
    details = {name: fields for name in catalog.full_names() if name.endswith("Details")}
    return details | {f"{NAMESPACE}.{name}": read for name, read in _WANTED.items()}


def decoders(registry: SchemaRegistry, topics: Collection[str]) -> dict[str, Decode]:
    """Give what decodes the values of each topic."""
    only = wanted()
    return {topic: Decoder(registry, f"{topic}-value", only=only).decode for topic in topics}
