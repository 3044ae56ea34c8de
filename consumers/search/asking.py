"""Turns what somebody asks for into a plan: cleaned, capped, with every word's likely meanings.

Invariant: a value of a closed list that is not in the list is an error, never a search that
silently finds nothing, and no more is asked of an engine than the caps allow. The only look-ups
are into the index's vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from consumers.search import tokens as t
from consumers.search.criteria import Criteria
from consumers.search.documents import microseconds
from consumers.search.people_asked import person_wanted
from consumers.search.plan import Atom, Clause, Group, Plan, TextClause
from consumers.search.refusals import BadQuery, Fault
from consumers.search.terms import MOST_TERMS
from consumers.search.text_asked import all_wanted, any_wanted, identifiers_wanted, none_wanted
from consumers.search.things_asked import RECORD_ROW, things_wanted
from consumers.search.wants import Digest, Vocabulary, Want, checked_symbol

LAST_PAGE = 10_000
LARGEST_PAGE = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan, and which part of it answers which criterion, for saying why a record matched."""

    plan: Plan
    wants: tuple[Want, ...]


def asked(criteria: Criteria, vocabulary: Vocabulary, digest: Digest, today: date) -> Asked:
    """Give the plan of a search on a day.

    Raises BadQuery, and Refused `too_broad` where a text says next to nothing.
    """
    _check_page(criteria)
    person = person_wanted(criteria, vocabulary, today)
    things = things_wanted(criteria, vocabulary, digest)
    of_text = identifiers_wanted(criteria.text, digest) if criteria.text else []
    text = [*(all_wanted(criteria.text, vocabulary) if criteria.text else ()),
            *(any_wanted(criteria.text_any, vocabulary) if criteria.text_any else ())]  # fmt: skip
    wants = [want for part in (person, *things, *of_text) for want in part.wants] + text
    if len(wants) > MOST_TERMS:
        raise BadQuery(Fault.TOO_MANY_TERMS, f"a search has at most {MOST_TERMS} words and fields")
    groups = [group for part in (person, *things, *of_text) for group in part.groups()]
    plan = Plan(
        groups=tuple(_with_evidence(criteria, groups)),
        text=tuple(want.clause for want in text if isinstance(want.clause, TextClause)),
        without=tuple(none_wanted(criteria.text_none) if criteria.text_none else ()),
        departments=criteria.departments,
        record_kinds=tuple(checked_symbol("RecordKind", kind) for kind in criteria.record_kinds),
        from_us=_start_of(criteria.from_day),
        until_us=_start_of(criteria.until_day, days_later=1),
        sort=criteria.sort,
        offset=(criteria.page - 1) * criteria.page_size,
        limit=criteria.page_size,
    )
    return Asked(plan, tuple(wants))


def _check_page(criteria: Criteria) -> None:
    if not 1 <= criteria.page <= LAST_PAGE:
        raise BadQuery(Fault.PAGE, f"pages go from 1 to {LAST_PAGE}")
    if not 1 <= criteria.page_size <= LARGEST_PAGE:
        raise BadQuery(Fault.PAGE, f"a page has 1 to {LARGEST_PAGE} results")


def _with_evidence(criteria: Criteria, groups: Sequence[Group]) -> list[Group]:
    """Add the asked bases and kinds of evidence to the first thing asked for.

    A person found "with basis arrest" must be a person the arrest rests on, not somebody else of
    that record. A search of words alone asks it of the record.
    """
    clauses = [
        Clause(tuple(Atom(prefix + checked_symbol(enum, value)) for value in values))
        for prefix, enum, values in (
            (t.BASIS, "Basis", criteria.bases),
            (t.EVIDENCE, "EvidenceKind", criteria.evidence),
        )
        if values
    ]
    if not clauses:
        return list(groups)
    first, *others = groups or [Group((RECORD_ROW,))]
    return [Group((*first.clauses, *clauses), first.ranges), *others]


def _start_of(day: date | None, days_later: int = 0) -> int | None:
    if day is None:
        return None
    try:
        start = datetime.combine(day + timedelta(days_later), datetime.min.time(), UTC)
    except OverflowError as error:
        raise BadQuery(Fault.DATE, f"{day} is too far away") from error
    return microseconds(start)
