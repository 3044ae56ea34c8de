"""What one entry of the audit says: who did what, when, why, for whom and with what outcome (R-38).

Invariant (R-27): an entry has room for identifiers, codes, dates and numbers only. A value that
tells of a person is wrapped in `Private`; the log gets a salted commitment in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

LONGEST_NAME: Final = 200
MOST_KEYS: Final = 20_000
LEVELS: Final = frozenset({"full", "pointer", "none"})
"""How much of a record was given; none where it was taken back or denied."""
_COMMAND = re.compile(r"[a-z0-9._-]{1,60}")
_KEY = re.compile(r"[A-Za-z0-9_.:@~/-]{1,300}")


class Operation(StrEnum):
    """What kind of processing an entry tells of; the closed list of R-38."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"


class Outcome(StrEnum):
    """What became of it; SENDING is written before the bytes leave, SENT after."""

    ANSWERED = "answered"
    ACCEPTED = "accepted"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Private:
    """A text that tells of a person; never written into the log itself, nor shown by `repr`."""

    text: str = field(repr=False)


Asked = str | int | float | bool | None | Private | Sequence["Asked"] | Mapping[str, "Asked"]
"""A value of what was asked: plain codes, numbers and dates, `Private` texts, and lists of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act. Keys of things are opaque, `key` or `key@version`; reasons are codes.

    `at` is aware, `origin` is where the request came from. `owners` are the departments whose
    records were used, and `levels` say how much of them was given: each one for all of `records`,
    or one for each of them, in their order. Raises ValueError where a field could hold content.
    """

    entry_id: str
    at: datetime
    operation: Operation
    command: str
    outcome: Outcome
    requester: str
    on_behalf_of: str | None = None
    agency_ori: str | None = None
    origin: str | None = None
    purpose: str = ""
    case_number: str = ""
    case_checked: bool = False
    asked: Mapping[str, Asked] = field(default_factory=dict)
    records: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    associations: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    total: int | None = None
    reasons: tuple[str, ...] = ()
    policy_version: str | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("an audit entry needs an aware instant")
        if not _COMMAND.fullmatch(self.command):
            raise ValueError("the command of an audit entry is a short lower-case word")
        _check_keys((self.entry_id,))
        for keys in (self.records, self.entities, self.associations, self.owners, self.reasons):
            _check_keys(keys)
        for each in (self.owners, self.levels):
            if len(each) > 1 and len(each) != len(self.records):
                raise ValueError(
                    "an audit entry names one owner or level for all records, or one for each"
                )
        if not LEVELS.issuperset(self.levels):
            raise ValueError("a level of an audit entry is full, pointer or none")
        if self.policy_version is not None:
            _check_keys((self.policy_version,))


class Receipt(NamedTuple):
    """What a durable entry is known by: its place in the log (0, 1, 2 ...) and its leaf's hash."""

    sequence: int
    entry_id: str
    leaf_hash: bytes


class AuditSink(Protocol):
    """Where entries go; whoever gets no receipt must not do what the entry tells of (R-39)."""

    def append(self, entry: Entry) -> Receipt:
        """Keep an entry for good before returning; raises Retryable when it is not certain."""

    def append_all(self, entries: Sequence[Entry]) -> list[Receipt]:
        """Keep several entries, in this order and next to each other; raises Retryable."""


def keyed(key: str, version: int | None = None) -> str:
    """Give the name of a thing in an entry: its opaque key, with its version where it has one."""
    return key if version is None else f"{key}@{version}"


def owners_of(departments: Sequence[str]) -> tuple[str, ...]:
    """Give the owners, or levels, of an entry's records as it has them: one where all are alike."""
    return tuple(departments[:1]) if len(set(departments)) <= 1 else tuple(departments)


def hundredths(at: datetime) -> str:
    """Write an instant as UTC to the hundredth of a second (R-38)."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 10_000:02d}Z"


def _check_keys(keys: Sequence[str]) -> None:
    if len(keys) > MOST_KEYS:
        raise ValueError(f"an audit entry names at most {MOST_KEYS} things of a kind")
    if not all(map(_KEY.fullmatch, keys)):
        raise ValueError("an audit entry names things by opaque keys and codes only")
