"""What an owner is told of the uses of its records, from the entries of the audit (pure; R-41).

Invariant: an owner learns of its own records only: their keys, who used them, for whom, for what
purpose and with what outcome. What was asked, and whose other records were shown, is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

_USES: Final = frozenset({"consultation", "disclosure", "combination"})
_TOLD: Final = frozenset({"answered", "sending", "sent", "failed"})


class Use(NamedTuple):
    """One use of a department's records; `records` are keys with versions, in the entry's order."""

    department: str
    entry_id: str
    sequence: int
    at: str
    operation: str
    command: str
    outcome: str
    requester: str
    on_behalf_of: str | None
    agency_ori: str | None
    purpose: str
    case_number: str
    records: tuple[str, ...]


def uses_of(entry: Mapping[str, Any]) -> Iterator[Use]:
    """Give the uses that an entry tells of, one for each owner whose records it names, by name."""
    if entry["operation"] not in _USES or entry["outcome"] not in _TOLD:
        return
    records, owners = entry.get("records", ()), entry.get("owners", ())
    of_each = owners * len(records) if len(owners) == 1 else owners
    for department in sorted(set(of_each)):
        owned = zip(records, of_each, strict=True)
        yield _use(entry, department, tuple(key for key, owner in owned if owner == department))


def _use(entry: Mapping[str, Any], department: str, records: tuple[str, ...]) -> Use:
    return Use(
        department, entry["entry_id"], entry["sequence"], entry["at"], entry["operation"],
        entry["command"], entry["outcome"], entry.get("requester", ""),
        entry.get("on_behalf_of"), entry.get("agency_ori"), entry.get("purpose", ""),
        entry.get("case_number", ""), records,
    )  # fmt: skip
