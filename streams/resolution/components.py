"""Components: mentions that links connect, and which of them are too many to be one (pure)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

from streams.resolution.judgements import Pair
from streams.resolution.verdicts import SAME, Verdict

_HOPELESS: Final = 20
"""How many times the limit a component may have before nothing in it is looked at any more."""


class Member(NamedTuple):
    """What clustering knows of a mention; `facts` are its kind's, `age_years` the age at event."""

    recorded_at: int
    facts: Any
    birth_dates: tuple[str, ...] = ()
    age_years: int | None = None


class Component(NamedTuple):
    """Mentions that links or judgements connect, and everything that is known between them.

    `links` are the verdicts that fit, `vetoed` the pairs that a guard refused; `together` and
    `apart` are people's judgements.
    """

    members: Mapping[str, Member]
    links: Mapping[Pair, Verdict]
    vetoed: frozenset[Pair] = frozenset()
    together: frozenset[Pair] = frozenset()
    apart: frozenset[Pair] = frozenset()


class Rules(NamedTuple):
    """What a kind says of facts: how two clusters' join, and which veto stands between them.

    `is_at_peace` may say no too often, never yes: within such facts no veto can arise.
    """

    merge: Callable[[Any, Any], Any]
    conflict: Callable[[Any, Any], str]
    is_at_peace: Callable[[Any], bool]


def is_plainly_one(component: Component, rules: Rules) -> bool:
    """Tell whether everything is linked and nothing speaks against it: most components are so."""
    if component.vetoed or component.apart:
        return False
    joined = [ends for ends, verdict in component.links.items() if verdict.outcome == SAME]
    pairs = list({*joined, *component.together}) if component.together else joined
    if not _do_connect(pairs, set(component.members)):
        return False
    return are_at_peace(component.members.values(), rules)


def are_at_peace(members: Collection[Member], rules: Rules) -> bool:
    """Tell whether nothing that these mentions say of themselves keeps any two apart."""
    first, *others = members
    facts = first.facts
    for member in others:
        if member.facts != facts:
            facts = rules.merge(facts, member.facts)
    return rules.is_at_peace(facts)


def _do_connect(pairs: list[Pair], left: set[str]) -> bool:
    """Tell whether pairs, each once, connect all of these mentions."""
    if len(pairs) >= len(left) * (len(left) - 1) // 2:
        return True
    near: dict[str, list[str]] = {}
    for a, b in pairs:
        near.setdefault(a, []).append(b)
        near.setdefault(b, []).append(a)
    edge = [left.pop()]
    while edge:
        found = left.intersection(near.get(edge.pop(), ()))
        left -= found
        edge += found
    return not left


def too_many(component: Component, rules: Rules, most: int) -> frozenset[str]:
    """Give the mentions that nothing but judgements may join, where links connect more than `most`.

    Where nothing speaks against it, they are one thing that is known that often. Else only their
    core may join: in a chain of likenesses there is none. Rivals connect a component too, but join
    nobody, so they do not count.
    """
    if len(component.members) > _HOPELESS * most:
        return frozenset(component.members)
    near = _near(component)
    found: set[str] = set()
    for group in _connected(near):
        if len(group) > most and not is_plainly_one(_within(component, group), rules):
            found |= group - _core(group, near)
    return frozenset(found)


def without_links(component: Component, apart: frozenset[str]) -> Component:
    """Give a component in which nothing but judgements joins these mentions."""
    if not apart:
        return component
    links = {ends: v for ends, v in component.links.items() if apart.isdisjoint(ends)}
    return component._replace(links=links)


def _near(component: Component) -> dict[str, set[str]]:
    """Give the mentions with which links and must-links connect each mention."""
    near: dict[str, set[str]] = {each: set() for each in component.members}
    joined = [ends for ends, verdict in component.links.items() if verdict.outcome == SAME]
    for a, b in (*joined, *component.together):
        near[a].add(b)
        near[b].add(a)
    return near


def _connected(near: Mapping[str, set[str]]) -> Iterator[set[str]]:
    """Yield the mentions that are connected, group by group."""
    left = set(near)
    while left:
        group, edge = set[str](), {left.pop()}
        while edge:
            group |= edge
            edge = set().union(*[near[each] for each in edge]) - group
        left -= group
        yield group


def _core(group: set[str], near: Mapping[str, set[str]]) -> set[str]:
    """Give those of a group that are each connected with half of the others of them, or more.

    A core that is not the better part of its group is none.
    """
    core, left = set[str](), group
    while len(core) != len(left):
        core = left
        left = {each for each in core if 2 * len(near[each] & core) >= len(core) - 1}
    return core if 2 * len(core) > len(group) else set()


def _within(component: Component, group: set[str]) -> Component:
    """Give the part of a component that lies within a group."""
    return Component(
        {each: component.members[each] for each in group},
        {ends: v for ends, v in component.links.items() if group.issuperset(ends)},
        frozenset(ends for ends in component.vetoed if group.issuperset(ends)),
        frozenset(ends for ends in component.together if group.issuperset(ends)),
        frozenset(ends for ends in component.apart if group.issuperset(ends)),
    )
