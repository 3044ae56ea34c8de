"""Who may ask what: the rules of a search, decided before anything is looked up (pure).

R-28: purpose, case number and requester, always. R-29: purposes are a closed list, and some of
them are denied. R-12: looks are for a described suspect or for telling who somebody is; race,
ethnicity and complexion need more, and a country of birth never makes a list of people.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from enum import Enum
from typing import NamedTuple, Protocol

from consumers.search.criteria import (
    DESCRIPTORS,
    GATED,
    STARTING_POINTS,
    VEHICLE_DESCRIPTORS,
    Context,
    Criteria,
)
from consumers.search.refusals import Refusal, refused
from recordbus.audit.roles import check_no_auditor
from schemas.catalog import purposes

SEARCH_PURPOSES = purposes().of_agreements
"""What may be asked for at all. Some are shut until an agreement names them with its legal
authority, which the policy decides."""
IDENTIFYING_PURPOSES = frozenset({"missing_person", "unidentified_remains", "identity_check"})
DESCRIPTION_PURPOSES = IDENTIFYING_PURPOSES | {
    "criminal_investigation", "officer_safety", "warrant_service", "training",
}  # fmt: skip
FACETS = ("department", "record_kind", "basis", "evidence")
OTHER_DESCRIPTORS_WANTED = 2
MOST_COUNTRY_RESULTS = 10
_CASE_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{2,39}")


class CaseState(Enum):
    """What the case register says of a case number."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"
    SOMEBODY_ELSES = "somebody_elses"


class CaseRegister(Protocol):
    """Knows which cases exist, are open, and to whom they are assigned."""

    def state(self, case_number: str, requester: str) -> CaseState:
        """Give the state of a case as seen by this requester."""


class Passed(NamedTuple):
    """What a search that may be answered is bound to."""

    shows_gated: frozenset[str]
    most_results: int | None


def check(
    context: Context, criteria: Criteria, has_described_person: Callable[[str], bool]
) -> Passed:
    """Decide whether a search of somebody who may ask is answered; raises Refused with the rule."""
    given = criteria.given()
    _check_facets(criteria)
    _check_looks(context, given)
    if given & GATED:
        _check_gated(context, given, has_described_person)
    if "country_of_birth" in given:
        _check_country(context, criteria, given)
    _check_breadth(given)
    shown = given & (GATED | {"country_of_birth"})
    most = MOST_COUNTRY_RESULTS if "country_of_birth" in given else None
    return Passed(frozenset(shown), most)


def check_context(
    context: Context, cases: CaseRegister | None, auditors: Collection[str] = ()
) -> bool:
    """Decide whether somebody may ask at all; tell whether a case register has confirmed the case.

    Neither an auditor nor anybody for one may (R-42). Without a case register the case number must
    at least look like one. Raises Refused, naming the rule.
    """
    for account in (context.requester, context.on_behalf_of or ""):
        check_no_auditor(account, auditors)
    _check_requester(context)
    _check_case(context, cases)
    return cases is not None


def _check_requester(context: Context) -> None:
    if not context.requester.strip():
        raise refused(Refusal.REQUESTER_MISSING, "a search needs a requester (R-28)",
                      "say who asks: --requester NAME")  # fmt: skip
    if not context.purpose:
        raise refused(Refusal.PURPOSE_MISSING, "a search needs a purpose (R-28)",
                      f"--purpose is one of {', '.join(sorted(purposes().ordinary))}")  # fmt: skip
    if context.purpose not in SEARCH_PURPOSES:
        raise refused(Refusal.PURPOSE_UNKNOWN, "that is no purpose of a search (R-29)",
                      f"it is one of {', '.join(sorted(purposes().ordinary))}")  # fmt: skip


def _check_case(context: Context, cases: CaseRegister | None) -> None:
    number = context.case_number.strip()
    if not number:
        raise refused(Refusal.CASE_MISSING, "a search needs a case number (R-28)",
                      "give the case it is for: --case NUMBER")  # fmt: skip
    if not _CASE_NUMBER.fullmatch(number):
        raise refused(Refusal.CASE_UNKNOWN, "that is no case number (R-28)",
                      "3 to 40 letters, digits, dashes, dots or slashes")  # fmt: skip
    state = CaseState.OPEN if cases is None else cases.state(number, context.requester)
    if state is CaseState.UNKNOWN:
        raise refused(Refusal.CASE_UNKNOWN, f"there is no case {number} (R-28)")
    if state is CaseState.CLOSED:
        raise refused(Refusal.CASE_CLOSED, f"case {number} is closed (R-28)")
    if state is CaseState.SOMEBODY_ELSES:
        raise refused(
            Refusal.CASE_NOT_ASSIGNED,
            f"case {number} is not assigned to {context.requester} (R-28)",
        )


def _check_facets(criteria: Criteria) -> None:
    for facet in criteria.facets:
        if facet not in FACETS:
            raise refused(Refusal.FACET, f"there are no counts by {facet[:40]} (R-12, R-43)",
                          f"counts are by {', '.join(FACETS)}")  # fmt: skip


def _check_looks(context: Context, given: frozenset[str]) -> None:
    asked = sorted(given & (DESCRIPTORS | GATED))
    if asked and context.purpose not in DESCRIPTION_PURPOSES:
        raise refused(
            Refusal.DESCRIPTION_PURPOSE,
            f"a search by {', '.join(asked)} is not for the purpose {context.purpose} (R-12)",
            f"it is for {', '.join(sorted(DESCRIPTION_PURPOSES))}",
        )


def _check_gated(
    context: Context, given: frozenset[str], has_described_person: Callable[[str], bool]
) -> None:
    gated = ", ".join(sorted(given & GATED))
    if not context.described_suspect:
        raise refused(
            Refusal.DESCRIBED_SUSPECT_MISSING,
            f"a search by {gated} needs the record that describes the suspect (R-12)",
            "give its number: --suspect-record NUMBER",
        )
    if len(given & DESCRIPTORS) < OTHER_DESCRIPTORS_WANTED:
        raise refused(
            Refusal.TOO_FEW_DESCRIPTORS,
            f"a search by {gated} needs at least two other descriptors (R-12)",
            f"add two of {', '.join(sorted(DESCRIPTORS))}",
        )
    if not has_described_person(context.described_suspect):
        raise refused(
            Refusal.DESCRIBED_SUSPECT_UNKNOWN,
            "no record of that number describes an unidentified person (R-12)",
        )


def _check_country(context: Context, criteria: Criteria, given: frozenset[str]) -> None:
    if context.purpose not in IDENTIFYING_PURPOSES:
        raise refused(
            Refusal.COUNTRY_OF_BIRTH,
            "a country of birth is searched only to tell who somebody is (R-12)",
            f"the purpose must be one of {', '.join(sorted(IDENTIFYING_PURPOSES))}",
        )
    is_person_known = given & {"name", "date_of_birth", "identifiers", "marks"}
    if not is_person_known or len(criteria.country_of_birth) > 1 or criteria.page > 1:
        raise refused(
            Refusal.COUNTRY_OF_BIRTH,
            "a country of birth never makes a list of people (R-12)",
            "ask for one country together with a name, a date of birth, a mark or an identifier",
        )


def _check_breadth(given: frozenset[str]) -> None:
    if given & STARTING_POINTS:
        return
    looks = len(given & (DESCRIPTORS | VEHICLE_DESCRIPTORS | GATED))
    if looks < OTHER_DESCRIPTORS_WANTED:
        raise refused(
            Refusal.TOO_BROAD,
            "the search is too broad: it names nothing or one feature",
            "add a name, a number, a plate, words, or a second descriptor",
        )
