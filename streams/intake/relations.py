"""The relations that follow from one record, each with its basis (pure; R-01..R-08).

Invariant: a relation exists only because a rule of `schemas/associations` says so for this record
kind, these roles and these categories, or because an allowed assertion states it. A pair without
a rule has no relation, and there is one relation per pair, type and basis (R-06).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final, NamedTuple

from recordbus import ids
from recordbus.errors import Rejected
from recordbus.normalize import dates
from schemas.association_rules import RecordKindRules, RelationRule, association_rules
from schemas.rules import Condition, Evidence, basis_table, relation_types
from streams.intake import assertions
from streams.intake.checks import ROLES

_make = tuple.__new__  # a NamedTuple's own constructor takes three times as long
MAX_RELATIONS: Final = 2_000
"""Relations of one record; a longer list means a record that names a crowd in one role."""

# Where each record kind's details say when what they state began and ended.
_PERIODS: Final[Mapping[str, tuple[str, str]]] = {
    "arrest": ("arrested_at", ""),
    "booking": ("booked_at", "released_at"),
    "citation": ("issued_at", ""),
    "court_disposition": ("decided_at", ""),
    "custody": ("admitted_at", "released_at"),
    "missing_person": ("last_seen_at", ""),
    "permit": ("valid_from", "valid_to"),
    "supervision": ("starts_at", "ends_at"),
    "vehicle_registration": ("valid_from", "valid_to"),
    "warrant": ("issued_at", ""),
}


class Mention(NamedTuple):
    """One end of a relation; `category` is None unless it is a person."""

    local_id: str
    mention_id: str
    category: str | None


class Period(NamedTuple):
    """First and last day that support a relation, as ISO dates; the last is None if it is one."""

    first: str
    last: str | None


class RecordFacts(NamedTuple):
    """What the relations of a record are made of; `matters` are (type, local id) pairs.

    `day` is that of the event, `said_at` when the bus was told of this version.
    """

    record_key: str
    record_kind: str
    body: Mapping[str, Any]
    matters: Sequence[tuple[str, str]]
    day: date
    said_at: datetime


class _Rule(NamedTuple):
    """A rule that follows from roles, with what does not change from record to record."""

    rule: RelationRule
    from_roles: tuple[str, ...]
    to_roles: tuple[str, ...]


def relations_of(facts: RecordFacts, *, designations: bool) -> list[dict[str, Any]]:
    """Give the relations of a live record in a fixed order.

    Raises Rejected when an assertion is not allowed. `designations` says whether this bus accepts
    designations of people as members of an organisation (R-13).
    """
    if not designations:
        assertions.check_designations_off(facts.body)
    found: dict[str, dict[str, Any]] = {}
    rules = _derived_rules(facts.record_kind)
    if rules:
        by_role = _by_role(facts)
        period = _period(facts)
        for rule in rules:
            _derive(facts, rule, by_role, period, found)
    if facts.body["assertions"]:
        _assert(facts, association_rules()[facts.record_kind], found)
    return list(found.values())


@cache
def _derived_rules(record_kind: str) -> tuple[_Rule, ...]:
    """Give the rules that follow from roles; each has roles at both its ends."""
    return tuple(
        _Rule(rule, tuple(sorted(rule.from_roles)), tuple(sorted(rule.to_roles)))
        for rule in association_rules()[record_kind].relations
        if rule.enabled and not rule.asserted and rule.from_roles and rule.to_roles
    )


def _by_role(facts: RecordFacts) -> dict[str, list[Mention]]:
    found: dict[str, list[Mention]] = {}
    prefix, body = f"{facts.record_key}.", facts.body
    for part, kind in ROLES:
        for entry in body[part]:
            local_id = entry["local_id"]
            category = entry["subject_category"] if kind == "person" else None
            mention = _make(Mention, (local_id, prefix + local_id, category))
            found.setdefault(entry["role"], []).append(mention)
    for kind, local_id in facts.matters:
        mention = _make(Mention, (local_id, prefix + local_id, None))
        found.setdefault(f"@{kind}", []).append(mention)
    return found


def _standing(
    roles: tuple[str, ...],
    categories: frozenset[Any] | None,
    by_role: Mapping[str, list[Mention]],
) -> list[Mention]:
    """Give the mentions in these roles, people only with one of these categories, in order."""
    found = by_role.get(roles[0], [])
    for role in roles[1:]:
        found = found + by_role.get(role, [])
    if categories is None or not found:
        return found
    return [mention for mention in found if mention[2] is None or mention[2] in categories]


def _derive(
    facts: RecordFacts,
    compiled: _Rule,
    by_role: Mapping[str, list[Mention]],
    period: Period,
    found: dict[str, dict[str, Any]],
) -> None:
    rule, from_roles, to_roles = compiled
    starts = _standing(from_roles, rule.from_categories, by_role)
    ends = _standing(to_roles, rule.to_categories, by_role) if starts else []
    if not ends:
        return
    if len(starts) * len(ends) > 2 * MAX_RELATIONS:
        raise _too_many()
    stated = _stated(rule, facts.body, period, None)
    for start in starts:
        for end in ends:
            if start[0] != end[0] and (
                rule.condition is None or _holds(rule.condition, facts.body, start, end)
            ):
                _add(facts.record_key, rule, start, end, stated, found)


def _too_many() -> Rejected:
    return Rejected("too_many_items", f"the record would have more than {MAX_RELATIONS} relations")


def _holds(condition: Condition, body: Mapping[str, Any], start: Mention, end: Mention) -> bool:
    """Say whether the circumstance under which a rule applies is there for these two."""
    if condition.details_field is not None:
        return body["details"][1].get(condition.details_field) in condition.values
    people = {m.local_id for m in (start, end) if m.category is not None}
    return any(people.issubset(offence["person_local_ids"]) for offence in body["offences"])


def _assert(facts: RecordFacts, rules: RecordKindRules, found: dict[str, dict[str, Any]]) -> None:
    roles = {entry["local_id"]: entry for part, _ in ROLES for entry in facts.body[part]}
    for at, assertion in enumerate(facts.body["assertions"]):
        where = f"body.assertions.{at}"
        rule = assertions.rule_of(rules, assertion, roles, where)
        designation = relation_types()[rule.type].designation
        person = roles[assertion["from_local_id"]]
        if designation is not None:
            assertions.check_designation(
                designation, assertion, person, facts.day, facts.said_at, where,
                corroborated=_corroborated(assertion, facts.body["assertions"]),
            )  # fmt: skip
        start, end = (
            Mention(x, ids.mention_id(facts.record_key, x), roles[x].get("subject_category"))
            for x in (assertion["from_local_id"], assertion["to_local_id"])
        )
        period = Period(assertion["made_at"].date().isoformat(), None)
        stated = _stated(rule, facts.body, period, assertion["grade"])
        _add(facts.record_key, rule, start, end, stated, found)


def _corroborated(assertion: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> bool:
    same = ("relation", "from_local_id", "to_local_id")
    return any(
        other["basis"] != assertion["basis"] and all(other[n] == assertion[n] for n in same)
        for other in others
    )


def _stated(
    rule: RelationRule, body: Mapping[str, Any], period: Period, grade: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Give what is the same for every relation that one rule makes in one record."""
    contact_basis, evidence = _evidence(rule.basis, body)
    return {
        "type": rule.type,
        "basis": rule.basis,
        "contact_basis": contact_basis,
        "evidence_kind": evidence.kind,
        "grade": _grade(grade, body, evidence) if evidence.grade_required else None,
        "first_date": period.first,
        "last_date": period.last,
        "derived_inputs": (),
    }


