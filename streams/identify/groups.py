"""Which mentions are connected, and the entities they come to (pure).

Invariant: a group that is kept is what `clusters` makes of its mentions now, and all of these are
held; who changes what counts lets go of the groups that it touched, or lets them grow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from streams.identify.forming import NO_ALARMS, Forming, Group, Resolved
from streams.identify.held import Held
from streams.identify.remains import Remains
from streams.resolution.clusters import entity_id
from streams.resolution.judgements import Pair
from streams.resolution.limits import Limits


class Groups:
    """The groups of several mentions that somebody asked for; single ones are not worth it."""

    def __init__(self, held: Held, limits: Limits) -> None:
        self._held = held
        self._forming = Forming(held, limits.component_mentions)
        self._groups: dict[str, Group] = {}

    def forget(self, remains: Remains) -> None:
        """Let go of everything that can be found again, to be freed by and by."""
        remains.take(self._groups)
        self._groups = {}

    def let_go(self, mentions: Iterable[str]) -> None:
        """Let go of the groups of mentions that are held no more."""
        for each in mentions:
            group = self._groups.get(each)
            for member in group.resolved if group is not None else ():
                self._groups.pop(member, None)

    def disturb(self, mentions: Iterable[str], lost: Collection[Pair] | None) -> None:
        """Let go of the groups of these mentions, which are all that are in them.

        Where nothing happened but that these links were `lost`, those that hold out stay.
        """
        found = [group for each in mentions if (group := self._groups.pop(each, None)) is not None]
        if lost is not None:
            for group in {id(each): each for each in found}.values():
                rest = self._forming.without(group, lost)
                if rest is not None:
                    self._keep(rest)

    def group(self, mention_id: str) -> Group:
        """Give the mentions that are connected with one, and what they are."""
        found = self._groups.get(mention_id)
        if found is None and self._held.is_alone(mention_id):
            return Group({mention_id: self._alone(mention_id)}, NO_ALARMS, None)
        if found is None:
            members = self._connected(mention_id)
            if len(members) == 1:
                return Group({mention_id: self._alone(mention_id)}, NO_ALARMS, None)
            found = self._forming.form(members)
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

    def _near(self, mention_id: str, besides: Collection[str]) -> Iterator[str]:
        """Give those near a mention who are there and of its kind."""
        held, known = self._held, self._held.known
        kind = known[mention_id].kind
        for other in held.graph.near(mention_id):
            is_there = other not in besides and (other in known or held.is_known(other))
            if is_there and known[other].kind == kind:
                yield other

    # ------------------------------------------------------------------ from what was there
    def grow(self, new: Iterable[str]) -> None:
        """Form the groups of mentions that are new, where nothing but they and theirs changed.

        The groups of those whom they fit must have been asked for before they came.
        """
        is_alone = self._held.graph.is_alone
        left = {each: list(self._near(each, ())) for each in new if not is_alone(each)}
        while left:
            fresh, parts = self._gathered(left)
            if len(fresh) > 1 or parts:
                self._keep(self._forming.grown(fresh, parts))

    def _gathered(self, left: dict[str, list[str]]) -> tuple[set[str], list[Group]]:
        """Take one new mention and all it is connected with: single ones, and groups so far."""
        first, near = left.popitem()
        fresh, parts = {first}, list[Group]()
        found, queue = {first}, near
        while queue:
            other = queue.pop()
            if other not in found:
                part = self._groups.get(other) if other not in left else None
                if part is not None:
                    parts.append(part)
                    found.update(part.resolved)
                else:
                    fresh.add(other)
                    found.add(other)
                    queue += left.pop(other, ())
            if left and not queue:
                for each in [each for each in left if not found.isdisjoint(left[each])]:
                    fresh.add(each)
                    found.add(each)
                    queue += left.pop(each)
        return fresh, parts
