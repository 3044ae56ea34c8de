"""The surroundings of an entity: what is tied to it within some steps, bounded (pure).

Invariant: only ties that may be followed lead on (R-04, R-07). A victim, a witness, people seen
together, and what a dispute froze are drawn at the entity asked for and nowhere else, each marked
as what it is. What does not fit is counted and said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from consumers.search.inquiry.following import Following
from consumers.search.statements import Graph, StoredTie

MOST_ENTITIES: Final = 150
MOST_DRAWN_TIES: Final = 400
MOST_TIES: Final = 200
DEEPEST: Final = 4


@dataclass(frozen=True, slots=True)
class Node:
    """An entity in the picture; `distance` in steps from the one in the middle."""

    entity_id: str
    kind: str
    distance: int


@dataclass(frozen=True, slots=True)
class Network:
    """Entities and ties. `left_out` counts ties that do not lead on, by reason.

    `entities_cut` and `ties_cut` count what did not fit, `crowded` are entities with too many ties
    to be drawn.
    """

    centre: str
    depth: int
    nodes: tuple[Node, ...]
    ties: tuple[StoredTie, ...]
    left_out: Mapping[str, int]
    entities_cut: int
    ties_cut: int
    crowded: tuple[str, ...]


def network(graph: Graph, centre: str, kind: str, depth: int, following: Following) -> Network:
    """Give what is around an entity, out to `depth` steps, the nearest first."""
    drawing = _Drawing(graph, centre, following, {centre: Node(centre, kind, 0)})
    ring = [centre]
    for distance in range(1, depth + 1):
        ring = drawing.grow(ring, distance)
    drawing.close(ring)
    ties = sorted(drawing.ties.values(), key=lambda tie: tie.association_id)
    return Network(
        centre, depth, tuple(drawing.nodes.values()), tuple(ties[:MOST_DRAWN_TIES]),
        dict(drawing.left_out), len(drawing.cut), max(len(ties) - MOST_DRAWN_TIES, 0),
        tuple(sorted(drawing.crowded)),
    )  # fmt: skip


@dataclass(slots=True)
class _Drawing:
    graph: Graph
    centre: str
    following: Following
    nodes: dict[str, Node]
    ties: dict[str, StoredTie] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)
    cut: set[str] = field(default_factory=set)
    crowded: set[str] = field(default_factory=set)
    _counted: set[str] = field(default_factory=set)
    _led_to: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._led_to.add(self.centre)

    def grow(self, ring: list[str], distance: int) -> list[str]:
        """Add what the entities of a ring lead to; give the ring outside of it."""
        outer: list[str] = []
        for entity in ring:
            for tie in self._ties_of(entity):
                other = tie.other_end(entity)
                leads_on = self._leads_on(tie)
                is_drawn = leads_on or self._is_of_the_middle(tie, entity)
                fits = is_drawn and self._add(tie, other, distance)
                if fits and leads_on and other not in self._led_to:
                    self._led_to.add(other)
                    outer.append(other)
        return outer

    def close(self, ring: list[str]) -> None:
        """Add the ties among those that are drawn already."""
        for entity in ring:
            for tie in self._ties_of(entity):
                if self._leads_on(tie) and tie.other_end(entity) in self.nodes:
                    self.ties[tie.association_id] = tie

    def _ties_of(self, entity: str) -> list[StoredTie]:
        ties = self.graph.ties(entity, MOST_TIES)
        found = [tie for tie in ties if tie.from_entity != tie.to_entity]
        if len(found) > MOST_TIES:
            self.crowded.add(entity)
            return found[:MOST_TIES] if entity == self.centre else []
        return found

    def _leads_on(self, tie: StoredTie) -> bool:
        reason = self.following.barred(tie.told)
        if reason is not None and tie.association_id not in self._counted:
            self._counted.add(tie.association_id)
            self.left_out[reason] += 1
        return reason is None

    def _is_of_the_middle(self, tie: StoredTie, entity: str) -> bool:
        return entity == self.centre and self.following.is_drawn_around(tie.told)

    def _add(self, tie: StoredTie, other: str, distance: int) -> bool:
        """Draw a tie; False when its other end does not fit."""
        is_new = other not in self.nodes
        if is_new and len(self.nodes) >= MOST_ENTITIES:
            self.cut.add(other)
            return False
        self.ties[tie.association_id] = tie
        if is_new:
            self.nodes[other] = Node(other, tie.kind_of(other), distance)
        return True
