"""What of a record or an association a decision depends on (pure).

A record is given with all that it says, so it is several items: its own document, and every
relation that it states; the least of their decisions is the record's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from recordbus.normalize.ages import ADULT_AT, least_age_years
from recordbus.policy.decision import Item
from schemas.catalog import Basis, basis_table, record_kinds, relation_types
from schemas.types import AssociationUpdate, Record


def items_of_record(record: Record) -> tuple[Item, ...]:
    """Give the items of a value of `records.v1`: its document first, then its relations."""
    common = _common(record)
    evidence = evidence_of(record["record_kind"], _contact_basis(record))
    document = Item(evidence_kind=evidence, designation=_designates(record), **common)
    relations = (
        Item(
            basis=relation["basis"], evidence_kind=relation["evidence_kind"],
            designation=is_designation(relation["type"]),
            derived=bool(relation["derived_inputs"]), **common,
        )
        for relation in record["relations"]
    )  # fmt: skip
    return tuple(dict.fromkeys((document, *relations)))


def item_of_association(update: AssociationUpdate) -> Item | None:
    """Give the item of a value of `associations.v1`; None when it has no content."""
    said = update["association"]
    if said is None:
        return None
    return Item(
        owner=said["source"]["department"],
        record_kind=said["source"]["record_kind"],
        evidence_kind=said["evidence_kind"],
        basis=said["basis"],
        juvenile=said["juvenile"],
        designation=is_designation(said["type"]),
        derived=bool(said["derived_inputs"]),
        disputed=_is_disputed(said["disputes"]),
        dissemination=said["dissemination_level"],
    )


def evidence_of(record_kind: str, contact_basis: str | None = None) -> str:
    """Give what a record's own document is: a fact if any basis of its own kind is one.

    A field contact for intelligence is an assessment, an incident report what people reported.
    """
    if record_kind not in record_kinds():
        return "assessment"
    own = _own_bases(record_kind)
    kinds = {basis.evidence_for(contact_basis).kind for basis in own}
    return "fact" if "fact" in kinds else "assessment"


def is_designation(relation: str) -> bool:
    """Say whether a relation designates a person as a member of an organisation (R-13)."""
    found = relation_types().get(relation)
    return found is None or found.designation is not None


@cache
def is_possible(record_kind: str, basis: str | None, evidence_kind: str) -> bool:
    """Say whether the basis table knows such an item."""
    if basis is None:
        every = {evidence_of(record_kind), evidence_of(record_kind, "intel")}
        return evidence_kind in every
    row = basis_table()[basis]
    if row.record_kinds is not None and record_kind not in row.record_kinds:
        return False
    kinds = {row.evidence.kind, *(each.kind for each in row.by_contact_basis.values())}
    return evidence_kind in kinds


@cache
def _own_bases(record_kind: str) -> tuple[Basis, ...]:
    table = basis_table().values()
    return tuple(b for b in table if b.record_kinds is not None and record_kind in b.record_kinds)


def _common(record: Record) -> dict[str, Any]:
    return {
        "owner": record["department"],
        "record_kind": record["record_kind"],
        "juvenile": is_about_a_juvenile(record),
        "disputed": _is_disputed(record["disputes"]),
        "sealed": record["status"] == "sealed",
        "dissemination": record["dissemination_level"],
    }


def _designates(record: Record) -> bool:
    """Say whether a record's own document calls an organisation one of a designated kind (R-13)."""
    body = record["body"]
    return body is not None and any(
        each["organisation"]["designation"] is not None for each in body["organisations"]
    )


def _contact_basis(record: Record) -> str | None:
    details: Any = record["body"]["details"] if record["body"] else None
    if isinstance(details, tuple):  # the name of the union's branch may come with it
        details = details[1]
    found = details.get("contact_basis") if isinstance(details, Mapping) else None
    return str(found) if found else None


def _is_disputed(disputes: Any) -> bool:
    return any(dispute["resolved_at"] is None for dispute in disputes)


def is_about_a_juvenile(record: Record) -> bool:
    """Say whether anybody in a record may have been under age when it happened (R-16)."""
    body, on = record["body"], _event_day(record)
    ages = (least_age_years(person, on) for person in body["people"]) if body else ()
    return any(age is not None and age < ADULT_AT for age in ages)


def _event_day(record: Record) -> date:
    if record["occurred_at"] is not None:
        return record["occurred_at"].date()
    first = record["first_recorded_on"]
    return date.fromisoformat(first) if first else record["recorded_at"].date()
