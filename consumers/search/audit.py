"""The audit of questions: one line for each, answered or refused, durable before the answer leaves.

Invariant (R-38, R-39): `write` returns only when the entry will survive a power loss; when it
cannot be written the search fails. An entry never holds a name, a number or another value that
tells of a person: such values are keyed hashes, by which an auditor with the key can ask whether
somebody was looked for (R-27). Codes of closed lists and dates stay readable.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

import orjson

from consumers.search.criteria import Context, Criteria
from consumers.search.words import fold
from recordbus.audit import append, hundredths
from recordbus.errors import Retryable

_HASHED = frozenset(
    {"text", "text_any", "text_none", "name", "date_of_birth", "plate", "vin", "phone", "email",
     "address", "organisation", "number", "marks"}
)  # fmt: skip
_LONGEST_CODE = 60
_OPERATIONS = frozenset({"page", "page_size", "sort", "facets", "hide_small_counts"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One question. `outcome` is answered, refused, rejected or failed; `reason` says why not.

    `records` and `entities` are the opaque keys of what was shown; `at` is UTC to the hundredth.
    """

    entry_id: str
    at: str
    requester: str
    on_behalf_of: str | None
    agency_ori: str | None
    purpose: str
    case_number: str
    case_checked: bool
    criteria: Mapping[str, Any]
    outcome: str
    reason: str | None = None
    total: int | None = None
    records: tuple[str, ...] = field(default=())
    command: str = "search"
    entities: tuple[str, ...] = field(default=())


class AuditSink(Protocol):
    """Where entries go; one that cannot be written raises Retryable."""

    def write(self, entry: Entry) -> None:
        """Keep an entry for good before returning."""


class JsonLinesAudit:
    """Entries as lines of a file that is only ever appended to."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, entry: Entry) -> None:
        """Append an entry and wait until the disk has it; raises Retryable when it cannot."""
        line = orjson.dumps(asdict(entry)) + b"\n"
        try:
            append(self._path, line)
        except OSError as error:
            raise Retryable(
                f"the audit of searches cannot be written: {error.strerror or error}",
                hint=f"no search is answered until {self._path} can be written",
            ) from error


def entry_of(
    context: Context, criteria: Criteria, key: bytes, *, entry_id: str, at: datetime, outcome: str,
    reason: str | None = None, case_checked: bool = False, total: int | None = None,
    records: tuple[str, ...] = (), entities: tuple[str, ...] = (),
) -> Entry:  # fmt: skip
    """Make the entry of a search; free text from the requester is cut to a bounded length."""
    entry = asked_entry(
        context, "search", safe_criteria(context, criteria, key), entry_id=entry_id, at=at,
        outcome=outcome, reason=reason, case_checked=case_checked,
    )  # fmt: skip
    return replace(entry, total=total, records=records, entities=entities)


def asked_entry(
    context: Context, command: str, asked: Mapping[str, Any], *, entry_id: str, at: datetime,
    outcome: str, reason: str | None = None, case_checked: bool = False,
) -> Entry:  # fmt: skip
    """Make the entry of a question of any command; `asked` must tell of nobody."""
    return Entry(
        entry_id, hundredths(at), context.requester[:200], _cut(context.on_behalf_of),
        _cut(context.agency_ori), context.purpose[:_LONGEST_CODE], context.case_number[:100],
        case_checked, asked, outcome, reason, command=command,
    )  # fmt: skip


def safe_criteria(context: Context, criteria: Criteria, key: bytes) -> dict[str, Any]:
    """Give the criteria that were filled in, with what tells of a person as keyed hashes."""
    safe: dict[str, Any] = {}
    for each in fields(criteria):
        value = getattr(criteria, each.name)
        if each.name in _OPERATIONS or value in (None, "", ()):
            continue
        safe[each.name] = _safe(each.name, value, key)
    if criteria.page > 1:
        safe["page"] = criteria.page
    if context.described_suspect:
        safe["described_suspect"] = hashed(context.described_suspect, key)
    return safe


def hashed(text: str, key: bytes) -> str:
    """Give the keyed hash under which a value stands in the audit; spelling variants share it."""
    return "hmac:" + hmac.digest(key, b"audit|" + fold(text).encode(), "sha256").hex()[:32]


def _safe(name: str, value: Any, key: bytes) -> Any:
    if name in _HASHED:
        if isinstance(value, tuple):
            return [hashed(each, key) for each in value]
        return hashed(value, key)
    if name == "identifiers":
        return [{"type": each.type[:_LONGEST_CODE], "value": hashed(each.value, key)}
                for each in value]  # fmt: skip
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value[:_LONGEST_CODE]
    return [each[:_LONGEST_CODE] if isinstance(each, str) else each for each in value]


def _cut(text: str | None) -> str | None:
    return None if text is None else text[:200]
