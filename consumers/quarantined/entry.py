"""What stands in the quarantine, and which of it is asked for (pure).

Invariant: nothing that is shown unasked holds content of a record. Only a key that is a record key,
which tells nobody anything, is shown; what a publisher sent as a key may be a name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from recordbus.kafka.message import Message
from schemas import catalog

_RECORD_KEY = re.compile(rb"[0-9a-f]{64}")
_UNKNOWN = "This version of recordbus does not know this code; ask one that does."
Decode = Callable[[bytes], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One message that was set aside; `position` is where it stood, `topic/partition/offset`.

    `size_bytes` is None where its bytes were not kept; `value` holds them only if asked for.
    """

    position: str
    set_aside_at: datetime
    arrived_at: datetime
    reason: str
    detail: str
    stage: str
    department: str | None
    record_key: str | None
    size_bytes: int | None
    value: bytes | None = field(default=None, repr=False)

    @property
    def meaning(self) -> str:
        """What the reason code means."""
        known = catalog.reasons().get(self.reason)
        return known.meaning if known else _UNKNOWN

    @property
    def what_to_do(self) -> str:
        """What to do next about this reason code."""
        return _next_of(self.reason)


def _next_of(reason: str) -> str:
    known = catalog.reasons().get(reason)
    return known.what_to_do if known else _UNKNOWN


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for; what is empty or None does not narrow.

    `record_key` may be the beginning of one.
    """

    departments: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    since: datetime | None = None
    record_key: str = ""

    def takes(self, entry: Entry) -> bool:
        """Tell whether an entry is asked for."""
        return (
            (not self.departments or entry.department in self.departments)
            and (not self.reasons or entry.reason in self.reasons)
            and (self.since is None or entry.set_aside_at >= self.since)
            and (entry.record_key or "").startswith(self.record_key)
        )


class Count(NamedTuple):
    """How often one department met one reason."""

    department: str | None
    reason: str
    entries: int
    newest: datetime

    @property
    def what_to_do(self) -> str:
        """What to do next about this reason code."""
        return _next_of(self.reason)


def standing(messages: Iterable[Message], decode: Decode, *, bytes_of: str = "") -> list[Entry]:
    """Give what stands: the last entry of each position, oldest first, without the erased ones.

    Only the entry whose position is `bytes_of` comes with its bytes: all of them may not fit.
    """
    found: dict[bytes, Entry] = {}
    for message in messages:
        key = message.key or b""
        found.pop(key, None)
        if message.value is not None:
            entry = _entry(message, decode(message.value))
            found[key] = entry if entry.position == bytes_of else replace(entry, value=None)
    return sorted(found.values(), key=lambda entry: entry.set_aside_at)


def counted(entries: Iterable[Entry]) -> list[Count]:
    """Count entries by department and reason, the most frequent first."""
    newest: dict[tuple[str | None, str], datetime] = {}
    counts: Counter[tuple[str | None, str]] = Counter()
    for entry in entries:
        group = (entry.department, entry.reason)
        counts[group] += 1
        newest[group] = max(entry.set_aside_at, newest.get(group, entry.set_aside_at))
    return [Count(*group, n, newest[group]) for group, n in _by_frequency(counts)]


def _by_frequency(
    counts: Counter[tuple[str | None, str]],
) -> Iterator[tuple[tuple[str | None, str], int]]:
    yield from sorted(counts.items(), key=lambda item: (-item[1], item[0][0] or "", item[0][1]))


def _entry(message: Message, said: Mapping[str, Any]) -> Entry:
    return Entry(
        position=f"{said['source_topic']}/{said['source_partition']}/{said['source_offset']}",
        set_aside_at=datetime.fromtimestamp(message.timestamp_ms / 1000, UTC),
        arrived_at=said["source_timestamp"],
        reason=said["reason"],
        detail=said["detail"],
        stage=said["stage"],
        department=said["department"],
        record_key=_shown_key(said["key"]),
        size_bytes=None if said["value"] is None else len(said["value"]),
        value=said["value"],
    )


def _shown_key(key: bytes | None) -> str | None:
    return key.decode() if key is not None and _RECORD_KEY.fullmatch(key) else None
