"""What the audit is told of a question: who asked, why, what for, and the opaque keys of what left.

Invariant (R-27): an entry never holds a name, a number or another value that tells of a person:
such values are `Private`, and the log gets a salted commitment in their place. Codes of closed
lists and dates stay readable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

from consumers.search.criteria import Context, Criteria
from recordbus.audit import Asked, Entry, Operation, Outcome, Private

_PRIVATE = frozenset(
    {"text", "text_any", "text_none", "name", "date_of_birth", "plate", "vin", "phone", "email",
     "address", "organisation", "number", "marks"}
)  # fmt: skip
_LONGEST_CODE = 60
_OPERATIONS = frozenset({"page", "page_size", "sort", "facets", "hide_small_counts"})


def entry_of(
    context: Context, criteria: Criteria, *, entry_id: str, at: datetime, outcome: Outcome,
    reason: str | None = None, case_checked: bool = False, total: int | None = None,
    records: tuple[str, ...] = (), entities: tuple[str, ...] = (), owners: tuple[str, ...] = (),
    origin: str | None = None,
) -> Entry:  # fmt: skip
    """Make the entry of a search; free text from the requester is cut to a bounded length."""
    entry = asked_entry(
        context, "search", safe_criteria(context, criteria), entry_id=entry_id, at=at,
        outcome=outcome, reason=reason, case_checked=case_checked, origin=origin,
    )  # fmt: skip
    return replace(entry, total=total, records=records, entities=entities, owners=owners)


def asked_entry(
    context: Context, command: str, asked: Mapping[str, Asked], *, entry_id: str, at: datetime,
    outcome: Outcome, reason: str | None = None, case_checked: bool = False,
    origin: str | None = None,
) -> Entry:  # fmt: skip
    """Make the entry of a question of any command; `asked` must tell of nobody."""
    return Entry(
        entry_id=entry_id, at=at, operation=Operation.CONSULTATION, command=command,
        outcome=outcome, requester=context.requester, on_behalf_of=context.on_behalf_of,
        agency_ori=context.agency_ori, origin=origin, purpose=context.purpose[:_LONGEST_CODE],
        case_number=context.case_number[:100], case_checked=case_checked, asked=asked,
        reasons=(reason,) if reason else (),
    )  # fmt: skip


def safe_criteria(context: Context, criteria: Criteria) -> dict[str, Asked]:
    """Give the criteria that were filled in, with what tells of a person as private."""
    safe: dict[str, Asked] = {}
    for each in fields(criteria):
        value = getattr(criteria, each.name)
        if each.name in _OPERATIONS or value in (None, "", ()):
            continue
        safe[each.name] = _safe(each.name, value)
    if criteria.page > 1:
        safe["page"] = criteria.page
    if context.described_suspect:
        safe["described_suspect"] = Private(context.described_suspect)
    return safe


def _safe(name: str, value: Any) -> Asked:
    if name in _PRIVATE:
        return [Private(each) for each in value] if isinstance(value, tuple) else Private(value)
    if name == "identifiers":
        return [{"type": each.type[:_LONGEST_CODE], "value": Private(each.value)}
                for each in value]  # fmt: skip
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value[:_LONGEST_CODE]
    return [each[:_LONGEST_CODE] if isinstance(each, str) else each for each in value]
