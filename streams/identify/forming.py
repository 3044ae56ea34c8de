"""What mentions that are connected come to: from nothing, or from what parts came to (pure).

Invariant: both ways lead to the same. What is plainly one needs no clustering, and grows by looking
at what is new in it alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from recordbus.ids import verdict_id as id_of_verdict
from streams.identify.growth import Plain, grown, plain_one
from streams.identify.held import Held
from streams.resolution.clusters import (
    CHILD,
    MANY_BIRTH_DATES,
    MOST_BIRTH_DATES,
    OVER_CAP,
    YOUNGEST,
    clusters,
    entity_id,
)
from streams.resolution.joints import Age, Joint, ends_of, joints, parts, spanning
from streams.resolution.judgements import Pair
from streams.resolution.kinds import KINDS

NO_ALARMS: Final[frozenset[tuple[str, str]]] = frozenset()


@lru_cache(maxsize=1 << 16)
def verdict_id(ends: Pair) -> str:
    """Give the id of the verdict on a pair in order: 16 hex digits."""
    return id_of_verdict(*ends)


class Resolved(NamedTuple):
    """A mention's entity, and the id of the verdict by which it joined the earlier ones of it.

    The earliest mention of an entity has none, and every other has one.
    """

    entity_id: str
    verdicts: tuple[str, ...] = ()


class Group(NamedTuple):
    """Mentions that links, rivals or must-links connect: what each is, and what is alarming.

    `plain` is there when they are plainly one.
    """

    resolved: Mapping[str, Resolved]
    alarms: frozenset[tuple[str, str]]
    plain: Plain | None


class Forming:
    """Forms groups of mentions that are held; beyond `most` they alarm."""

    def __init__(self, held: Held, most: int) -> None:
        self._held = held
        self._most = most

    def form(self, ids: set[str]) -> Group:
        """Give the group of all these, which are all that are connected."""
        graph, kind = self._held.graph, self._kind(ids)
        if not graph.is_judged(ids) and not any(graph.is_vetoed(each, ids) for each in ids):
            singles = [self._single(each) for each in ids]
            plain = grown(singles, self._links(ids), KINDS[kind].rules)
            if plain is not None:
                return self._plainly(kind, plain, ())
        return self._clustered(kind, ids)

    def grown(self, fresh: set[str], parts: list[Group]) -> Group:
        """Give the group of new mentions and earlier groups that new links connect."""
        ids = fresh.union(*(part.resolved for part in parts))
        plains = [part.plain for part in parts if part.plain is not None]
        if len(plains) < len(parts) or self._is_parted(fresh, parts, ids):
            return self.form(ids)
        kind = self._kind(fresh)
        singles = [self._single(each) for each in fresh]
        links = [each for mention in fresh for each in self._joining(mention, ids)]
        plain = grown([*plains, *singles], links, KINDS[kind].rules)
        return self.form(ids) if plain is None else self._plainly(kind, plain, parts)

    def without(self, group: Group, lost: Collection[Pair]) -> Group | None:
        """Give a group once these links are lost; None where that is not plainly one any more."""
        plain = group.plain
        if plain is None:
            return None
        held = {each: one for each, one in plain.joints.items() if ends_of(one) not in lost}
        if len(held) == len(plain.joints):
            return group
        joints = spanning((*held.values(), *self._across(group.resolved, held.values())))
        if len(joints) < len(plain.joints):
            return None
        return self._plainly(self._kind(joints), plain._replace(joints=joints), (group,))

    def _across(self, ids: Collection[str], held: Iterable[Joint]) -> Iterator[Joint]:
        """Give all links between the parts that are held together."""
        part = parts(ids, map(ends_of, held))
        largest = max(part.values(), key=len)
        for mention, own in part.items():
            if own is not largest:
                yield from (
                    each
                    for each in self._joining(mention, ids)
                    if part[each[0][1]] is not part[each[3][1]]
                )

    def _kind(self, ids: Iterable[str]) -> str:
        return self._held.known[next(iter(ids))].kind

    def _clustered(self, kind: str, ids: Iterable[str]) -> Group:
        rules, margin = KINDS[kind].rules, self._held.judges[kind].model.ambiguity_bits
        known = self._held.known
        component = self._held.graph.within({each: known[each].member for each in ids})
        found = clusters(kind, component, rules, margin, self._most)
        joined_by = joints(component, found)
        resolved = {
            each: _resolved(cluster.entity_id, joined_by.get(each))
            for cluster in found
            for each in cluster.members
        }
        alarms = {(cluster.entity_id, alarm) for cluster in found for alarm in cluster.alarms}
        return Group(resolved, frozenset(alarms), None)

    # ------------------------------------------------------------------ what is plainly one
    def _single(self, mention_id: str) -> Plain:
        return plain_one(mention_id, self._held.known[mention_id].member, YOUNGEST)

    def _plainly(self, kind: str, plain: Plain, parts: Iterable[Group]) -> Group:
        """Give the group that is plainly one; what stays as it was is taken from its parts."""
        entity = entity_id(kind, plain.earliest[1])
        joints_before: Mapping[str, Joint] = {}
        resolved = {plain.earliest[1]: Resolved(entity)}
        for part in parts:
            if part.plain is not None and part.plain.earliest == plain.earliest:
                resolved, joints_before = dict(part.resolved), part.plain.joints
        for each, held in plain.joints.items():
            if joints_before.get(each) is not held:
                resolved[each] = _resolved(entity, ends_of(held))
        return Group(resolved, self._alarms(entity, plain, len(resolved)), plain)

    def _alarms(self, entity: str, plain: Plain, size: int) -> frozenset[tuple[str, str]]:
        if size <= self._most and len(plain.births) <= MOST_BIRTH_DATES and not plain.has_child:
            return NO_ALARMS
        alarms = {
            OVER_CAP: size > self._most,
            MANY_BIRTH_DATES: len(plain.births) > MOST_BIRTH_DATES,
            CHILD: plain.has_child,
        }
        return frozenset((entity, name) for name, is_so in alarms.items() if is_so)

    # ------------------------------------------------------------------ links by their order
    def _joining(self, mention_id: str, ids: Collection[str]) -> Iterator[Joint]:
        """Give the links of a mention with any of these."""
        ours = self._age(mention_id)
        for other, verdict in self._held.graph.links_of(mention_id).items():
            if other in ids:
                theirs = self._age(other)
                later, earlier = (ours, theirs) if ours > theirs else (theirs, ours)
                yield (later, True, -verdict.bits, earlier)

    def _links(self, ids: Iterable[str]) -> list[Joint]:
        """Give the links that can hold these together: of each mention, one to each earlier part.

        Of a thousand links between fifty mentions, only those fifty have to be put in order.
        """
        links_of, found = self._held.graph.links_of, list[Joint]()
        part: dict[str, list[str]] = {}
        for age in sorted(map(self._age, ids)):
            own = links_of(age[1]).items()
            earlier = [(-v.bits, self._age(other)) for other, v in own if other in part]
            parts = {id(part[other]): part[other] for _, (_, other) in earlier}
            for each in parts.values():
                found.append((age, True, *min(e for e in earlier if part[e[1][1]] is each)))
            into = max(parts.values(), key=len, default=[])
            for each in ([age[1]], *parts.values()):
                if each is not into:
                    into += each
                    part |= dict.fromkeys(each, into)
        return found

    def _age(self, mention_id: str) -> Age:
        return (self._held.known[mention_id].member.recorded_at, mention_id)

    def _is_parted(self, fresh: set[str], parts: list[Group], ids: set[str]) -> bool:
        """Tell whether a judgement is about any of these, or a veto parts two that were not one."""
        graph = self._held.graph
        if graph.is_judged(ids):
            return True
        largest = max(parts, key=lambda part: len(part.resolved), default=None)
        others = (each for part in parts if part is not largest for each in part.resolved)
        return any(graph.is_vetoed(each, ids) for each in (*fresh, *others))


def _resolved(entity: str, held: Pair | None) -> Resolved:
    return Resolved(entity, (verdict_id(held),) if held else ())
