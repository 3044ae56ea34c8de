"""An entity as records tell of it: each statement with its record, differences side by side (pure).

Invariant: nothing is merged. What two records say differently stands as two values, each with the
records that say so; no value is picked as the right one (R-09).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from consumers.search.answers import Standings
from consumers.search.statements import Graph, Pointer, Statement
from consumers.search.words import fold
from recordbus import ids

MOST_STATEMENTS: Final = 200
_COMPARED: Final[Mapping[str, tuple[str, ...]]] = {
    "person": ("name", "born", "sex", "eyes", "height_inches"),
    "vehicle": ("plate", "plate_state", "vin", "year", "make", "model", "colour"),
    "organisation": ("name", "type"),
    "location": ("name",),
    "phone": ("name",),
    "matter": ("name",),
}
_CAPTION_LOOKS: Final = 20
"""So many of an entity's statements are looked at for one that may be shown."""
NOT_SHOWN: Final = "(not shown)"


@dataclass(frozen=True, slots=True)
class Said:
    """One of several things that records say, and which mentions say it."""

    value: str
    mention_ids: tuple[str, ...]
    departments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of which records say different things, what most say first."""

    field: str
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """What records say of one entity. `mentions` counts all, `statements` holds the newest.

    `pointers` say whom to ask about what is not shown of it, each owner once (R-31).
    """

    entity_id: str
    kind: str
    caption: str
    mentions: int
    statements: tuple[Statement, ...]
    differences: tuple[Difference, ...]
    departments: Mapping[str, int]
    pointers: tuple[Pointer, ...] = ()


def entity(graph: Graph, entity_id: str) -> Entity | None:
    """Give an entity with what records say of it, None when there is none of that id."""
    statements = _answered(graph, _of_each_other(graph.statements(entity_id, MOST_STATEMENTS)))
    if not statements:
        return None
    departments = Counter(each.record.department for each in statements)
    return Entity(
        entity_id, statements[0].kind, caption(statements), graph.mentions_count(entity_id),
        statements, tuple(_differences(statements)),
        dict(sorted(departments.items())), tuple(graph.pointers(entity_id)),
    )  # fmt: skip


def _answered(graph: Graph, statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Put to each statement how its record stands with its owner (R-34)."""
    standings = Standings(graph.answered({each.record.record_key for each in statements}))
    return tuple(
        each._replace(
            record=each.record._replace(standing=standings.of_record(each.record.record_key))
        )
        for each in statements
    )


def _of_each_other(statements: Sequence[Statement]) -> tuple[Statement, ...]:
    """Leave to each statement the verdicts on it and another of these; others say there is more."""
    if not any(each.verdicts for each in statements):
        return tuple(statements)
    mentions = sorted(each.mention_id for each in statements)
    known = {ids.verdict_id(*pair) for pair in combinations(mentions, 2)}
    return tuple(
        each._replace(verdicts=tuple(said for said in each.verdicts if said in known))
        for each in statements
    )


def caption(statements: Sequence[Statement]) -> str:
    """Give how the newest record that may be shown names an entity."""
    named = (each.caption for each in statements if each.shown.get("caption"))
    return next(named, NOT_SHOWN)


def captions(graph: Graph) -> Callable[[str], str]:
    """Give a function that names an entity as its newest record does, and remembers it."""
    known: dict[str, str] = {}

    def caption_of(entity_id: str) -> str:
        if entity_id not in known:
            known[entity_id] = caption(graph.statements(entity_id, _CAPTION_LOOKS))
        return known[entity_id]

    return caption_of


def short(entity_id: str) -> str:
    """Give the beginning of an id, enough to ask for it again."""
    return entity_id[:12]


def short_mention(mention_id: str) -> str:
    """Give a mention's id with the beginning of its record's key, enough to ask for it again."""
    record_key, _, local_id = mention_id.partition(".")
    return f"{record_key[:12]}.{local_id}"


def _differences(statements: Sequence[Statement]) -> Iterator[Difference]:
    for field in _COMPARED.get(statements[0].kind, ()):
        said: dict[str, list[tuple[str, Statement]]] = {}
        for statement in statements:
            for value in _values(statement.shown, field):
                said.setdefault(fold(value), []).append((value, statement))
        if len(said) > 1:
            ranked = sorted(said.items(), key=lambda each: (-len(each[1]), each[0]))
            yield Difference(field, tuple(_said(found) for _, found in ranked))


def _values(shown: Mapping[str, Any], field: str) -> Iterator[str]:
    name = "caption" if field == "name" else field
    value = shown.get(name)
    if isinstance(value, list):
        value = f"{value[0]}-{value[1]}" if value[0] != value[1] else value[0]
    if value is not None and str(value):
        yield str(value)


def _said(found: Sequence[tuple[str, Statement]]) -> Said:
    departments = {each.record.department for _, each in found}
    mentions = dict.fromkeys(each.mention_id for _, each in found)
    return Said(found[0][0], tuple(mentions), tuple(sorted(departments)))
