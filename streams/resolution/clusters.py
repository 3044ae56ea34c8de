"""From verdicts to entities: greedy agglomeration with cannot-link (pure).

Taking everything that is connected for one entity multiplies errors. Here the strongest link
joins first, and two clusters join only if no veto or judgement stands between any of their
members. The result depends on the component's content alone, never on the order it came in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from streams.resolution.components import (
    Component,
    Member,
    Rules,
    is_plainly_one,
    too_many,
    without_links,
)
from streams.resolution.judgements import Pair
from streams.resolution.verdicts import SAME

MOST_BIRTH_DATES: Final = 3
YOUNGEST: Final = 10

OVER_CAP: Final = "component_over_cap"
MANY_BIRTH_DATES: Final = "more_than_3_dates_of_birth"
CHILD: Final = "age_under_10_at_event"


class Cluster(NamedTuple):
    """An entity: its mentions in order, and what somebody should look at."""

    entity_id: str
    members: tuple[str, ...]
    alarms: tuple[str, ...] = ()


@lru_cache(maxsize=1 << 16)
def entity_id(kind: str, anchor: str) -> str:
    """Give the entity id that follows from the anchor: 64 hex digits."""
    return hashlib.sha256(f"{kind}|{anchor}".encode()).hexdigest()


def clusters(
    kind: str, component: Component, rules: Rules, ambiguity_bits: float, most: int
) -> list[Cluster]:
    """Give the entities of one component.

    Where links connect more than `most` mentions, somebody is told: what is that large is rarely
    one. Those of them join that are linked with most of the others, as is one who is known that
    often; the rest is joined by judgements only. A mention that fits two entities between which a
    veto stands joins neither.
    """
    alarms = (OVER_CAP,) if len(component.members) > most else ()
    if len(component.members) == 1 or is_plainly_one(component, rules):
        return [whole(kind, component.members, *alarms)]
    crowd = too_many(component, rules, most) if alarms else frozenset()
    groups = _unambiguous(without_links(component, crowd), rules, ambiguity_bits)
    return [
        _cluster(kind, component, group, *(alarms if _is_crowd(group, crowd, most) else ()))
        for group in groups
    ]


def _is_crowd(group: list[str], crowd: frozenset[str], most: int) -> bool:
    return len(group) > most or not crowd.isdisjoint(group)


def _unambiguous(component: Component, rules: Rules, margin: float) -> list[list[str]]:
    """Join, set the ambiguous aside, and join again until no one is ambiguous."""
    links = sorted((-verdict.bits, pair) for pair, verdict in component.links.items())
    while True:
        joining = [pair for _, pair in links if component.links[pair].outcome == SAME]
        state = _Groups(component, rules)
        groups = state.joined(joining)
        ambiguous = state.ambiguous(links, margin) if len(groups) > 1 else set()
        if not ambiguous:
            return groups
        links = [(bits, pair) for bits, pair in links if ambiguous.isdisjoint(pair)]


class _Groups:
    """The clusters of one component while they grow."""

    def __init__(self, component: Component, rules: Rules) -> None:
        self._component = component
        self._rules = rules
        self._group: dict[str, list[str]] = {each: [each] for each in component.members}
        self._facts = {each: member.facts for each, member in component.members.items()}
        self._left = len(component.members)
        self._enemies = _enemies(component.vetoed | component.apart)
        self._judged_enemies = _enemies(component.apart)

    def joined(self, links: Iterable[Pair]) -> list[list[str]]:
        """Join by judgements first, then by links in their order."""
        for a, b in sorted(self._component.together):
            if self._group[a] is not self._group[b] and not self._is_refused(a, b):
                self._join(a, b)
        for a, b in links:
            if self._left == 1:
                break
            if self._group[a] is not self._group[b] and not self._are_apart(a, b):
                self._join(a, b)
        return list({id(group): group for group in self._group.values()}.values())

    def _join(self, a: str, b: str) -> None:
        into, other = self._group[a], self._group[b]
        facts = self._rules.merge(self._facts[into[0]], self._facts[other[0]])
        into.extend(other)
        for each in other:
            self._group[each] = into
        self._facts[into[0]] = facts
        self._left -= 1

    def _is_refused(self, a: str, b: str) -> bool:
        return _hostile(self._judged_enemies, self._group[a], self._group[b])

    def _are_apart(self, a: str, b: str) -> bool:
        """Tell whether a veto or a judgement stands between the clusters of two mentions."""
        first, second = self._group[a], self._group[b]
        if _hostile(self._enemies, first, second):
            return True
        return bool(self._rules.conflict(self._facts[first[0]], self._facts[second[0]]))

    def ambiguous(self, links: list[tuple[float, Pair]], margin: float) -> set[str]:
        """Give the mentions that joined one cluster and fit another, vetoed one nearly as well."""
        own: dict[str, float] = {}
        across: list[tuple[float, str, str]] = []
        for negative, (a, b) in links:
            if self._group[a] is self._group[b]:
                own.setdefault(a, -negative)
                own.setdefault(b, -negative)
            else:
                across += [(-negative, a, b), (-negative, b, a)]
        judged = {each for pair in self._component.together for each in pair}
        return {
            a
            for bits, a, b in across
            if a in own and a not in judged and own[a] - bits <= margin and self._between(a, b)
        }

    def _between(self, mention: str, other: str) -> bool:
        """Tell whether a mention stands between its own cluster and another's, which exclude."""
        rest = [each for each in self._group[mention] if each != mention]
        theirs = self._group[other]
        if _hostile(self._enemies, rest, theirs):
            return True
        facts = self._component.members[rest[0]].facts
        for each in rest[1:]:
            facts = self._rules.merge(facts, self._component.members[each].facts)
        return bool(self._rules.conflict(facts, self._facts[theirs[0]]))


def _enemies(pairs: Iterable[Pair]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for a, b in pairs:
        found.setdefault(a, set()).add(b)
        found.setdefault(b, set()).add(a)
    return found


def _hostile(enemies: dict[str, set[str]], first: list[str], second: list[str]) -> bool:
    """Tell whether any member of one cluster is an enemy of any member of the other."""
    if not enemies:
        return False
    return any(not enemies[each].isdisjoint(second) for each in first if each in enemies)


def _cluster(kind: str, component: Component, group: list[str], *alarms: str) -> Cluster:
    return whole(kind, {each: component.members[each] for each in group}, *alarms)


def whole(kind: str, members: Mapping[str, Member], *alarms: str) -> Cluster:
    """Give the cluster of all these mentions.

    Its id is that of its anchor: the earliest mention, among equals the smallest id.
    """
    anchor = min([(member.recorded_at, each) for each, member in members.items()])[1]
    if len(members) > 1:
        alarms = (*alarms, *_alarms(members.values()))
    return Cluster(entity_id(kind, anchor), tuple(sorted(members)), alarms)


def _alarms(members: Collection[Member]) -> Iterable[str]:
    if len({date for member in members for date in member.birth_dates}) > MOST_BIRTH_DATES:
        yield MANY_BIRTH_DATES
    if any(member.age_years is not None and member.age_years < YOUNGEST for member in members):
        yield CHILD
