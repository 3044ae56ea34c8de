"""What an owner is told of the uses of its records, from the entries of the audit (pure; R-41).

Invariant: an owner learns of its own records only: their keys and how much of them was given, who
used them or was denied them, for whom, for what purpose and with what outcome. What was asked, and
whose other records were shown, is not told; nor are the rules by which several owners' were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final, NamedTuple

_USES: Final = frozenset({"consultation", "disclosure", "combination"})
_LONGEST_VERSION: Final = 18
_TOLD: Final = frozenset({"answered", "sending", "sent", "failed", "refused"})


class Used(NamedTuple):
    """One record of a use; `level` is how much of it was given, None where nobody said."""

    record_key: str
    version: int | None
    level: str | None


class Use(NamedTuple):
    """One use of a department's records, or a denial; `records` are in the entry's order."""

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
    case_checked: bool
    records: tuple[Used, ...]
    reasons: tuple[str, ...] = ()
    policy_version: str | None = None


def uses_of(entry: Mapping[str, Any]) -> Iterator[Use]:
    """Give the uses that an entry tells of, one for each owner that it names, by name."""
    if entry["operation"] not in _USES or entry["outcome"] not in _TOLD:
        return
    keys, owners = entry.get("records", ()), entry.get("owners", ())
    of_each = _spread(owners, len(keys))
    levels = _spread(entry.get("levels", ()), len(keys))
    used = [_used(key, level) for key, level in zip_longest(keys, levels)]
    named = sorted(set(owners))
    reasons = tuple(entry.get("reasons", ())) if len(named) == 1 else ()
    for department in named:
        owned = zip(used, of_each, strict=True)
        own = tuple(each for each, owner in owned if owner == department)
        yield _use(entry, department, own, reasons)


def _spread(said: Sequence[str], count: int) -> list[str]:
    """Give what is said of each of some records where one word may stand for all of them."""
    return list(said) * count if len(said) == 1 else list(said)


def _used(key: str, level: str | None) -> Used:
    name, _, version = key.rpartition("@")
    if name and version.isdecimal() and len(version) <= _LONGEST_VERSION:
        return Used(name, int(version), level)
    return Used(key, None, level)


def _use(
    entry: Mapping[str, Any], department: str, records: tuple[Used, ...], reasons: tuple[str, ...]
) -> Use:
    return Use(
        department, entry["entry_id"], entry["sequence"], entry["at"], entry["operation"],
        entry["command"], entry["outcome"], entry.get("requester", ""),
        entry.get("on_behalf_of"), entry.get("agency_ori"), entry.get("purpose", ""),
        entry.get("case_number", ""), entry.get("case_checked", False), records,
        reasons, entry.get("policy_version"),
    )  # fmt: skip
