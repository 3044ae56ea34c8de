"""Agreements as values: what their files say, ready to be decided by (pure).

Invariant: an agreement that exists as a value has been checked whole; `start` and `end` are
instants, and it is in force from the one to just before the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from recordbus.policy.decision import Action, Item, Level, Question


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of an agreement.

    A rule that gives something (`full`, `pointer`) covers an item that fits every list and has no
    mark but those of `marks`. A rule that hides covers one that fits every list and has all of
    `only`; a list that is None fits everything.
    """

    name: str
    level: Level
    actions: frozenset[Action]
    purposes: frozenset[str] | None
    record_kinds: frozenset[str] | None
    bases: frozenset[str] | None
    evidence_kinds: frozenset[str] | None
    marks: frozenset[str]
    only: frozenset[str]
    masks: frozenset[str]
    legal_authority: str | None
    line: int = field(default=1, compare=False)

    @property
    def gives(self) -> bool:
        """Whether it gives something; otherwise it hides."""
        return self.level != "hidden"


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement of one version; `asked_through` are agencies that may ask for the recipient."""

    id: str
    version: int
    title: str
    legal_authority: str
    owners: tuple[str, ...]
    recipient: str
    start: datetime
    end: datetime
    rules: tuple[Rule, ...]
    digest: str = ""
    asked_through: frozenset[str] = frozenset()
    name: str = field(default="", compare=False)

    def is_in_force(self, at: datetime) -> bool:
        """Say whether it holds at an instant."""
        return self.start <= at < self.end

    def rule_id(self, rule: Rule) -> str:
        """Give the id by which decisions name a rule."""
        return f"{self.id}/{rule.name}"


def marks_of(item: Item) -> frozenset[str]:
    """Give what is special about an item, by the words of `only`."""
    said: Mapping[str, bool] = {
        "juvenile": item.juvenile,
        "designation": item.designation,
        "derived": item.derived,
        "disputed": item.disputed,
        "sealed": item.sealed,
    }
    return frozenset(mark for mark, is_so in said.items() if is_so)


def misses(rule: Rule, question: Question, item: Item) -> tuple[str, ...]:
    """Give by which words a rule does not cover an item; none means that it does.

    This is for explanations and for telling classes of items apart; deciding is Cedar's.
    """
    return (*misses_question(rule, question), *misses_item(rule, item))


def misses_question(rule: Rule, question: Question) -> tuple[str, ...]:
    """Give by which of a rule's words a question is outside of it."""
    found = [] if question.action in rule.actions else ["actions"]
    if rule.purposes is not None and question.purpose not in rule.purposes:
        found.append("purposes")
    return tuple(found)


def misses_item(rule: Rule, item: Item) -> tuple[str, ...]:
    """Give by which of a rule's words an item is outside of it."""
    found = []
    if rule.record_kinds is not None and item.record_kind not in rule.record_kinds:
        found.append("record_kinds")
    if rule.bases is not None and not _fits_basis(rule, item):
        found.append("bases")
    if rule.evidence_kinds is not None and item.evidence_kind not in rule.evidence_kinds:
        found.append("evidence_kinds")
    marks = marks_of(item)
    if rule.gives:
        words = {"juvenile": "juveniles", "designation": "designations"}
        found += sorted(words.get(mark, mark) for mark in marks - rule.marks)
    elif not rule.only <= marks:
        found.append("only")
    return tuple(found)


def _fits_basis(rule: Rule, item: Item) -> bool:
    """A record's own document has no basis: what gives may give it, a basis cannot hide it."""
    assert rule.bases is not None
    return rule.gives if item.basis is None else item.basis in rule.bases
