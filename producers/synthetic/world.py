"""A world: everything that follows from (people, seed, snapshots), one block at a time.

Two worlds with the same three numbers are equal to the byte, on every machine and whatever
PYTHONHASHSEED is; nothing here holds more than one block.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from producers.synthetic.damage import damaged, draw_damage
from producers.synthetic.exports.all import ALL
from producers.synthetic.exports.form import Row
from producers.synthetic.facts import Fact
from producers.synthetic.happenings.life import happenings
from producers.synthetic.happenings.scribe import Scribe
from producers.synthetic.history import Change, Version, history
from producers.synthetic.population import Block, Population


class Told(NamedTuple):
    """One record's life: its versions over the snapshots, its changes, the damage of its row."""

    fact: Fact
    versions: list[Version]
    changes: list[Change]
    damage: str


class ExportRow(NamedTuple):
    """A row of one file of a department's snapshot, before its dialect."""

    file: str
    header: tuple[str, ...]
    cells: Row


class World:
    """`people` people, `snapshots` snapshots a day apart; iterate as often as you like."""

    def __init__(self, people: int, seed: int, snapshots: int = 1) -> None:
        if people < 1 or snapshots < 1:
            raise ValueError("a world needs at least one person and one snapshot")
        self.people = people
        self.seed = seed
        self.snapshots = snapshots

    def chronicle(self) -> Iterator[tuple[Block, list[Told]]]:
        """Yield each block of people with the records it leaves, in the one fixed order."""
        population = Population(self.seed, self.people)
        scribe = Scribe(self.snapshots, population.dwellings)
        for block in population.blocks():
            scribe.turn_to(block)
            yield block, [self._told(fact, block) for fact in happenings(scribe)]

    def _told(self, fact: Fact, block: Block) -> Told:
        versions, changes = history(fact, self.snapshots, block.uniform)
        damage = ""
        if not changes:
            damage = draw_damage(ALL[fact.department].by_kind[fact.kind], block.uniform)
        return Told(fact, versions, changes, damage)

    def facts(self, snapshot: int = 1, department: str | None = None) -> Iterator[Fact]:
        """Yield the undamaged facts that stand in a snapshot, of one department or of all."""
        for _, records in self.chronicle():
            for told in records:
                if told.damage or department not in (None, told.fact.department):
                    continue
                for fact, first, last in told.versions:
                    if first <= snapshot <= last:
                        yield fact

    def rows(self, department: str, snapshot: int = 1) -> Iterator[ExportRow]:
        """Yield the rows of all files of a department's snapshot, damage included."""
        for _, records in self.chronicle():
            for told in records:
                if told.fact.department != department:
                    continue
                for fact, first, last in told.versions:
                    if first <= snapshot <= last:
                        yield from _rows(fact, told.damage)


def _rows(fact: Fact, damage: str) -> Iterator[ExportRow]:
    exports = ALL[fact.department]
    export = exports.by_kind[fact.kind]
    row = export.row(fact)
    rows = damaged(damage, export, row, exports.dialect.dates) if damage else [row]
    for cells in rows:
        yield ExportRow(export.file, export.header, cells)
    for child in export.children:
        for cells in child.rows(fact):
            yield ExportRow(child.file, child.header, cells)


def world(people: int, seed: int, snapshots: int = 1) -> World:
    """Return the world of these three numbers."""
    return World(people, seed, snapshots)
