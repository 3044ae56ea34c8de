"""Turns a request into what it sees of an index, by the policy of the moment.

Invariant: a record or tie is seen only by a decision about it, under the policy that the answer
names. A class that the index got to know after the decision is not seen by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from consumers.search.classes import items_in
from consumers.search.engines.interface import SearchEngine
from consumers.search.sight import Sight, View
from recordbus.policy.decision import Decision, Question, Request
from recordbus.policy.fields import RECORD
from recordbus.policy.policies import Policies, least

MOST_KEPT: Final = 64


class _Kept(NamedTuple):
    """A sight, of how many classes it was made, and in which time it is right."""

    sight: Sight
    classes: int
    since: datetime
    until: datetime | None


class Sights:
    """Gives what requests see; what was worked out is kept until something changes."""

    def __init__(self, engine: SearchEngine, policies: Callable[[], Policies]) -> None:
        self._engine, self._policies = engine, policies
        self._kept: dict[tuple[str, Question], _Kept] = {}

    def policies(self) -> Policies:
        """Give the policies in force now."""
        return self._policies()

    def of(self, policies: Policies, request: Request, at: datetime) -> Sight:
        """Give what a request sees at an instant."""
        key = (policies.version, request.question())
        classes = self._engine.classes()
        kept = self._kept.get(key)
        if (
            kept is not None
            and kept.classes == len(classes)
            and kept.since <= at
            and (kept.until is None or at < kept.until)
        ):
            return kept.sight
        sight = sight_of(policies, request, at, classes)
        until = policies.next_change(request.recipient, at)
        while len(self._kept) >= MOST_KEPT:
            self._kept.pop(next(iter(self._kept)))
        self._kept[key] = _Kept(sight, len(classes), at, until)
        return sight


def sight_of(
    policies: Policies, request: Request, at: datetime, classes: Mapping[int, str]
) -> Sight:
    """Decide about every class, and put together what is seen alike."""
    every = {text: items_in(text) for text in classes.values()}
    decided = policies.foresee(request, (item for items in every.values() for item in items), at)
    decisions = {
        text: least([decided[item] for item in items]) for text, items in every.items() if items
    }
    return sight_by(decisions, classes, policies.version)


def sight_by(
    decisions: Mapping[str, Decision], classes: Mapping[int, str], policy_version: str
) -> Sight:
    """Give the sight of these decisions; of what there is none about, nothing is seen."""
    full: dict[frozenset[str], set[int]] = {}
    pointers: set[int] = set()
    for class_id, text in classes.items():
        decision = decisions.get(text)
        if decision is not None and decision.level == "full":
            full.setdefault(_of_records(decision), set()).add(class_id)
        elif decision is not None and decision.level == "pointer":
            pointers.add(class_id)
    views = [View(frozenset(found), masked) for masked, found in full.items()]
    return Sight(
        tuple(sorted(views, key=lambda view: sorted(view.masked))),
        View(frozenset(pointers), is_pointer=True) if pointers else None,
        {text: each for text, each in decisions.items() if each.shows},
        policy_version,
    )


def _of_records(decision: Decision) -> frozenset[str]:
    return frozenset(path for path in decision.masked if path.startswith(f"{RECORD}."))
