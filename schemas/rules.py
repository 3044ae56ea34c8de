"""The rules by which a record supports associations: bases, relation types, roles (R-01..R-08).

The files are checked against each other when they are read, so a rule that the basis table does
not allow cannot be loaded: no relation on a basis that may not create it, none from a victim or
witness that states an associate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from schemas.avro_types import NAMESPACE, enum_symbols
from schemas.errors import CatalogError
from schemas.files import read_yaml
from schemas.types import Basis as BasisName
from schemas.types import EvidenceKind, Grade, HandlingCode, MentionKind, SubjectCategory

NEVER_ASSOCIATES: frozenset[SubjectCategory] = frozenset({"victim", "witness"})


@dataclass(frozen=True, slots=True)
class Clock:
    """When an association ends (R-21): `amount` of `unit` from the source or from the end `until`.

    With an amount counted from the source and an `until`, whichever comes first. `review` asks for
    a review when the amount is over; no review reaches beyond `ceiling_years`.
    """

    amount: int | None
    unit: Literal["year"] | None
    counted_from: Literal["source", "end"] | None
    until: str | None
    ceiling_years: int | None
    review: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What kind of evidence an association is, and the grade it needs (R-03, R-05)."""

    kind: EvidenceKind
    grade_required: bool
    when_none_given: Grade | None


@dataclass(frozen=True, slots=True)
class Basis:
    """One row of the basis table; `record_kinds` is None when any kind will do."""

    name: BasisName
    says: str
    record_kinds: frozenset[str] | None
    relations: frozenset[str]
    evidence: Evidence
    by_contact_basis: Mapping[str, Evidence]
    handling: HandlingCode | None
    needs: frozenset[str]
    clock: Clock

    def evidence_for(self, contact_basis: str | None = None) -> Evidence:
        """Give what kind of evidence this is for a field contact's basis, or without one."""
        return self.by_contact_basis.get(contact_basis or "", self.evidence)

    def allows(self, record_kind: str, relation: str) -> bool:
        """Say whether a record of this kind may create this relation on this basis."""
        kinds = self.record_kinds
        return relation in self.relations and (kinds is None or record_kind in kinds)


@dataclass(frozen=True, slots=True)
class ClockEnd:
    """Something that ends a clock, and where each record kind's details tell of it."""

    name: str
    says: str
    read_from: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Designation:
    """What a designation of a person as a member of an organisation must bring (R-14..R-18)."""

    minimum_criteria: int
    criteria_within_years: int
    supervisor_required: bool
    notice_required: bool
    minimum_age_years: int
    juvenile_below_years: int
    ceiling_years: int
    juvenile_ceiling_years: int


@dataclass(frozen=True, slots=True)
class RelationType:
    """What a relation means and which kinds of mention it leads from and to."""

    name: str
    says: str
    from_kinds: frozenset[MentionKind]
    to_kinds: frozenset[MentionKind]
    symmetric: bool
    associate: bool
    enabled: bool
    designation: Designation | None


@dataclass(frozen=True, slots=True)
class Condition:
    """A circumstance of the record under which a rule applies.

    Either the details' field has one of the values, or an offence names every person concerned.
    """

    name: str
    says: str
    details_field: str | None
    values: frozenset[str]
    offence_names_people: bool


@cache
def basis_table() -> Mapping[str, Basis]:
    """Give the basis table, from the strongest basis to the weakest."""
    entries = read_yaml("basis.yaml")["bases"]
    if tuple(entries) != enum_symbols(f"{NAMESPACE}.Basis"):
        raise CatalogError("schemas/basis.yaml and schemas/avro/Basis.avsc list different bases")
    return MappingProxyType({name: _basis(name, entry) for name, entry in entries.items()})


@cache
def clock_ends() -> Mapping[str, ClockEnd]:
    """Give what can end a clock."""
    entries = read_yaml("basis.yaml")["ends"]
    return MappingProxyType(
        {
            name: ClockEnd(name, e["says"], MappingProxyType(e["read_from"]))
            for name, e in entries.items()
        }
    )


@cache
def relation_types() -> Mapping[str, RelationType]:
    """Give the relation types."""
    entries = read_yaml("relation_types.yaml")["relations"]
    return MappingProxyType({name: _relation_type(name, e) for name, e in entries.items()})


@cache
def conditions() -> Mapping[str, Condition]:
    """Give the circumstances under which a rule may apply."""
    entries = read_yaml("relation_types.yaml")["conditions"]
    return MappingProxyType({name: _condition(name, e) for name, e in entries.items()})


def weakest(names: frozenset[str] | set[str] | tuple[str, ...]) -> str:
    """Give the weakest of some bases, by the order of the table (R-08)."""
    order = tuple(basis_table())
    return max(names, key=order.index)


def _basis(name: BasisName, entry: Mapping[str, Any]) -> Basis:
    kinds = entry["record_kinds"]
    contact = entry.get("contact_basis", {})
    return Basis(
        name=name,
        says=entry["says"],
        record_kinds=None if kinds == "any" else frozenset(kinds),
        relations=frozenset(entry["relations"]),
        evidence=_evidence(entry),
        by_contact_basis=MappingProxyType({k: _evidence(v) for k, v in contact.items()}),
        handling=entry.get("handling"),
        needs=frozenset(entry.get("needs", ())),
        clock=_clock(name, entry["clock"]),
    )


def _evidence(entry: Mapping[str, Any]) -> Evidence:
    return Evidence(
        entry["evidence_kind"], entry["grade"] == "required", entry.get("when_none_given")
    )


def _clock(basis: str, entry: Mapping[str, Any]) -> Clock:
    until = entry.get("until")
    if until is not None and until not in clock_ends():
        raise CatalogError(f"schemas/basis.yaml: {basis} ends with {until}, which is not listed")
    return Clock(
        amount=entry.get("amount"),
        unit=entry.get("unit"),
        counted_from=entry.get("counted_from"),
        until=until,
        ceiling_years=entry.get("ceiling_years"),
        review=entry.get("review", False),
    )


def _relation_type(name: str, entry: Mapping[str, Any]) -> RelationType:
    designation = entry.get("designation")
    return RelationType(
        name=name,
        says=entry["says"],
        from_kinds=frozenset(entry["from"]),
        to_kinds=frozenset(entry["to"]),
        symmetric=entry.get("symmetric", False),
        associate=entry.get("associate", False),
        enabled=entry.get("enabled", True),
        designation=Designation(**designation) if designation else None,
    )


def _condition(name: str, entry: Mapping[str, Any]) -> Condition:
    return Condition(
        name=name,
        says=entry["says"],
        details_field=entry.get("details_field"),
        values=frozenset(entry.get("values", ())),
        offence_names_people=entry.get("offence_names_people", False),
    )
