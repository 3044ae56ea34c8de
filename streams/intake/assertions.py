"""What somebody stated or judged about two mentions, held to the basis table (pure; R-01..R-05).

Invariant: an assertion becomes a relation only if its record kind, roles, categories and basis
allow it and it brings the grade, wording, handling and criteria that its basis asks for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from recordbus.errors import Rejected
from recordbus.normalize import dates
from schemas.association_rules import RecordKindRules, RelationRule
from schemas.rules import Designation, basis_table, relation_types


def check_designations_off(body: Mapping[str, Any]) -> None:
    """Refuse what designates a person or an organisation, as a bus does by default (R-13)."""
    types = relation_types()
    for at, organisation in enumerate(body["organisations"]):
        if organisation["organisation"]["designation"] is not None:
            where = f"body.organisations.{at}.organisation.designation"
            raise Rejected("designation_off", f"{where} is set")
    for at, assertion in enumerate(body["assertions"]):
        known = types.get(assertion["relation"])
        if known is not None and not known.enabled:
            raise Rejected("designation_off", f"body.assertions.{at} is a {known.name}")


def rule_of(
    rules: RecordKindRules, assertion: Mapping[str, Any], roles: Mapping[str, Mapping[str, Any]],
    where: str,
) -> RelationRule:  # fmt: skip
    """Give the rule that allows an assertion, after checking what its basis asks it to bring.

    `roles` holds the record's roles by local id; `where` is the path for messages.
    """
    one, other = roles.get(assertion["from_local_id"]), roles.get(assertion["to_local_id"])
    if one is None or other is None or one is other:
        raise Rejected("dangling_reference", f"{where} does not lead from one role to another")
    for rule in rules.asserted_rule(assertion["relation"], assertion["basis"]):
        if _stands(one, rule.from_roles, rule.from_categories) and _stands(
            other, rule.to_roles, rule.to_categories
        ):
            _check_brings(assertion, where)
            return rule
    raise Rejected(
        "unknown_relation",
        f"{where} is not allowed between these roles of {rules.record_kind} on its basis",
    )


def _stands(
    role: Mapping[str, Any], allowed: frozenset[str], categories: frozenset[Any] | None
) -> bool:
    if role["role"] not in allowed:
        return False
    return categories is None or role.get("subject_category") in (None, *categories)


def _check_brings(assertion: Mapping[str, Any], where: str) -> None:
    basis = basis_table()[assertion["basis"]]
    grade, wording = assertion["grade"], assertion["wording"]
    if basis.evidence.grade_required and grade is None:
        raise Rejected("missing_grade", f"{where}.grade is missing")
    if basis.handling is not None and grade is not None and grade["handling"] != basis.handling:
        raise Rejected("handling_required", f"{where}.grade.handling is not {basis.handling}")
    if "wording" in basis.needs and not (wording and wording.strip()):
        raise Rejected("missing_wording", f"{where}.wording is missing")


def check_designation(
    rule: Designation, assertion: Mapping[str, Any], person: Mapping[str, Any], on: date,
    said_at: datetime, where: str, *, corroborated: bool,
) -> None:  # fmt: skip
    """Check a designation of a person against its rules (R-14..R-18), where a bus allows them.

    `on` is the day of the contact, `said_at` when it would begin to hold; `corroborated` says that
    another basis states the same.
    """
    age = _age(person, on)
    if age is not None and age < rule.minimum_age_years:
        raise Rejected("under_minimum_age", f"{where} is about a child")
    criteria = {c["code"] for c in assertion["criteria"] if _is_recent(c, on, rule)}
    enough = len(criteria) >= rule.minimum_criteria
    supervised = bool(assertion["supervisor_id"]) or not rule.supervisor_required
    if not (enough and supervised):
        raise Rejected("missing_criteria", f"{where} lacks recent criteria or a supervisor")
    if "corroboration" in basis_table()[assertion["basis"]].needs and not corroborated:
        raise Rejected("missing_criteria", f"{where} stands on its basis alone")
    if rule.notice_required and not _is_told(assertion["notice"], said_at):
        raise Rejected("missing_notice", f"{where}.notice does not say that the person was told")


def exceptions_from_notice(body: Mapping[str, Any]) -> list[str]:
    """Give the code of each designation that holds although the person was not told (R-18)."""
    return [
        assertion["notice"]["exception"]
        for assertion in body["assertions"]
        if relation_types()[assertion["relation"]].designation is not None
        and assertion["notice"]["given_at"] is None
    ]


def _is_told(notice: Mapping[str, Any] | None, by: datetime) -> bool:
    """Say whether the person knew by then, or a coded exception says why not (R-18)."""
    if notice is None:
        return False
    if notice["given_at"] is None:
        return notice["exception"] is not None
    told: bool = notice["given_at"] <= by
    return told


def _is_recent(criterion: Mapping[str, Any], on: date, rule: Designation) -> bool:
    observed = criterion["observed_on"]
    if len(observed) != 10 or not dates.is_iso(observed) or not criterion["source_record"]:
        return False
    return 0 <= dates.age_years(observed, on) < rule.criteria_within_years


def _age(person: Mapping[str, Any], on: date) -> int | None:
    """Give the lowest age that the record allows for a person, or None when it says nothing."""
    born = person["person"]["date_of_birth"]
    found = [person["age_years"]]
    if person["age_range"] is not None:
        found.append(person["age_range"]["low"])
    if born is not None and born["value"] is not None and dates.is_iso(born["value"]):
        found.append(dates.age_years(born["value"], on))
    known = [age for age in found if age is not None]
    return min(known) if known else None
