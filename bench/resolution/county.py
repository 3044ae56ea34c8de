"""A synthetic county resolved in memory, record by record beside its truth."""

from __future__ import annotations

from collections import Counter

from bench.resolution.slices import Told, groups_of
from producers.synthetic.people import Person
from producers.synthetic.person_rows import COLUMNS, person_rows
from producers.synthetic.world import world
from streams.resolution.batch import resolve
from streams.resolution.model import Model
from streams.resolve.columns import COLUMNS as WANTED
from streams.resolve.columns import Row
from streams.resolve.mention import read

_PLACES = [COLUMNS.index(name) if name in COLUMNS else None for name in WANTED]


def resolved_county(people: int, seed: int, model: Model) -> list[Told]:
    """Make a county, resolve everybody its records name, and lay the entities beside the truth."""
    rows = list(person_rows(world(people, seed)))
    mentions = [read(_row(made.cells), place, None).mention for place, made in enumerate(rows)]
    entities = resolve(mentions, model).entities
    bearers = _bearers([made.truth for made in rows])
    return [
        Told(entities[mention.mention_id], made.truth.id, groups_of(made.truth, bearers))
        for mention, made in zip(mentions, rows, strict=True)
    ]


def _row(cells: tuple[str, ...]) -> Row:
    return Row._make("" if place is None else cells[place] for place in _PLACES)


def _bearers(people: list[Person]) -> Counter[str]:
    return Counter(surname for _, surname in {(each.id, each.surname) for each in people})
