"""Resolves mentions of one kind as they come, change and go: incremental, in memory (pure).

Invariant: after any sequence of changes the state equals what a batch would make of the mentions
and judgements that are there now. What a call returns is the difference to the state before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from streams.resolution.blocks import Flips, Meeting
from streams.resolution.clusters import Cluster, clusters, whole
from streams.resolution.components import Member, are_at_peace
from streams.resolution.explanations import Pairing, explain
from streams.resolution.graph import Graph
from streams.resolution.judgements import Judgement, Pair, pair
from streams.resolution.keys import NO_KEYS, keys_of
from streams.resolution.kinds import KINDS
from streams.resolution.limits import LIMITS, Limits
from streams.resolution.mentions import Mention
from streams.resolution.model import Model
from streams.resolution.verdicts import Judge, Verdict


class Changes(NamedTuple):
    """What changed: per mention its entity before and after, per pair its verdict now.

    None stands for none: a mention that came or went, a verdict that is no longer kept.
    """

    entities: dict[str, tuple[str | None, str | None]]
    verdicts: dict[Pair, Verdict | None]


class Resolver:
    """Mentions of the model's kind, their verdicts and their entities."""

    def __init__(self, model: Model, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._model = model
        self._kind = KINDS[model.kind]
        self._judge = Judge(model)
        self._mentions: dict[str, Mention] = {}
        self._members: dict[str, Member] = {}
        self._meeting = Meeting(limits)
        self._graph = Graph()
        self._judgements: dict[str, dict[str, Judgement]] = {}
        self._entity: dict[str, str] = {}
        self._clusters: dict[str, Cluster] = {}

    def publish(self, mention: Mention) -> Changes:
        """Take a mention in, or a new version of one."""
        key = mention.mention_id
        self._mentions[key] = mention
        self._members[key] = self._kind.member(mention)
        values = tuple(dict.fromkeys(self._kind.values(mention)))
        flips = self._meeting.change(key, keys_of(mention), self._kind.holder(mention), values)
        judged = self._awaken(key)
        return self._settle(key, flips, judged)

    def remove(self, mention_id: str) -> Changes:
        """Let a mention go, with everything that rested on it; an unknown one changes nothing."""
        if self._mentions.pop(mention_id, None) is None:
            return Changes({}, {})
        del self._members[mention_id]
        judged = self._graph.judged(mention_id)
        for other in judged:
            self._graph.unjudge(mention_id, other)
        return self._settle(mention_id, self._meeting.change(mention_id, NO_KEYS, "", ()), judged)

    def judge(self, judgement: Judgement) -> Changes:
        """Let a person's judgement decide a pair, now and whenever both mentions are there."""
        a, b = judgement.pair
        self._judgements.setdefault(a, {})[b] = judgement
        self._judgements.setdefault(b, {})[a] = judgement
        if a in self._mentions and b in self._mentions:
            self._graph.judge(judgement)
        return self._reclustered((a, b), {})

    def revoke(self, a: str, b: str) -> Changes:
        """Take a judgement back, or let it expire; the pair is as if it had never been."""
        for x, y in ((a, b), (b, a)):
            row = self._judgements.get(x, {})
            row.pop(y, None)
            if not row:
                self._judgements.pop(x, None)
        self._graph.unjudge(a, b)
        return self._reclustered((a, b), {})

    def _awaken(self, key: str) -> list[str]:
        """Let judgements on a mention count whose other mention is there."""
        judged = [b for b in self._judgements.get(key, ()) if b in self._mentions]
        for other in judged:
            self._graph.judge(self._judgements[key][other])
        return judged

    def _settle(self, key: str, flips: Flips, judged: Iterable[str]) -> Changes:
        """Bring every verdict up to date that a change of one mention can have touched."""
        changed: dict[Pair, Verdict | None] = {}
        self._refresh(key, changed)
        for other in flips.mentions:
            self._refresh(other, changed)
        for block in flips.suspended:
            self._part(set(self._meeting.blocks.members(block)), changed)
        for block in flips.resumed:
            for a, b in combinations(sorted(self._meeting.blocks.members(block)), 2):
                self._keep(a, b, self._verdict(a, b), changed)
        touched = {each for ends in changed for each in ends}
        return self._reclustered({key, *judged, *touched}, changed)

    def _refresh(self, key: str, changed: dict[Pair, Verdict | None]) -> None:
        """Decide a mention anew with everyone it meets, and drop its verdicts with all others."""
        partners = self._meeting.blocks.partners(key) if key in self._mentions else set()
        kept = self._graph.kept(key)
        for other in kept - partners:
            self._keep(key, other, None, changed)
        for other, verdict in self._verdicts(key, partners):
            if other in kept:
                kept.discard(other)
                self._keep(key, other, verdict, changed)
            else:
                self._graph.add(key, other, verdict)
                changed[pair(key, other)] = verdict
        for other in kept & partners:
            self._keep(key, other, None, changed)

    def _verdicts(self, key: str, partners: set[str]) -> Iterator[tuple[str, Verdict]]:
        """Yield the verdicts worth keeping on one mention with each of these."""
        if not partners:
            return
        mention, mentions, terms = self._mentions[key], self._mentions, self._model.terms
        are_told_apart, compare = self._kind.are_told_apart, self._kind.compare
        judge, defaults = self._judge.verdict, self._meeting.values.defaults
        for other in partners:
            theirs = mentions[other]
            if not are_told_apart(mention, theirs):
                verdict = judge(compare(mention, theirs, terms), defaults)
                if verdict.is_kept:
                    yield other, verdict

    def _part(self, members: set[str], changed: dict[Pair, Verdict | None]) -> None:
        """Drop verdicts within a suspended block that rested on it alone."""
        for a in members:
            for b in self._graph.kept(a):
                if a < b and b in members and not self._meeting.blocks.do_meet(a, b):
                    self._keep(a, b, None, changed)

    def _verdict(self, a: str, b: str) -> Verdict | None:
        """Give the verdict on a pair that meets, if it is worth keeping."""
        return next((verdict for _, verdict in self._verdicts(a, {b})), None)

    def _keep(
        self, a: str, b: str, verdict: Verdict | None, changed: dict[Pair, Verdict | None]
    ) -> None:
        before = self._graph.get(a, b)
        if before == verdict:
            return
        if before is not None:
            self._graph.drop(a, b, before)
        if verdict is not None:
            self._graph.add(a, b, verdict)
        changed[pair(a, b)] = verdict

    def _reclustered(self, touched: Iterable[str], verdicts: dict[Pair, Verdict | None]) -> Changes:
        """Form the entities of every component that a change touched, and say what moved."""
        entities: dict[str, tuple[str | None, str | None]] = {}
        for gone in [each for each in touched if each not in self._mentions]:
            before = self._entity.pop(gone, None)
            if before is not None:
                self._clusters.pop(before, None)
                entities[gone] = (before, None)
        components = self._components(touched)
        for each in (member for component in components for member in component):
            self._clusters.pop(self._entity.get(each, ""), None)
        for component in components:
            for cluster in self._clustered(component):
                self._enter(cluster, entities)
        return Changes(entities, verdicts)

    def _components(self, touched: Iterable[str]) -> list[set[str]]:
        found: list[set[str]] = []
        seen: set[str] = set()
        for each in touched:
            if each in self._mentions and each not in seen:
                component = self._graph.component(each)
                seen |= component
                found.append(component)
        return found

    def _clustered(self, ids: set[str]) -> list[Cluster]:
        members = {each: self._members[each] for each in ids}
        if self._are_plainly_one(members):
            return [whole(self._kind.name, members)]
        component, rules = self._graph.within(members), self._kind.rules
        margin, most = self._model.ambiguity_bits, self._limits.component_mentions
        return clusters(self._kind.name, component, rules, margin, most)

    def _are_plainly_one(self, members: Mapping[str, Member]) -> bool:
        """Tell quickly whether a component is one entity; most are, and `clusters` agrees."""
        if len(members) == 1:
            return True
        if len(members) > self._limits.component_mentions:
            return False
        is_linked = self._graph.are_plainly_linked(set(members))
        return is_linked and are_at_peace(members.values(), self._kind.rules)

    def _enter(self, cluster: Cluster, entities: dict[str, tuple[str | None, str | None]]) -> None:
        self._clusters[cluster.entity_id] = cluster
        for each in cluster.members:
            before = self._entity.get(each)
            if before != cluster.entity_id:
                entities[each] = (before, cluster.entity_id)
                self._entity[each] = cluster.entity_id

    @property
    def entities(self) -> Mapping[str, str]:
        """The entity of each mention."""
        return self._entity

    @property
    def clusters(self) -> Mapping[str, Cluster]:
        """Each entity with its mentions and alarms."""
        return self._clusters

    @property
    def verdicts(self) -> dict[Pair, Verdict]:
        """Every verdict that is kept."""
        return self._graph.verdicts()

    @property
    def defaults(self) -> frozenset[str]:
        """The keys of values that count nothing now."""
        return frozenset(self._meeting.values.defaults)

    @property
    def suspended(self) -> frozenset[str]:
        """The keys of blocks that are suspended now."""
        return frozenset(self._meeting.blocks.suspended)

    def is_empty(self) -> bool:
        """Tell whether nothing of any mention or judgement is left."""
        kept = (self._mentions, self._members, self._judgements, self._entity, self._clusters)
        return not any(kept) and self._meeting.is_empty() and self._graph.is_empty()

    def explain(self, a: str, b: str) -> str:
        """Answer why, or why not: the explanation of a pair's verdict, whether it met or not."""
        a, b = pair(a, b)
        judgement = self._graph.judgement(a, b)
        pairing = Pairing(
            self._mentions[a],
            self._mentions[b],
            self._meeting.blocks.met(a, b),
            {**self._graph.fitting(a), **self._graph.fitting(b)},
            judgement.summary if judgement is not None else None,
        )
        return explain(self._judge, self._kind.compare, pairing, self._meeting.values.defaults)
