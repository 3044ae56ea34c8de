"""How a group that is plainly one grows by mentions that are new (pure).

Most groups are plainly one, and most of what happens to them is that a mention joins. What they
come to then follows from what they came to before and from the new links: of links, only those
that held a part together before can hold the whole together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from streams.resolution.components import Member, Rules
from streams.resolution.joints import Age, Joint, spanning


class Plain(NamedTuple):
    """What a group comes to in which everything is one and nothing keeps any two apart.

    `joints` hold it together, by the mention that each is of.
    """

    facts: Any
    earliest: Age
    latest: Age
    births: frozenset[str]
    has_child: bool
    joints: Mapping[str, Joint]


def plain_one(mention_id: str, member: Member, youngest: int) -> Plain:
    """Give what a single mention comes to; who is younger than `youngest` is a child."""
    is_child = member.age_years is not None and member.age_years < youngest
    births, age = frozenset(member.birth_dates), (member.recorded_at, mention_id)
    return Plain(member.facts, age, age, births, is_child, {})


def grown(parts: Sequence[Plain], links: Collection[Joint], rules: Rules) -> Plain | None:
    """Give what parts together come to, or None unless they are plainly one.

    `links` are those that join mentions of different parts.
    """
    joints = _joints(parts, links)
    if len(joints) != sum(len(part.joints) + 1 for part in parts) - 1:
        return None
    first, *others = sorted(parts, key=lambda part: -len(part.joints))
    facts = first.facts
    for part in others:
        if part.facts != facts:
            facts = rules.merge(facts, part.facts)
    is_known_peace = first.joints and facts == first.facts
    if not is_known_peace and not rules.is_at_peace(facts):
        return None
    return Plain(
        facts,
        min(part.earliest for part in parts),
        max(part.latest for part in parts),
        first.births.union(*(part.births for part in others)),
        any(part.has_child for part in parts),
        joints,
    )


def _joints(parts: Sequence[Plain], links: Collection[Joint]) -> Mapping[str, Joint]:
    """Give what holds parts together; who is single and later than all others joins them by one."""
    if len(parts) == 2 and links:
        first, second = sorted(parts, key=lambda part: part.latest)
        if not second.joints and first.latest < second.earliest:
            return {**first.joints, second.earliest[1]: min(links)}
    held = [joint for part in parts for joint in part.joints.values()]
    return spanning((*held, *links))
