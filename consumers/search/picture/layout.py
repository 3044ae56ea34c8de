"""Where the entities of a network stand: the one asked for in the middle, others by their ties.

The same network always gives the same places, so that two people speak of the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import networkx

from consumers.search.inquiry.network import Network

SEED: Final = 7
ROOM: Final = 235.0
"""So much room each entity has, in pixels: its label fits in."""
MARGIN: Final = 90.0
LEAST_ACROSS: Final = 165.0
LEAST_BETWEEN_ROWS: Final = 62.0
_ROUNDS: Final = 200


class Point(NamedTuple):
    """A place in pixels, from the upper left."""

    x: float
    y: float


class Layout(NamedTuple):
    """The place of every entity, by its id, and how large the picture is."""

    places: Mapping[str, Point]
    width: float
    height: float


def layout(found: Network) -> Layout:
    """Give the place of every entity of a network."""
    graph: networkx.Graph[str] = networkx.Graph()
    graph.add_nodes_from(node.entity_id for node in found.nodes)
    graph.add_edges_from((tie.from_entity, tie.to_entity) for tie in found.ties)
    raw = networkx.spring_layout(
        graph, pos=_rings(found), fixed=[found.centre], k=1.6 / math.sqrt(len(graph)),
        iterations=_ROUNDS, seed=SEED,
    )  # fmt: skip
    found_at = {entity: (float(x), float(y)) for entity, (x, y) in raw.items()}
    scale = ROOM * math.sqrt(len(graph)) / _span(found_at.values())
    places = {entity: [x * scale, y * scale] for entity, (x, y) in found_at.items()}
    _push_apart(places)
    left, top = (min(place[axis] for place in places.values()) for axis in (0, 1))
    moved = {
        entity: Point(round(x - left + MARGIN, 1), round(y - top + MARGIN, 1))
        for entity, (x, y) in places.items()
    }
    width = max(point.x for point in moved.values()) + MARGIN
    height = max(point.y for point in moved.values()) + MARGIN
    return Layout(moved, width, height)


def _span(places: Iterable[Sequence[float]]) -> float:
    """Give how far the places reach, the wider of both ways; 1 for a single place."""
    points = list(places)
    spans = (max(p[axis] for p in points) - min(p[axis] for p in points) for axis in (0, 1))
    return float(max(spans)) or 1.0


def _rings(found: Network) -> dict[str, tuple[float, float]]:
    """Give where everything starts from: on rings around the middle, by distance."""
    rings: dict[int, list[str]] = {}
    for node in found.nodes:
        rings.setdefault(node.distance, []).append(node.entity_id)
    places = {}
    for distance, entities in rings.items():
        for number, entity in enumerate(entities):
            angle = 2 * math.pi * number / len(entities) + distance / 2
            places[entity] = (distance * math.cos(angle) / 3, distance * math.sin(angle) / 3)
    return places


def _push_apart(places: dict[str, list[float]]) -> None:
    """Move entities apart whose labels would lie on each other."""
    names = sorted(places)
    for _ in range(_ROUNDS):
        was_moved = False
        for number, one in enumerate(names):
            for other in names[number + 1 :]:
                was_moved |= _part(places[one], places[other])
        if not was_moved:
            return


def _part(one: list[float], other: list[float]) -> bool:
    across, down = other[0] - one[0], other[1] - one[1]
    wants_x, wants_y = LEAST_ACROSS - abs(across), LEAST_BETWEEN_ROWS - abs(down)
    if wants_x <= 0 or wants_y <= 0:
        return False
    if wants_y <= wants_x:
        shift = wants_y / 2 + 0.5
        one[1] -= shift if down >= 0 else -shift
        other[1] += shift if down >= 0 else -shift
    else:
        shift = wants_x / 2 + 0.5
        one[0] -= shift if across >= 0 else -shift
        other[0] += shift if across >= 0 else -shift
    return True
