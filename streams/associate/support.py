"""What must be there before an association is said: the assertion of R-02, in production (pure).

Invariant: nothing that this module lets pass lacks a basis that may create it for its record kind,
a source record, or the categories and grade that its basis asks for. What fails is set aside with
its whole record; what was said before stays in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from recordbus import ids
from recordbus.errors import Rejected
from schemas.rules import NEVER_ASSOCIATES, basis_table, relation_types, weakest
from streams.associate.sides import Relation, Relations

_REMEMBERED: Final = 4096


def check_relations(record: Relations, *, designations: bool) -> None:
    """Check a record's relations; raises Rejected for the first that nothing supports.

    `designations` says whether this bus takes designations of people at all (R-13).
    """
    if not all(
        (record.record_key, record.record_kind, record.department, record.owner_ori,
         record.content_hash)
    ):  # fmt: skip
        raise _unsupported("the source record is not named in full")
    ages = {mention.local_id: mention.least_age_years for mention in record.mentions}
    found: dict[str, Relation] = {}
    for relation in record.relations:
        _check_ends(relation, record.record_key, ages)
        _check_basis(relation, record.record_kind)
        _check_designation(relation, ages, designations=designations)
        found[relation.relation_id] = relation
    if len(found) != len(record.relations):
        raise _unsupported("one association is stated twice")
    for relation in record.relations:
        if relation.derived_inputs:
            _check_derived(relation, found)


def entity_of(local_id: str, entities: Mapping[str, str]) -> str:
    """Give the entity of a mention; raises Rejected when it has none."""
    entity = entities.get(local_id)
    if not entity:
        raise _unsupported("a mention has no entity")
    return entity


def _check_ends(relation: Relation, record_key: str, known: Iterable[str]) -> None:
    start, end = relation.from_local_id, relation.to_local_id
    if start not in known or end not in known or start == end:
        raise _unsupported("it does not lead from one mention of its record to another")
    mentions = (ids.mention_id(record_key, start), ids.mention_id(record_key, end))
    wanted = ids.association_id(
        record_key, *mentions, relation.type, relation.basis, symmetric=False
    )
    if relation.relation_id != wanted:
        raise _unsupported("its id is not that of its record, pair, type and basis")


def _check_basis(relation: Relation, record_kind: str) -> None:
    lacks = _lacking(
        record_kind, relation.type, relation.basis, relation.contact_basis, relation.evidence_kind,
        relation.grade is not None, frozenset((relation.from_category, relation.to_category)),
    )  # fmt: skip
    if lacks:
        raise _unsupported(lacks)


@lru_cache(maxsize=_REMEMBERED)
def _lacking(
    record_kind: str, type_: str, basis_name: str, contact_basis: str | None, evidence_kind: str,
    is_graded: bool, categories: frozenset[str | None],
) -> str:  # fmt: skip
    """Say what a relation lacks of what the basis table asks for; empty when it lacks nothing."""
    basis = basis_table().get(basis_name)
    if basis is None or not basis.allows(record_kind, type_):
        return f"a {record_kind} may not state it on its basis"
    evidence = basis.evidence_for(contact_basis)
    if evidence_kind != evidence.kind:
        return f"its basis makes it no {evidence_kind}"
    if evidence.grade_required and not is_graded:
        return "its basis asks for a grade"
    if relation_types()[type_].associate and categories & NEVER_ASSOCIATES:
        return "a victim or witness is nobody's associate"
    return ""


def _check_designation(
    relation: Relation, ages: Mapping[str, int | None], *, designations: bool
) -> None:
    kind = relation_types()[relation.type]
    if kind.enabled:
        return
    if not designations:
        raise Rejected("designation_off", f"a relation is a {kind.name}")
    age = ages[relation.from_local_id]
    rule = kind.designation
    if rule is not None and age is not None and age < rule.minimum_age_years:
        raise Rejected("under_minimum_age", "a designation is about a child")


def _check_derived(relation: Relation, known: Mapping[str, Relation]) -> None:
    """A derived relation rests on others of its record, on the weakest basis of them (R-08)."""
    inputs = relation.derived_inputs
    if any(each not in known or known[each].derived_inputs for each in inputs):
        raise _unsupported("what it is derived from is not stated by its record")
    if weakest({known[each].basis for each in inputs}) != relation.basis:
        raise _unsupported("it is derived, but not on the weakest basis of its inputs")


def _unsupported(why: str) -> Rejected:
    return Rejected("unsupported_association", why)
