"""How a group that is plainly one grows by mentions that are new (pure).

Most groups are plainly one, and most of what happens to them is that a mention joins. What they
come to then follows from what they came to before and from the new links: of links, only those
that held a part together before can hold the whole together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
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
    if len(parts) == 2 and links:
        one, other = parts
        first, last = (one, other) if one.latest < other.latest else (other, one)
        if not last.joints and first.latest < last.earliest:
            return _joined(first, last, min(links), rules)
    held = [joint for part in parts for joint in part.joints.values()]
    joints = spanning((*held, *links))
    if len(joints) != sum(len(part.joints) + 1 for part in parts) - 1:
        return None
    first, *others = sorted(parts, key=lambda part: -len(part.joints))
    facts = _together(first, others, rules)
    if facts is None:
        return None
    return Plain(
        facts,
        min(part.earliest for part in parts),
        max(part.latest for part in parts),
        first.births.union(*(part.births for part in others)),
        any(part.has_child for part in parts),
        joints,
    )


def _joined(part: Plain, last: Plain, strongest: Joint, rules: Rules) -> Plain | None:
    """Give what a part and a mention that is later than all of it come to, by its strongest link.

    This is nearly all that ever happens, so it is quick.
    """
    facts = _together(part, (last,), rules)
    if facts is None:
        return None
    births = part.births if last.births <= part.births else part.births | last.births
    joints = {**part.joints, last.earliest[1]: strongest}
    has_child = part.has_child or last.has_child
    return Plain(facts, part.earliest, last.latest, births, has_child, joints)


def _together(first: Plain, others: Iterable[Plain], rules: Rules) -> Any:
    """Give the facts of parts, the largest first, or None where something keeps two apart."""
    facts = first.facts
    for part in others:
        if part.facts != facts:
            facts = rules.merge(facts, part.facts)
    is_known_peace = first.joints and facts == first.facts
    return facts if is_known_peace or rules.is_at_peace(facts) else None