def _add(
    record_key: str,
    rule: RelationRule,
    start: Mention,
    end: Mention,
    stated: Mapping[str, Any],
    found: dict[str, dict[str, Any]],
) -> None:
    if rule.symmetric and end[1] < start[1]:
        start, end = end, start
    from_id, from_mention, from_category = start
    to_id, to_mention, to_category = end
    relation_id = ids.association_id(
        record_key, from_mention, to_mention, rule.type, rule.basis, symmetric=False
    )
    if relation_id in found:
        _extend(found[relation_id], Period(stated["first_date"], stated["last_date"]))
        return
    if len(found) >= MAX_RELATIONS:
        raise _too_many()
    found[relation_id] = {
        **stated,
        "relation_id": relation_id,
        "from_local_id": from_id,
        "to_local_id": to_id,
        "from_category": from_category,
        "to_category": to_category,
    }


def _evidence(basis_name: str, body: Mapping[str, Any]) -> tuple[str | None, Evidence]:
    """Give the contact basis, only where the basis is one, and what kind of evidence it makes."""
    basis = basis_table()[basis_name]
    if not basis.by_contact_basis:
        return None, basis.evidence
    contact_basis: str = body["details"][1]["contact_basis"]
    return contact_basis, basis.evidence_for(contact_basis)


def _grade(
    own: Mapping[str, Any] | None, body: Mapping[str, Any], evidence: Evidence
) -> Mapping[str, Any] | None:
    """Give an assertion's own grade, else the record's, else what the basis table states."""
    return own or body["details"][1].get("grade") or evidence.when_none_given


def _extend(relation: dict[str, Any], period: Period) -> None:
    """Let a relation that is stated again span all its days."""
    days = [relation["first_date"], relation["last_date"], period.first, period.last]
    known = sorted(day for day in days if day is not None)
    relation["first_date"] = known[0]
    relation["last_date"] = known[-1] if known[-1] != known[0] else None


def _period(facts: RecordFacts) -> Period:
    """Give the days for which a record's own details speak, else the day of the event."""
    begin, end = _PERIODS.get(facts.record_kind, ("", ""))
    details = facts.body["details"][1]
    first = _day(details.get(begin)) or facts.day.isoformat()
    last = _day(details.get(end))
    return Period(first, last if last is not None and last > first else None)


def _day(value: Any) -> str | None:
    """Give an instant's or a date value's first day as an ISO date."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, dict) and value["value"] and dates.is_iso(value["value"]):
        iso: str = value["value"]
        return iso + "-01-01"[len(iso) - 10 :] if len(iso) < 10 else iso
    return None
