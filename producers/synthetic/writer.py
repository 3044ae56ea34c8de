"""Writes a world to a folder: `<department>/snapshot-0001/*.csv`, actions.jsonl, and truth/.

Snapshots are complete: each holds every row that stands on its day. What a snapshot cannot say (a
seal, an unseal, an expungement) stands in its actions.jsonl, to be carried out before the files
are compared with the snapshot before.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from producers.synthetic.damage import damaged
from producers.synthetic.exports.all import ALL
from producers.synthetic.exports.form import DepartmentExports, Export
from producers.synthetic.facts import Fact
from producers.synthetic.files import TextFile, TextFiles
from producers.synthetic.history import Change
from producers.synthetic.organisations import organisation_count
from producers.synthetic.tally import Tally
from producers.synthetic.truth import FOLDER, TruthWriter
from producers.synthetic.world import Told, World
from recordbus.errors import RecordbusError

_ACTIONS = {"seal", "unseal", "expunge"}
Progress = Callable[[int, int], None]  # people done, records so far


class _Desk:
    """Where one record kind of one department is written: a file per snapshot and child."""

    def __init__(
        self, root: Path, exports: DepartmentExports, export: Export, steps: int, files: TextFiles
    ) -> None:
        dialect = exports.dialect
        self.export = export
        self.format = dialect.formatter()
        self.dates = dialect.dates

        def opened(name: str, header: tuple[str, ...]) -> list[TextFile]:
            head = self.format(list(header))
            return [
                files.open(folder(root, exports.department, step) / name, dialect.encoding, head)
                for step in range(1, steps + 1)
            ]

        self.main = opened(export.file, export.header)
        self.children = [opened(child.file, child.header) for child in export.children]

    def lines(self, fact: Fact, damage: str) -> tuple[str, list[str]]:
        """Return the record's text in the main file and in each child file."""
        row = self.export.row(fact)
        if damage:
            rows = damaged(damage, self.export, row, self.dates)
            main = "".join(map(self.format, rows))
        else:
            main = self.format(row)
        if not self.children:
            return main, []
        return main, ["".join(map(self.format, child.rows(fact))) for child in self.export.children]


class WorldWriter:
    """Writes one world once; `manifest` afterwards holds the counts to expect."""

    def __init__(self, world: World, root: Path) -> None:
        self._world = world
        self._files = TextFiles()
        self._truth = TruthWriter(root / FOLDER, self._files)
        self._root = root
        steps = world.snapshots
        self._desks = {
            (name, kind): _Desk(root, exports, export, steps, self._files)
            for name, exports in ALL.items()
            for kind, export in exports.by_kind.items()
        }
        self._actions = {
            (name, step): self._files.open(folder(root, name, step) / "actions.jsonl")
            for name in ALL
            for step in range(1, steps + 1)
        }
        self._tally = Tally(steps)
        self.records = 0

    def write(self, progress: Progress | None = None) -> dict[str, Any]:
        """Write every file and return the manifest."""
        self._truth.organisations(organisation_count(self._world.people))
        people = 0
        with _without_cycle_search():
            for block, records in self._world.chronicle():
                self._truth.block(block, records)
                for told in records:
                    self._record(told)
                people += len(block.people)
                self.records += len(records)
                self._files.flush()
                if progress is not None:
                    progress(people, self.records)
        self._files.close()
        return self._write_manifest()

    def _record(self, told: Told) -> None:
        department, kind = told.fact.department, told.fact.kind
        desk = self._desks[department, kind]
        before: tuple[str, list[str]] | None = None
        for fact, first, last in told.versions:
            lines = desk.lines(fact, told.damage)
            for step in range(first - 1, last):
                desk.main[step].append(lines[0])
                for child, text in zip(desk.children, lines[1], strict=True):
                    if text:
                        child[step].append(text)
            word = "arrived" if before is None else "changed" if before != lines else "restated"
            self._tally.version(department, kind, word, first, last, told.damage)
            before = lines
        for change in told.changes:
            self._change(department, kind, change)

    def _change(self, department: str, kind: str, change: Change) -> None:
        if change.verb in _ACTIONS:
            action = {
                "verb": change.verb,
                "record_kind": kind,
                "record_id": change.fact.number,
                "reason": change.reason,
            }
            self._actions[department, change.step].append(json.dumps(action) + "\n")
        self._tally.change(department, change.step, change.verb)

    def _write_manifest(self) -> dict[str, Any]:
        world = self._world
        manifest = {"people": world.people, "seed": world.seed, "snapshots": world.snapshots}
        manifest |= self._tally.summary()
        path = self._root / FOLDER / "manifest.json"
        path.write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
        return manifest


def folder(root: Path, department: str, step: int) -> Path:
    """Return the folder of a department's snapshot."""
    return root / department / f"snapshot-{step:04d}"


def write_world(world: World, root: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Write a world into an empty or new folder and return its manifest.

    Raises RecordbusError when the folder holds anything: a mixture of two worlds helps nobody.
    """
    if root.exists() and any(root.iterdir()):
        raise RecordbusError(
            f"the folder {root} is not empty", hint="name a new folder, or remove this one first"
        )
    return WorldWriter(world, root).write(progress)


@contextmanager
def _without_cycle_search() -> Iterator[None]:
    """Switch the cycle collector off: a block makes no cycles, and the search costs a fifth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
