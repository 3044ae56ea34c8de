"""What must be there before an association is said: the assertion of R-02, in production (pure).

Invariant: nothing that this module lets pass lacks a basis that may create it for its record kind,
a source record, or the categories and grade that its basis asks for. What fails is set aside with
its whole record; what was said before stays in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from recordbus import ids
from recordbus.errors import Rejected
from schemas.rules import NEVER_ASSOCIATES, basis_table, relation_types, weakest

_SOURCE: Final = ("record_key", "record_kind", "department", "owner_ori", "content_hash")


def check_relations(record: Mapping[str, Any], *, designations: bool) -> None:
    """Check a record's relations; raises Rejected for the first that nothing supports.

    `designations` says whether this bus takes designations of people at all (R-13).
    """
    if not all(record[name] for name in _SOURCE):
        raise _unsupported("the source record is not named in full")
    ages = {mention["local_id"]: mention["least_age_years"] for mention in record["mentions"]}
    found: dict[str, Mapping[str, Any]] = {}
    for relation in record["relations"]:
        _check_ends(relation, record["record_key"], ages)
        _check_basis(relation, record["record_kind"])
        _check_designation(relation, ages, designations=designations)
        found[relation["relation_id"]] = relation
    if len(found) != len(record["relations"]):
        raise _unsupported("one association is stated twice")
    for relation in found.values():
        _check_derived(relation, found)


def entity_of(local_id: str, entities: Mapping[str, str]) -> str:
    """Give the entity of a mention; raises Rejected when it has none."""
    entity = entities.get(local_id)
    if not entity:
        raise _unsupported("a mention has no entity")
    return entity


def _check_ends(relation: Mapping[str, Any], record_key: str, known: Mapping[str, Any]) -> None:
    start, end = relation["from_local_id"], relation["to_local_id"]
    if start not in known or end not in known or start == end:
        raise _unsupported("it does not lead from one mention of its record to another")
    mentions = (ids.mention_id(record_key, start), ids.mention_id(record_key, end))
    wanted = ids.association_id(
        record_key, *mentions, relation["type"], relation["basis"], symmetric=False
    )
    if relation["relation_id"] != wanted:
        raise _unsupported("its id is not that of its record, pair, type and basis")


def _check_basis(relation: Mapping[str, Any], record_kind: str) -> None:
    basis = basis_table().get(relation["basis"])
    if basis is None or not basis.allows(record_kind, relation["type"]):
        raise _unsupported(f"a {record_kind} may not state it on its basis")
    evidence = basis.evidence_for(relation["contact_basis"])
    if relation["evidence_kind"] != evidence.kind:
        raise _unsupported(f"its basis makes it no {relation['evidence_kind']}")
    if evidence.grade_required and relation["grade"] is None:
        raise _unsupported("its basis asks for a grade")
    categories = {relation["from_category"], relation["to_category"]}
    if relation_types()[relation["type"]].associate and categories & NEVER_ASSOCIATES:
        raise _unsupported("a victim or witness is nobody's associate")


def _check_designation(
    relation: Mapping[str, Any], ages: Mapping[str, int | None], *, designations: bool
) -> None:
    kind = relation_types()[relation["type"]]
    if kind.enabled:
        return
    if not designations:
        raise Rejected("designation_off", f"a relation is a {kind.name}")
    age = ages[relation["from_local_id"]]
    rule = kind.designation
    if rule is not None and age is not None and age < rule.minimum_age_years:
        raise Rejected("under_minimum_age", "a designation is about a child")


def _check_derived(relation: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> None:
    """A derived relation rests on others of its record, on the weakest basis of them (R-08)."""
    inputs = relation["derived_inputs"]
    if not inputs:
        return
    if any(each not in known or known[each]["derived_inputs"] for each in inputs):
        raise _unsupported("what it is derived from is not stated by its record")
    if weakest({known[each]["basis"] for each in inputs}) != relation["basis"]:
        raise _unsupported("it is derived, but not on the weakest basis of its inputs")


def _unsupported(why: str) -> Rejected:
    return Rejected("unsupported_association", why)
