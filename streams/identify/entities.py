"""The entities as they follow from what counts, found where they are asked for (pure).

Invariant: everything here is a cache over lists, judgements and default values. `forget` may be
called at any time and changes no answer, only what it costs; so it bounds the memory too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from streams.identify.counting import Counted, Counting
from streams.identify.entries import Court, record_of
from streams.identify.judged import Judged
from streams.identify.lists import Lists
from streams.identify.members import Known
from streams.resolution.clusters import clusters, entity_id, joints
from streams.resolution.evidence import Evidence
from streams.resolution.graph import Graph
from streams.resolution.judgements import Judgement, Pair
from streams.resolution.kinds import KINDS
from streams.resolution.limits import LIMITS, Limits
from streams.resolution.verdicts import Judge, Verdict

_VERDICT_ID: Final = 16


@lru_cache(maxsize=1 << 16)
def verdict_id(ends: Pair) -> str:
    """Give the id of the verdict on a pair in order: 16 hex digits."""
    return hashlib.sha256(f"{ends[0]}~{ends[1]}".encode()).hexdigest()[:_VERDICT_ID]


class Resolved(NamedTuple):
    """A mention's entity, and the ids of the verdicts by which it belongs there, sorted."""

    entity_id: str
    verdicts: tuple[str, ...] = ()


class Group(NamedTuple):
    """Mentions that links, rivals or must-links connect: what each is, and what is alarming."""

    resolved: Mapping[str, Resolved]
    alarms: frozenset[tuple[str, str]]


