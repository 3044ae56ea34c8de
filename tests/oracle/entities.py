"""Who is who: the entities of all mentions of live records, and the decisions they stand on.

The scorer and the clustering are the pure ones of `streams.resolution`; blocks, default values,
suspension, judgements and everything else that the stages keep in step are worked out anew.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from math import inf
from typing import Any, NamedTuple

from streams.resolution.clusters import clusters, entity_id
from streams.resolution.components import Component
from streams.resolution.keys import active, keys_of
from streams.resolution.kinds import KINDS, Kind
from streams.resolution.limits import Limits
from streams.resolution.mentions import Mention
from streams.resolution.model import Model
from streams.resolution.verdicts import SAME, Judge, Verdict
from tests.oracle.associations import Who

Pair = tuple[str, str]

_RECORD_KEY_DIGITS = 64


class Judged(NamedTuple):
    """Pairs of mentions, in order, on which somebody's judgement is in force."""

    together: frozenset[Pair]
    apart: frozenset[Pair]


class Entities(NamedTuple):
    """Who every mention is, and what of the limits came into play."""

    who: dict[str, Who]
    defaults: frozenset[str]
    suspended: frozenset[str]
    verdicts: Mapping[Pair, Verdict]


def entities(mentions: Sequence[Mention], model: Model, judged: Judged, limits: Limits) -> Entities:
    """Resolve the mentions of one kind."""
    kind = KINDS[model.kind]
    by_id = {each.mention_id: each for each in mentions}
    defaults = _defaults(kind, mentions, limits.value_names)
    blocks: defaultdict[str, set[str]] = defaultdict(set)
    for each in mentions:
        for key in active(keys_of(each), defaults):
            blocks[key].add(each.mention_id)
    suspended = frozenset(k for k, block in blocks.items() if len(block) > limits.block_members)
    pairs = {
        pair
        for key in blocks.keys() - suspended
        for pair in combinations(sorted(blocks[key]), 2)
        if record_of(pair[0]) != record_of(pair[1])
    }
    verdicts = dict(_verdicts(kind, model, by_id, pairs, defaults))
    return Entities(
        _who(kind, model, by_id, verdicts, judged, limits), defaults, suspended, verdicts
    )


def alone(kind: str, mention_id: str) -> Who:
    """Give who a mention is that nothing is compared with."""
    return Who(entity_id(kind, mention_id), ())


def record_of(mention_id: str) -> str:
    """Give the key of the record that a mention is in."""
    return mention_id[:_RECORD_KEY_DIGITS]


def _defaults(kind: Kind, mentions: Iterable[Mention], most: int) -> frozenset[str]:
    names: defaultdict[str, set[str]] = defaultdict(set)
    for each in mentions:
        for value in kind.values(each):
            names[value] |= {kind.holder(each)} - {""}
    return frozenset(value for value, held in names.items() if len(held) > most)


def _verdicts(
    kind: Kind,
    model: Model,
    by_id: Mapping[str, Mention],
    pairs: Iterable[Pair],
    defaults: frozenset[str],
) -> Iterator[tuple[Pair, Verdict]]:
    judge = Judge(model)
    for a, b in sorted(pairs):
        if not kind.are_told_apart(by_id[a], by_id[b]):
            verdict = judge.verdict(kind.compare(by_id[a], by_id[b], model.terms), defaults)
            if verdict.is_kept:
                yield (a, b), verdict


def _who(
    kind: Kind,
    model: Model,
    by_id: Mapping[str, Mention],
    verdicts: Mapping[Pair, Verdict],
    judged: Judged,
    limits: Limits,
) -> dict[str, Who]:
    together = {pair for pair in judged.together if pair[0] in by_id and pair[1] in by_id}
    apart = {pair for pair in judged.apart if pair[0] in by_id and pair[1] in by_id}
    links = {pair: v for pair, v in verdicts.items() if v.fits and pair not in apart}
    found: dict[str, Who] = {}
    for group in _connected(by_id, [*links, *together]):
        component = Component(
            {each: kind.member(by_id[each]) for each in sorted(group)},
            {pair: v for pair, v in links.items() if group.issuperset(pair)},
            frozenset(p for p, v in verdicts.items() if v.vetoes and group.issuperset(p)),
            frozenset(pair for pair in together if group.issuperset(pair)),
            frozenset(pair for pair in apart if group.issuperset(pair)),
        )
        most = limits.component_mentions
        for cluster in clusters(kind.name, component, kind.rules, model.ambiguity_bits, most):
            joined = _joined(component, cluster.members)
            for each in cluster.members:
                rests_on = (_verdict_id(joined[each]),) if each in joined else ()
                found[each] = Who(cluster.entity_id, rests_on)
    return found


def _joined(component: Component, members: Iterable[str]) -> dict[str, Pair]:
    """By which decision each of these was the first of its own no more, had they come by age."""

    def age(mention: str) -> tuple[int, str]:
        return component.members[mention].recorded_at, mention

    parts: list[list[str]] = []
    found: dict[str, Pair] = {}
    for new in sorted(members, key=age):
        parts.append([new])
        for pair, other in _decided(component, new, age):
            mine = next(part for part in parts if new in part)
            theirs = next((part for part in parts if other in part), mine)
            if theirs is not mine:
                earlier, later = sorted((mine, theirs), key=lambda part: age(part[0]))
                found[later[0]] = pair
                earlier += later
                parts.remove(later)
    return found


def _decided(
    component: Component, mention: str, age: Callable[[str], Any]
) -> list[tuple[Pair, str]]:
    """The decisions that join a mention with others: people's first, then by what they weigh."""
    weight = {pair: -v.bits for pair, v in component.links.items() if v.outcome == SAME}
    weight |= dict.fromkeys(component.together, -inf)
    found = [(pair, other) for pair in weight if mention in pair for other in {*pair} - {mention}]
    return sorted(found, key=lambda each: (weight[each[0]], age(each[1])))


def _connected(mentions: Iterable[str], pairs: Iterable[Pair]) -> list[set[str]]:
    group = {each: {each} for each in mentions}
    for a, b in pairs:
        if group[a] is not group[b]:
            group[a] |= group[b]
            for each in group[b]:
                group[each] = group[a]
    return list({id(each): each for each in group.values()}.values())


def _verdict_id(pair: Pair) -> str:
    return hashlib.sha256("~".join(pair).encode()).hexdigest()[:16]
