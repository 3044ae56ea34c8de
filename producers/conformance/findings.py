"""What a check came to: counts, and the first examples of everything that is wrong (pure).

Examples name lines, record numbers, fields and codes. They are for the department itself, whose
data they are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from schemas import catalog

EXAMPLES: Final = 5
_CODED: Final = frozenset({"code", "source"})
_LISTED: Final = frozenset(name for lists in catalog.coded_fields().values() for name in lists)


class Example(NamedTuple):
    """Where something is wrong: a line of a file, and in which way."""

    file: str
    line: int
    detail: str


@dataclass(slots=True)
class Reasons:
    """How often each reason was given, with its first examples."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=lambda: defaultdict(list))

    def note(self, reason: str, example: Example) -> None:
        """Count a reason."""
        self.counts[reason] += 1
        if len(self.examples[reason]) < EXAMPLES:
            self.examples[reason].append(example)

    def to_json(self) -> list[dict[str, Any]]:
        """Give the reasons, most frequent first, with what each means and asks for."""
        return [
            {
                "reason": reason,
                "count": count,
                "meaning": catalog.reasons()[reason].meaning,
                "next": catalog.reasons()[reason].what_to_do,
                "examples": [example._asdict() for example in self.examples[reason]],
            }
            for reason, count in self.counts.most_common()
        ]


@dataclass(slots=True)
class Findings:
    """Everything that a check found; `refused` never left the department, `set_aside` did."""

    read: int = 0
    accepted: int = 0
    repeated: int = 0
    refused: Reasons = field(default_factory=Reasons)
    set_aside: Reasons = field(default_factory=Reasons)
    flags: Reasons = field(default_factory=Reasons)
    kinds: Counter[str] = field(default_factory=Counter)
    unknown_codes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    hints: Counter[str] = field(default_factory=Counter)
    columns_unknown: list[str] = field(default_factory=list)
    columns_ignored: list[str] = field(default_factory=list)
    columns_empty: list[str] = field(default_factory=list)
    relations: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    relation_examples: dict[tuple[str, str, str], str] = field(default_factory=dict)
    mentions: Counter[str] = field(default_factory=Counter)
    entities: Counter[str] = field(default_factory=Counter)
    largest_entity: int = 0
    troubles: Mapping[str, int] = field(default_factory=dict)

    @property
    def wrong(self) -> int:
        """How many rows would not be on the bus."""
        return self.refused.counts.total() + self.set_aside.counts.total()

    @property
    def share_wrong(self) -> float:
        """Which share of the rows that is; 1 where nothing could be read at all."""
        if not self.read:
            return 1.0 if self.wrong else 0.0
        return self.wrong / self.read

    def take_in(self, value: Mapping[str, Any], now: datetime) -> None:
        """Note what is odd about a record that the publisher takes."""
        body = value["body"]
        self.kinds[value["record_kind"]] += 1
        for path, source in unknown_codes(body, "body"):
            self.unknown_codes[path][source] += 1
        self._hint("records that name nobody", not any(
            body[part] for part in ("people", "vehicles", "organisations", "locations")
        ))  # fmt: skip
        self._hint("records without a narrative", not body["narrative"])
        self._hint("records that say no time of the event", value["occurred_at"] is None)
        self._hint("records recorded in the future", value["recorded_at"] > now)
        future = value["occurred_at"] is not None and value["occurred_at"] > now
        self._hint("records of an event in the future", future)
        for role in body["people"]:
            person = role["person"]
            self._hint("people without a name", not person["names"])
            self._hint("people without a date of birth", person["date_of_birth"] is None)

    def _hint(self, says: str, applies: bool) -> None:
        self.hints[says] += applies

    def tie(self, updates: Iterable[Mapping[str, Any]], records: Mapping[str, str]) -> None:
        """Note the associations that stand, with the first record that each kind rests on."""
        for update in updates:
            held = update["association"]
            if held is None:
                continue
            kind = (held["type"], held["basis"], held["evidence_kind"])
            self.relations[kind] += 1
            self.relation_examples.setdefault(kind, records.get(update["record_key"], ""))

    def identify(self, identities: Iterable[Mapping[str, Any]]) -> None:
        """Note how many entities the mentions come to."""
        sizes: Counter[tuple[str, str]] = Counter()
        for each in identities:
            if each["entity_id"] is not None:
                self.mentions[each["kind"]] += 1
                sizes[each["kind"], each["entity_id"]] += 1
        self.entities.update(kind for kind, _ in sizes)
        self.largest_entity = max(sizes.values(), default=0)

    def to_json(self) -> dict[str, Any]:
        """Give the findings as plain data."""
        return {
            "read": self.read,
            "accepted": self.accepted,
            "repeated": self.repeated,
            "wrong": self.wrong,
            "share_wrong": round(self.share_wrong, 6),
            "record_kinds": dict(self.kinds.most_common()),
            "refused_before_sending": self.refused.to_json(),
            "set_aside_by_the_bus": self.set_aside.to_json(),
            "columns": {
                "unknown_to_the_mapping": self.columns_unknown,
                "ignored_by_the_mapping": self.columns_ignored,
                "always_empty": self.columns_empty,
            },
            "codes_not_in_their_list": [
                {"field": path, "count": found.total(), "most": found.most_common(EXAMPLES)}
                for path, found in sorted(self.unknown_codes.items())
            ],
            "hints": {says: count for says, count in self.hints.items() if count},
            "flags": _flags(self.flags),
            "associations": [
                {"type": kind, "basis": basis, "evidence": evidence, "count": count,
                 "example": self.relation_examples[kind, basis, evidence]}
                for (kind, basis, evidence), count in self.relations.most_common()
            ],
            "mentions": dict(self.mentions),
            "entities": dict(self.entities),
            "largest_entity_mentions": self.largest_entity,
            "troubles": dict(self.troubles),
        }  # fmt: skip


def unknown_codes(value: Any, path: str) -> list[tuple[str, str]]:
    """Find the coded values that keep what the source wrote and have no code of ours."""
    if isinstance(value, tuple):
        return unknown_codes(value[1], path)
    if isinstance(value, list):
        return [found for each in value for found in unknown_codes(each, path)]
    if not isinstance(value, dict):
        return []
    if value.keys() == _CODED:
        lacks = value["code"] is None and value["source"] and path.rpartition(".")[2] in _LISTED
        return [(path, value["source"])] if lacks else []
    return [
        found for name, each in value.items() for found in unknown_codes(each, f"{path}.{name}")
    ]


def _flags(flags: Reasons) -> list[dict[str, Any]]:
    known = catalog.flags()
    return [
        {
            "flag": flag,
            "count": count,
            "meaning": known[flag].meaning,
            "next": known[flag].what_to_do,
            "examples": [example._asdict() for example in flags.examples[flag]],
        }
        for flag, count in flags.counts.most_common()
    ]
