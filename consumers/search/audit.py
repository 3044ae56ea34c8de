"""What the audit is told of a question: who asked, why, what for, and the opaque keys of what left.

Invariant (R-27): an entry never holds a name, a number or another value that tells of a person:
such values are `Private`, and the log gets a salted commitment in their place. Codes of closed
lists and dates stay readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from consumers.search.access import Agency
from consumers.search.criteria import Context, Criteria
from consumers.search.refusals import BadQuery
from recordbus.audit import Asked, Entry, Operation, Outcome, Private, keyed, owners_of
from recordbus.errors import Refused
from recordbus.policy.asking import NotAllowed

FULL: Final = "full"
POINTER: Final = "pointer"
_PRIVATE = frozenset(
    {"text", "text_any", "text_none", "name", "date_of_birth", "plate", "vin", "phone", "email",
     "address", "organisation", "number", "marks"}
)  # fmt: skip
_LONGEST_CODE = 60
_OPERATIONS = frozenset({"page", "page_size", "sort", "facets", "hide_small_counts"})


class Used(NamedTuple):
    """A record that an answer tells of: its opaque key, version and owner, and how much is told."""

    record_key: str
    version: int
    department: str
    level: str = FULL
    rules: tuple[str, ...] = ()


def asked_entry(
    context: Context, command: str, asked: Mapping[str, Asked], *, entry_id: str, at: datetime,
    agency: Agency | None, origin: str | None = None,
) -> Entry:  # fmt: skip
    """Begin the entry of a question of any command; `asked` must tell of nobody.

    It says that the question failed until `answered` or `denied` say otherwise. Free text from the
    requester is cut to a bounded length.
    """
    whose = {"agency": agency.name} if agency else {}
    return Entry(
        entry_id=entry_id, at=at, operation=Operation.CONSULTATION, command=command,
        outcome=Outcome.FAILED, requester=context.requester, on_behalf_of=context.on_behalf_of,
        agency_ori=agency.ori if agency else None, origin=origin,
        purpose=context.purpose[:_LONGEST_CODE], case_number=context.case_number[:100],
        asked={**asked, **whose},
    )  # fmt: skip


def answered(
    entry: Entry, used: Iterable[Used], policy_version: str, entities: Iterable[str] = (),
    total: int | None = None,
) -> Entry:  # fmt: skip
    """Give the entry of an answer: what it tells of, how much of each, and by which rules.

    A record that is told of twice stands once, with the most that is told of it.
    """
    each = {keyed(one.record_key, one.version): one for one in sorted(used, key=_least_first)}
    return replace(
        entry, outcome=Outcome.ANSWERED, records=tuple(each), total=total,
        entities=tuple(dict.fromkeys(entities)),
        owners=owners_of([one.department for one in each.values()]),
        levels=owners_of([one.level for one in each.values()]),
        reasons=tuple(sorted({rule for one in each.values() for rule in one.rules})),
        policy_version=policy_version,
    )  # fmt: skip


def denied(entry: Entry, error: Exception) -> Entry:
    """Give the entry of a question that was not answered, with why."""
    if isinstance(error, NotAllowed):
        reasons = (error.reason, *error.rules)
        return replace(
            entry, outcome=Outcome.REFUSED, reasons=reasons, policy_version=error.policy_version
        )
    if isinstance(error, Refused):
        return replace(entry, outcome=Outcome.REFUSED, reasons=(error.reason,))
    if isinstance(error, BadQuery):
        return replace(entry, outcome=Outcome.REJECTED, reasons=(error.reason.value,))
    return replace(entry, outcome=Outcome.FAILED, reasons=(type(error).__name__,))


def _least_first(used: Used) -> tuple[bool, str, int]:
    return used.level == FULL, used.record_key, used.version


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
