"""What a tie says, as a sentence that nobody can take for more than it is (pure).

Invariant: what rests on a judgement, an informant or somebody's word begins with whose word it is,
so that no assessment ever reads like a fact (R-01, R-03).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from consumers.search.statements import StoredTie
from schemas.rules import basis_table, clock_ends

SAYS: Final[Mapping[str, str]] = {
    "subject_of": "{a} is a person whom {b} is about",
    "co_defendant": "{a} and {b} are charged in one court case",
    "co_arrested": "{a} and {b} were arrested on one occasion",
    "used_vehicle": "{a} used {b} in what the arrest is about",
    "drives": "{a} drove {b}",
    "owns": "{a} is registered as the owner of {b}",
    "located_at": "{a} is registered at {b}",
    "employed_by": "{a} works for {b}",
    "housed_with": "{a} and {b} were held in one housing unit, which was not their choice",
    "supervised_by": "{a} was held or supervised by {b}",
    "victim_of": "{a} is named as a victim in {b}",
    "witness_of": "{a} is named as a witness in {b}",
    "described_suspect": "{a} is the suspect in {b}",
    "seen_with": "{a} and {b} were at one field contact, which says nothing more",
    "seen_in": "{a} was in or with {b} at a field contact, which says nothing more",
    "seen_at": "{a} was met at {b}, which says nothing more",
    "family": "{a} and {b} are relatives",
    "cohabits": "{a} and {b} live together",
    "associate": "{a} and {b} keep company",
    "member_of": "{a} is designated as a member of {b}",
}
WHOSE_WORD: Final[Mapping[str, str]] = {
    "victim_or_witness_report": "a victim or witness reported that ",
    "self_statement": "one of them said that ",
    "officer_assessment": "an officer judged that ",
    "informant": "an informant said that ",
    "field_contact": "by intelligence, ",
}
"""How an assessment begins, by its basis; a field contact is one only by intelligence."""
COURTS_DECIDE: Final = frozenset({"arrest", "charge"})
"""Bases that a court's disposition ends (R-26)."""
NONE_REPORTED: Final = "none reported"


def sentence(tie: StoredTie, caption_of: Callable[[str], str]) -> str:
    """Say what a tie states of its two entities."""
    told = tie.told
    plain = SAYS[told["type"]].format(a=caption_of(tie.from_entity), b=caption_of(tie.to_entity))
    is_assessment = told["evidence_kind"] == "assessment"
    return WHOSE_WORD.get(told["basis"], "it was judged that ") + plain if is_assessment else plain


def grounds(told: Mapping[str, Any]) -> str:
    """Say on what a tie rests: basis, and the reason of a field contact."""
    basis = str(told["basis"]).replace("_", " ")
    contact = told.get("contact_basis")
    return f"{basis} ({str(contact).replace('_', ' ')})" if contact else basis


def grade(told: Mapping[str, Any]) -> str | None:
    """Say the grade of an assessment: source, information, handling; never one number (R-05)."""
    given = told.get("grade")
    if not given:
        return None
    source, information = (str(given[each]).replace("_", " ") for each in ("source", "information"))
    return f"source {source}, information {information}, handling {given['handling']}"


def days(told: Mapping[str, Any]) -> str:
    """Say from when to when records support a tie."""
    first, last = told["first_date"], told.get("last_date")
    return f"{first} to {last}" if last and last != first else str(first)


def ends(told: Mapping[str, Any]) -> str:
    """Say when a tie ends: on a day, or by what event (R-21)."""
    if told.get("expires_at"):
        return f"until {str(told['expires_at'])[:10]}"
    clock = basis_table()[told["basis"]].clock
    if clock.until is None:
        return "no end is known"
    says = clock_ends()[clock.until].says
    return f"until {says[0].lower()}{says[1:].rstrip('.')}"


def disposition(told: Mapping[str, Any]) -> str | None:
    """Say what courts said of an arrest or charge; None for a tie that courts do not decide on."""
    if told["basis"] not in COURTS_DECIDE:
        return None
    outcomes = [str(each["outcome"]).replace("_", " ") for each in told.get("dispositions", ())]
    return ", ".join(sorted(set(outcomes))) or NONE_REPORTED
