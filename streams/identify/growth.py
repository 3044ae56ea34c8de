"""How a group that is plainly one grows by mentions that are new (pure).

Most groups are plainly one, and most of what happens to them is that a mention joins. What they
come to then follows from what they came to before and from the new links: of links, only those
that held a part together before can hold the whole together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from streams.resolution.components import Member, Rules
from streams.resolution.judgements import Pair

Joint = tuple[float, Pair]
"""A link by what it is ordered by: its bits, negative, and its ends."""


class Plain(NamedTuple):
    """What a group comes to in which everything is one and nothing keeps any two apart.

    `anchor` orders its earliest mention; `joints` hold it together, the strongest first.
    """

    facts: Any
    anchor: tuple[int, str]
    births: frozenset[str]
    has_child: bool
    joints: tuple[Joint, ...]


def plain_one(mention_id: str, member: Member, youngest: int) -> Plain:
    """Give what a single mention comes to; who is younger than `youngest` is a child."""
    is_child = member.age_years is not None and member.age_years < youngest
    births = frozenset(member.birth_dates)
    return Plain(member.facts, (member.recorded_at, mention_id), births, is_child, ())


def grown(parts: Sequence[Plain], links: Iterable[Joint], size: int, rules: Rules) -> Plain | None:
    """Give what parts of `size` mentions together come to, or None unless they are plainly one.

    `links` are those that join mentions of different parts.
    """
    joints = strongest((*(joint for part in parts for joint in part.joints), *links), size)
    if len(joints) != size - 1:
        return None
    first, *others = sorted(parts, key=lambda part: -len(part.joints))
    facts = first.facts
    for part in others:
        if part.facts != facts:
            facts = rules.merge(facts, part.facts)
    if facts != first.facts and not rules.is_at_peace(facts):
        return None
    return Plain(
        facts,
        min(part.anchor for part in parts),
        first.births.union(*(part.births for part in others)),
        any(part.has_child for part in parts),
        joints,
    )


def strongest(links: Iterable[Joint], size: int) -> tuple[Joint, ...]:
    """Give the links that hold `size` mentions together, the strongest first, as few as do."""
    group: dict[str, list[str]] = {}
    held: list[Joint] = []
    for joint in sorted(links):
        if len(held) == size - 1:
            break
        a, b = joint[1]
        into, other = group.get(a) or [a], group.get(b) or [b]
        if into is not other:
            if len(into) < len(other):
                into, other = other, into
            into += other
            group[a] = group[b] = into
            group |= dict.fromkeys(other, into)
            held.append(joint)
    return tuple(held)


def ends_of(joints: Iterable[Joint]) -> Mapping[str, list[Pair]]:
    """Give the pairs at each mention."""
    found: dict[str, list[Pair]] = {}
    for _, ends in joints:
        for end in ends:
            found.setdefault(end, []).append(ends)
    return found
