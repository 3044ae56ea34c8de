"""Resolves a whole set of mentions at once (pure).

It shares the scorer and the clustering with the incremental resolver, and none of its bookkeeping:
a test holds both equal after any sequence of changes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from streams.resolution.clusters import Cluster, clusters, whole
from streams.resolution.components import Component, Member
from streams.resolution.explanations import Pairing, explain
from streams.resolution.judgements import Judgement, Pair
from streams.resolution.keys import active, keys_of
from streams.resolution.kinds import KINDS, Kind
from streams.resolution.limits import LIMITS, Limits
from streams.resolution.mentions import Mention
from streams.resolution.model import Model
from streams.resolution.verdicts import Judge, Verdict


class Explainer:
    """Explains pairs of a batch; nothing is made before it is asked for."""

    def __init__(
        self,
        kind: Kind,
        judge: Judge,
        mentions: Sequence[Mention],
        defaults: frozenset[str],
        suspended: frozenset[str],
        verdicts: dict[Pair, Verdict],
        judged: dict[Pair, Judgement],
    ) -> None:
        self._kind, self._judge, self._judged = kind, judge, judged
        self._defaults, self._suspended = defaults, suspended
        self._mentions = {each.mention_id: each for each in mentions}
        self._verdicts = verdicts

    @cached_property
    def _fitting(self) -> dict[str, dict[str, Verdict]]:
        found: dict[str, dict[str, Verdict]] = {}
        for (a, b), verdict in self._verdicts.items():
            if verdict.fits:
                found.setdefault(a, {})[b] = verdict
                found.setdefault(b, {})[a] = verdict
        return found

    def explain(self, a: str, b: str) -> str:
        """Answer why, or why not, for a pair in order."""
        first, second = self._mentions[a], self._mentions[b]
        keys = [active(keys_of(each), self._defaults) for each in (first, second)]
        judgement = self._judged.get((a, b))
        pair_of = Pairing(
            first,
            second,
            (keys[0] & keys[1]) - self._suspended,
            {**self._fitting.get(a, {}), **self._fitting.get(b, {})},
            judgement.summary if judgement is not None else None,
        )
        return explain(self._judge, self._kind.compare, pair_of, self._defaults)


class Resolution(NamedTuple):
    """What a set of mentions comes to; `verdicts` are those worth keeping, by pair in order."""

    entities: dict[str, str]
    clusters: dict[str, Cluster]
    verdicts: dict[Pair, Verdict]
    defaults: frozenset[str]
    suspended: frozenset[str]
    explainer: Explainer

    def explanations(self) -> Iterator[str]:
        """Give the explanation of each verdict in order, each made when it is asked for."""
        return (self.explainer.explain(a, b) for a, b in sorted(self.verdicts))


def resolve(
    mentions: Sequence[Mention],
    model: Model,
    judgements: Iterable[Judgement] = (),
    limits: Limits = LIMITS,
) -> Resolution:
    """Give the entities of mentions with different ids; their order does not matter."""
    kind = KINDS[model.kind]
    ordered = sorted(mentions, key=lambda mention: mention.mention_id)
    defaults = default_values(kind, ordered, limits.value_names)
    rows, suspended = _blocks(
        (active(keys_of(each), defaults) for each in ordered), limits.block_members
    )
    verdicts = dict(_verdicts(kind, model, ordered, rows, defaults))
    live = {each.mention_id for each in ordered}
    judged = {each.pair: each for each in judgements if live.issuperset(each.pair)}
    members = {each.mention_id: kind.member(each) for each in ordered}
    most = limits.component_mentions
    formed = list(_clusters(kind, model, members, verdicts, judged, most))
    entities = {each: cluster.entity_id for cluster in formed for each in cluster.members}
    by_id = {cluster.entity_id: cluster for cluster in formed}
    explainer = Explainer(kind, Judge(model), ordered, defaults, suspended, verdicts, judged)
    return Resolution(entities, by_id, verdicts, defaults, suspended, explainer)


def default_values(kind: Kind, mentions: Iterable[Mention], most: int) -> frozenset[str]:
    """Give the keys of values that too many names hold."""
    names: dict[str, set[str]] = {}
    for mention in mentions:
        holder = kind.holder(mention)
        if holder:
            for value in kind.values(mention):
                names.setdefault(value, set()).add(holder)
    return frozenset(value for value, held in names.items() if len(held) > most)


def _blocks(keys: Iterable[frozenset[str]], most: int) -> tuple[list[list[int]], frozenset[str]]:
    """Give, for each mention, the blocks where it may meet somebody, and the suspended keys.

    Blocks are numbered: a list of numbers takes a tenth of the memory of a set of texts.
    """
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    rows = [[*map(numbers.__getitem__, texts)] for texts in keys]
    sizes = Counter(chain.from_iterable(rows))
    useful = {each for each, size in sizes.items() if 1 < size <= most}
    crowded = {each for each, size in sizes.items() if size > most}
    suspended = frozenset([text for text, each in numbers.items() if each in crowded])
    return [[each for each in row if each in useful] for row in rows], suspended


def _partners(rows: Iterable[list[int]]) -> Iterator[set[int]]:
    """Give, for each mention in order, the places of those before it that it meets."""
    members: defaultdict[int, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        blocks = [members[each] for each in row]
        yield set().union(*blocks)
        for block in blocks:
            block.append(place)


def _verdicts(
    kind: Kind,
    model: Model,
    mentions: list[Mention],
    rows: list[list[int]],
    defaults: frozenset[str],
) -> Iterator[tuple[Pair, Verdict]]:
    judge, compare, terms = Judge(model).verdict, kind.compare, model.terms
    are_told_apart = kind.are_told_apart
    for mention, partners in zip(mentions, _partners(rows), strict=True):
        for other in map(mentions.__getitem__, partners):
            if are_told_apart(other, mention):
                continue
            verdict = judge(compare(other, mention, terms), defaults)
            if verdict.is_kept:
                yield (other.mention_id, mention.mention_id), verdict


def _clusters(
    kind: Kind,
    model: Model,
    members: dict[str, Member],
    verdicts: dict[Pair, Verdict],
    judged: dict[Pair, Judgement],
    most: int,
) -> Iterator[Cluster]:
    """Form the entities, component by component."""
    apart = {each for each, judgement in judged.items() if not judgement.is_same}
    together = set(judged) - apart
    links = {ends: v for ends, v in verdicts.items() if v.fits and ends not in apart}
    vetoed = {ends for ends, v in verdicts.items() if v.vetoes}
    root = _roots([*links, *together])
    grouped: dict[str, dict[str, Member]] = {}
    for each, member in members.items():
        if each in root:
            grouped.setdefault(root[each], {})[each] = member
        else:
            yield whole(kind.name, {each: member})
    of_links: dict[str, dict[Pair, Verdict]] = {}
    for ends, verdict in links.items():
        of_links.setdefault(root[ends[0]], {})[ends] = verdict
    of_vetoes = _within(vetoed, root)
    of_together, of_apart = _within(together, root), _within(apart, root)
    for each, group in grouped.items():
        component = Component(
            group,
            of_links.get(each, {}),
            frozenset(of_vetoes.get(each, ())),
            frozenset(of_together.get(each, ())),
            frozenset(of_apart.get(each, ())),
        )
        yield from clusters(kind.name, component, kind.rules, model.ambiguity_bits, most)


def _roots(pairs: list[Pair]) -> dict[str, str]:
    """Give each mention that is in a pair the one that stands for its component."""
    parent = {each: each for ends in pairs for each in ends}

    def find(each: str) -> str:
        while parent[each] != each:
            parent[each] = each = parent[parent[each]]
        return each

    for a, b in pairs:
        parent[find(a)] = find(b)
    return {each: find(each) for each in parent}


def _within(pairs: Iterable[Pair], root: dict[str, str]) -> dict[str, list[Pair]]:
    """Give the pairs inside each component."""
    found: dict[str, list[Pair]] = {}
    for a, b in pairs:
        if a in root and root[a] == root.get(b):
            found.setdefault(root[a], []).append((a, b))
    return found
