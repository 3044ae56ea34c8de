"""Which mentions are connected, and the entities they come to (pure).

Invariant: a group that is kept is what `clusters` makes of its mentions now; who changes what
counts lets go of the groups that it touched, or lets them grow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

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
from streams.resolution.components import Component
from streams.resolution.joints import Age, Joint, ends_of, joint, joints
from streams.resolution.judgements import Pair
from streams.resolution.kinds import KINDS
from streams.resolution.limits import Limits
from streams.resolution.verdicts import SAME

_VERDICT_ID: Final = 16
_NO_ALARMS: Final[frozenset[tuple[str, str]]] = frozenset()


@lru_cache(maxsize=1 << 16)
def verdict_id(ends: Pair) -> str:
    """Give the id of the verdict on a pair in order: 16 hex digits."""
    return hashlib.sha256(f"{ends[0]}~{ends[1]}".encode()).hexdigest()[:_VERDICT_ID]


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


class Groups:
    """The groups of several mentions that somebody asked for; single ones are not worth it."""

    def __init__(self, held: Held, limits: Limits) -> None:
        self._held = held
        self._most = limits.component_mentions
        self._groups: dict[str, Group] = {}

    def forget(self) -> None:
        """Let go of everything that can be found again."""
        self._groups = {}

    def disturb(self, mentions: Iterable[str]) -> None:
        """Let go of the groups of these mentions, which are all that are in them."""
        for each in mentions:
            self._groups.pop(each, None)

    def group(self, mention_id: str) -> Group:
        """Give the mentions that are connected with one, and what they are."""
        found = self._groups.get(mention_id)
        if found is None:
            members = self._connected(mention_id)
            if len(members) == 1:
                return Group({mention_id: self._alone(mention_id)}, _NO_ALARMS, None)
            found = self._form(members)
            self._keep(found)
        return found

    def resolved(self, mention_id: str) -> Resolved:
        """Give what a mention is."""
        found = self._groups.get(mention_id)
        if found is None and self._held.is_alone(mention_id):
            return self._alone(mention_id)
        return (found or self.group(mention_id)).resolved[mention_id]

    def _keep(self, group: Group) -> None:
        self._groups.update(dict.fromkeys(group.resolved, group))

    def _alone(self, mention_id: str) -> Resolved:
        return Resolved(entity_id(self._held.known[mention_id].kind, mention_id))

    def _connected(self, start: str) -> set[str]:
        self._held.is_known(start)
        found, left = {start}, [start]
        while left:
            for other in self._near(left.pop(), found):
                found.add(other)
                left.append(other)
        return found

    def _near(self, mention_id: str, besides: set[str]) -> Iterator[str]:
        """Give those near a mention who are there and of its kind."""
        held = self._held
        kind = held.known[mention_id].kind
        for other in held.graph.near(mention_id):
            if other not in besides and held.is_known(other) and held.known[other].kind == kind:
                yield other

    # ------------------------------------------------------------------ from nothing
    def _form(self, ids: set[str]) -> Group:
        held = self._held
        kind = held.known[next(iter(ids))].kind
        rules, margin = KINDS[kind].rules, held.judges[kind].model.ambiguity_bits
        component = held.graph.within({each: held.known[each].member for each in ids})
        if not (component.together or component.apart or component.vetoed):
            singles = [self._single(each) for each in ids]
            plain = grown(singles, list(self._links(component)), rules)
            if plain is not None:
                return self._plainly(kind, plain, ())
        found = clusters(kind, component, rules, margin, self._most)
        joined_by = joints(component, found)
        resolved = {
            each: _resolved(cluster.entity_id, joined_by.get(each))
            for cluster in found
            for each in cluster.members
        }
        alarms = {(cluster.entity_id, alarm) for cluster in found for alarm in cluster.alarms}
        return Group(resolved, frozenset(alarms), None)

    def _single(self, mention_id: str) -> Plain:
        return plain_one(mention_id, self._held.known[mention_id].member, YOUNGEST)

    def _plainly(self, kind: str, plain: Plain, parts: Iterable[Group]) -> Group:
        """Give the group that is plainly one; what stays as it was is taken from its parts."""
        entity, joints_before = entity_id(kind, plain.earliest[1]), dict[str, Joint]()
        resolved = {plain.earliest[1]: Resolved(entity)}
        for part in parts:
            if part.plain is not None and part.plain.earliest == plain.earliest:
                resolved, joints_before = dict(part.resolved), dict(part.plain.joints)
        for each, held in plain.joints.items():
            if joints_before.get(each) is not held:
                resolved[each] = _resolved(entity, ends_of(held))
        return Group(resolved, self._alarms(entity, plain, len(resolved)), plain)

    def _alarms(self, entity: str, plain: Plain, size: int) -> frozenset[tuple[str, str]]:
        alarms = {
            OVER_CAP: size > self._most,
            MANY_BIRTH_DATES: len(plain.births) > MOST_BIRTH_DATES,
            CHILD: plain.has_child,
        }
        if not any(alarms.values()):
            return _NO_ALARMS
        return frozenset((entity, name) for name, is_so in alarms.items() if is_so)

    # ------------------------------------------------------------------ from what was there
    def grow(self, new: Iterable[str]) -> None:
        """Form the groups of mentions that are new, where nothing but they and theirs changed.

        The groups of those whom they fit must have been asked for before they came.
        """
        is_alone = self._held.graph.is_alone
        left = {each: None for each in new if not is_alone(each)}
        while left:
            fresh, parts = self._gathered(left)
            if len(fresh) > 1 or parts:
                self._keep(self._grown(fresh, parts))

    def _gathered(self, left: dict[str, None]) -> tuple[set[str], list[Group]]:
        """Take one new mention and all it is connected with: single ones, and groups so far."""
        fresh, parts = {left.popitem()[0]}, list[Group]()
        found, queue = set(fresh), list(fresh)
        while queue:
            for other in self._near(queue.pop(), found):
                if other in found:
                    continue
                part = self._groups.get(other) if other not in left else None
                if part is not None:
                    parts.append(part)
                    found.update(part.resolved)
                else:
                    fresh.add(other)
                    found.add(other)
                    if other in left:
                        del left[other]
                        queue.append(other)
            if not queue:
                touching = [each for each in left if any(True for _ in self._touching(each, found))]
                for each in touching:
                    del left[each]
                fresh.update(touching)
                found.update(touching)
                queue += touching
        return fresh, parts

    def _touching(self, mention_id: str, found: set[str]) -> Iterator[str]:
        return (other for other in self._near(mention_id, set()) if other in found)

    def _grown(self, fresh: set[str], parts: list[Group]) -> Group:
        """Give the group of mentions and earlier groups that new links connect."""
        ids = fresh.union(*(part.resolved for part in parts))
        plains = [part.plain for part in parts if part.plain is not None]
        if len(plains) < len(parts) or self._is_parted(fresh, parts, ids):
            return self._form(ids)
        kind = self._held.known[next(iter(fresh))].kind
        singles = [self._single(each) for each in fresh]
        links = {joint for each in fresh for joint in self._joining(each, ids)}
        plain = grown([*plains, *singles], links, KINDS[kind].rules)
        return self._form(ids) if plain is None else self._plainly(kind, plain, parts)

    def _joining(self, mention_id: str, ids: set[str]) -> Iterator[Joint]:
        age = self._age(mention_id)
        for other, verdict in self._held.graph.fitting(mention_id).items():
            if verdict.outcome == SAME and other in ids:
                yield joint(age, self._age(other), verdict.bits)

    def _links(self, component: Component) -> Iterator[Joint]:
        for (a, b), verdict in component.links.items():
            if verdict.outcome == SAME:
                yield joint(self._age(a), self._age(b), verdict.bits)

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
