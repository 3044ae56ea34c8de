"""Which decisions hold entities together: one for each mention but the earliest (pure).

Invariant: they follow from an entity's content alone, and whoever is later than all others in it
changes none of theirs. So what was said of mentions stays as it is while others join them.
"""

from __future__ import annotations

from collections.abc import Iterable

from streams.resolution.clusters import Cluster
from streams.resolution.components import Component
from streams.resolution.judgements import Pair
from streams.resolution.verdicts import SAME

Age = tuple[int, str]
"""What mentions are ordered by: when they were recorded, and their id."""
Joint = tuple[Age, bool, float, Age]
"""A decision that joins, by what it is ordered by: its later mention, whether it is a mere link and
no judgement, its bits, negative, and its earlier mention."""


def joints(component: Component, found: Iterable[Cluster]) -> dict[str, Pair]:
    """Give what each mention of these clusters of a component joined earlier ones by.

    Decisions are taken in their order, and each that joins two parts is that of the mention which
    was the first of the later part. So they are as few as hold the clusters together, and every
    mention has one but the earliest of its cluster.
    """
    cluster = {each: place for place, one in enumerate(found) for each in one.members}
    age = {each: (member.recorded_at, each) for each, member in component.members.items()}
    decided: list[tuple[Pair, float | None]] = [(ends, None) for ends in component.together]
    decided += [(ends, v.bits) for ends, v in component.links.items() if v.outcome == SAME]
    held = spanning(
        joint(age[a], age[b], bits) for (a, b), bits in decided if cluster[a] == cluster[b]
    )
    return {each: ends_of(one) for each, one in held.items()}


def joint(one: Age, other: Age, bits: float | None) -> Joint:
    """Give a decision that joins two mentions: a link of so many bits, or a judgement."""
    later, earlier = (one, other) if one > other else (other, one)
    return (later, bits is not None, -(bits or 0.0), earlier)


def ends_of(held: Joint) -> Pair:
    """Give the pair that a decision is about, in order."""
    (_, a), _, _, (_, b) = held
    return (a, b) if a < b else (b, a)


def spanning(decisions: Iterable[Joint]) -> dict[str, Joint]:
    """Give the decisions that join, each by the mention that is the first of its own no more."""
    before: dict[Age, Age] = {}
    found: dict[str, Joint] = {}
    for each in sorted(decisions):
        one, other = _first(before, each[0]), _first(before, each[3])
        if one != other:
            earlier, later = (one, other) if one < other else (other, one)
            before[later] = earlier
            found[later[1]] = each
    return found


def parts(mentions: Iterable[str], pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """Give each mention's part: all whom pairs connect with it, in one list that they share."""
    found = {each: [each] for each in mentions}
    for a, b in pairs:
        into, other = found[a], found[b]
        if into is not other:
            if len(into) < len(other):
                into, other = other, into
            into += other
            found |= dict.fromkeys(other, into)
    return found


def _first(before: dict[Age, Age], mention: Age) -> Age:
    """Give the first of a mention's part, and make the way there short."""
    first = mention
    while first in before:
        first = before[first]
    while mention != first:
        before[mention], mention = first, before[mention]
    return first