class Entities:
    """Who is who now: mentions, the verdicts between them, and the entities that follow."""

    def __init__(
        self,
        lists: Lists,
        counting: Counting,
        judged: Judged,
        judges: Mapping[str, Judge],
        limits: Limits = LIMITS,
    ) -> None:
        self._lists = lists
        self._counting = counting
        self._judged = judged
        self._judges = judges
        self._limits = limits
        self.defaults: set[str] = set()
        self._loaded: set[str] = {""}
        self.forget()

    def forget(self) -> None:
        """Let go of everything that can be found again."""
        if not self._loaded:
            return  # as while values are restored, one by one
        self._loaded = set()
        self._known: dict[str, Known] = {}
        self._mentions: dict[str, tuple[str, ...]] = {}
        self._graph = Graph()
        self._courts: dict[str, set[Court]] = {}
        self._groups: dict[str, Group] = {}

    @property
    def loaded(self) -> int:
        """Count the records that are held in memory in full."""
        return len(self._loaded)

    # ------------------------------------------------------------------ what is held of a record
    def load(self, record_key: str) -> None:
        """Hold everything that counts of a record, unless it is held already."""
        if record_key in self._loaded:
            return
        self._loaded.add(record_key)
        counted = self._counting.of(record_key, self._lists.of(record_key))
        self._hold_mentions(record_key, counted.known)
        for ends, (kind, evidence) in counted.pairs.items():
            if self._graph.get(*ends) is None:
                verdict = self.verdict(kind, evidence)
                if verdict is not None:
                    self._graph.add(*ends, verdict)
        self.hold_courts(counted.courts)
        for ends in self._judged.of_record(record_key):
            judgement = self.counting_judgement(ends)
            if judgement is not None:
                self._graph.judge(judgement)

    def _hold_mentions(self, record_key: str, known: Mapping[str, Known]) -> None:
        for gone in self._mentions.pop(record_key, ()):
            del self._known[gone]
        if known:
            self._mentions[record_key] = tuple(known)
            self._known.update(known)

    def hold_courts(self, courts: Iterable[Court]) -> None:
        """Let these decisions count."""
        for each in courts:
            self._courts.setdefault(each.arrest_key, set()).add(each)
            self._courts.setdefault(each.court_key, set()).add(each)

    def drop_courts(self, courts: Iterable[Court]) -> None:
        """Let these decisions count no more."""
        for each in courts:
            for key in {each.arrest_key, each.court_key}:
                self._courts[key].discard(each)
                if not self._courts[key]:
                    del self._courts[key]

    def verdict(
        self, kind: str, evidence: Evidence, defaults: Collection[str] | None = None
    ) -> Verdict | None:
        """Give the verdict on evidence, if it is worth keeping.

        Without `defaults` it is that under the default values of now.
        """
        counting = self.defaults if defaults is None else defaults
        verdict = self._judges[kind].verdict(evidence, counting)
        return verdict if verdict.is_kept else None

    def counting_judgement(
        self, ends: Pair, changing: tuple[str, Mapping[str, Known]] = ("", {})
    ) -> Judgement | None:
        """Give the judgement on a pair if it is in force and both mentions are there, of one kind.

        Who is only described is nobody else's, whatever was judged. `changing` is a record with
        the mentions that it will have.
        """
        judgement = self._judged.in_force(ends)
        if judgement is None:
            return None
        kinds = {self._kind_of(each, *changing) for each in ends}
        return judgement if len(kinds) == 1 and "" not in kinds else None

    def _kind_of(self, mention_id: str, changing: str, with_known: Mapping[str, Known]) -> str:
        if record_of(mention_id) == changing:
            known = with_known.get(mention_id)
        elif mention_id in self._known:
            known = self._known[mention_id]
        else:
            spoken = self._lists.of(record_of(mention_id))
            known = self._counting.known(spoken).get(mention_id) if spoken.is_live else None
        return "" if known is None or known.is_alone else known.kind

    def counted(self, record_key: str) -> tuple[dict[str, Known], dict[Pair, Verdict], set[Court]]:
        """Give what is held of a record: mentions, verdicts worth keeping, decisions."""
        self.load(record_key)
        mentions = {each: self._known[each] for each in self._mentions.get(record_key, ())}
        return mentions, self._graph.of(mentions), self._courts.get(record_key, set())

    def verdicts(self, counted: Counted) -> dict[Pair, Verdict]:
        """Give the verdicts worth keeping of what counts."""
        found = {
            ends: self.verdict(kind, evidence) for ends, (kind, evidence) in counted.pairs.items()
        }
        return {ends: verdict for ends, verdict in found.items() if verdict is not None}

    def kept(self, ends: Pair) -> Verdict | None:
        """Give the verdict that is held of a pair whose records are loaded."""
        return self._graph.get(*ends)

    def mentions(self, record_key: str) -> tuple[str, ...]:
        """Give a record's mentions in their order; none unless it is live."""
        self.load(record_key)
        return self._mentions.get(record_key, ())

    # ------------------------------------------------------------------ changes
    def replace(self, record_key: str, known: Mapping[str, Known]) -> None:
        """Let a loaded record have these mentions."""
        self._hold_mentions(record_key, known)

    def keep(self, ends: Pair, verdict: Verdict | None) -> None:
        """Let this be the verdict on a pair, None for none that is worth keeping."""
        before = self._graph.get(*ends)
        if before is not None:
            self._graph.drop(*ends, before)
        if verdict is not None:
            self._graph.add(*ends, verdict)

    def judge(self, ends: Pair, judgement: Judgement | None) -> None:
        """Let this judgement count on a pair, or none."""
        if judgement is None:
            self._graph.unjudge(*ends)
        else:
            self._graph.judge(judgement)

    def judgement(self, ends: Pair) -> Judgement | None:
        """Give the judgement that counts on a pair whose records are loaded."""
        return self._graph.judgement(*ends)

    def disturb(self, mentions: Iterable[str]) -> None:
        """Forget which entities these mentions are in."""
        for each in mentions:
            self._groups.pop(each, None)

    # ------------------------------------------------------------------ answers
    def is_known(self, mention_id: str) -> bool:
        """Tell whether a mention counts."""
        self.load(record_of(mention_id))
        return mention_id in self._known

    def group(self, mention_id: str) -> Group:
        """Give the mentions that are connected with one, and what they are."""
        found = self._groups.get(mention_id)
        if found is None:
            members = self._connected(mention_id)
            if len(members) == 1:  # most are: forgotten at once, for that is cheaper than to keep
                return Group({mention_id: self._alone(mention_id)}, frozenset())
            found = self._form(members)
            self._groups.update(dict.fromkeys(members, found))
        return found

    def resolved(self, mention_id: str) -> Resolved:
        """Give what a mention is."""
        return self.group(mention_id).resolved[mention_id]

    def _alone(self, mention_id: str) -> Resolved:
        return Resolved(entity_id(self._known[mention_id].kind, mention_id))

    def _connected(self, start: str) -> set[str]:
        self.load(record_of(start))
        kind = self._known[start].kind
        found, left = {start}, [start]
        while left:
            for other in self._graph.near(left.pop()):
                if other not in found and self.is_known(other) and self._known[other].kind == kind:
                    found.add(other)
                    left.append(other)
        return found

    def _form(self, ids: Collection[str]) -> Group:
        kind = self._known[next(iter(ids))].kind
        component = self._graph.within({each: self._known[each].member for each in ids})
        margin, most = self._judges[kind].model.ambiguity_bits, self._limits.component_mentions
        found = clusters(kind, component, KINDS[kind].rules, margin, most)
        verdicts: dict[str, list[str]] = {each: [] for each in ids}
        for ends in joints(component, found):
            for end in ends:
                verdicts[end].append(verdict_id(ends))
        resolved = {
            each: Resolved(cluster.entity_id, tuple(sorted(verdicts[each])))
            for cluster in found
            for each in cluster.members
        }
        alarms = {(cluster.entity_id, alarm) for cluster in found for alarm in cluster.alarms}
        return Group(resolved, frozenset(alarms))

    def reaching(self, record_key: str) -> tuple[tuple[str, Court], ...]:
        """Give the courts' decisions that reach people of a record: mention and decision, sorted.

        A decision reaches a person who is in one entity with one whom it is about (R-26).
        """
        self.load(record_key)
        courts = self._courts.get(record_key)
        return tuple(sorted(self._reaching(record_key, courts))) if courts else ()

    def _reaching(self, record_key: str, courts: Iterable[Court]) -> Iterator[tuple[str, Court]]:
        entities = {
            each: self.resolved(each).entity_id
            for each in self._mentions.get(record_key, ())
            if self._known[each].kind == "person"
        }
        for court in courts:
            if court.arrest_key == record_key:
                about = {self._person(f"{court.court_key}.{local}") for local in court.people}
                for mention, entity in entities.items():
                    if entity in about:
                        yield mention, court

    def _person(self, mention_id: str) -> str | None:
        if not self.is_known(mention_id) or self._known[mention_id].kind != "person":
            return None
        return self.resolved(mention_id).entity_id
