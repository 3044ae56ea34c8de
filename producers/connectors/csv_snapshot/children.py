"""The rows of child files, by the key of the record they belong to.

They wait in a private temporary database that SQLite keeps in memory while it is small and in
an unlinked file when it is not: memory stays bounded, and nothing is left behind.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from producers.connectors.csv_snapshot.reader import CsvFile
from producers.mapping import ExportMapping, RowMapper
from producers.mapping.cells import Cells
from producers.mapping.spec import ChildFile
from recordbus.errors import Misconfigured, Rejected


def child_paths(export: ExportMapping, main: Path) -> dict[str, Path]:
    """Find each child file beside the main one; Misconfigured unless exactly one fits."""
    return {name: _only_file(name, child, main) for name, child in export.children().items()}


def _only_file(name: str, child: ChildFile, main: Path) -> Path:
    found = sorted(path for path in main.parent.glob(child.file) if path.is_file())
    if len(found) != 1:
        raise Misconfigured(
            f"{len(found)} files beside {main.name} fit {child.file!r}, the child file `{name}`",
            hint="keep each snapshot in a folder of its own, complete with its child files",
        )
    return found[0]


class ChildRows:
    """All child rows of one snapshot."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._database.execute(
            "CREATE TABLE rows(child TEXT, record_id TEXT, place TEXT, number INTEGER, cells TEXT,"
            " fault TEXT, PRIMARY KEY(child, record_id, place, number)) WITHOUT ROWID"
        )
        self._names: tuple[str, ...] = ()

    def close(self) -> None:
        """Drop everything."""
        self._database.close()

    def read(self, name: str, file: CsvFile, child: ChildFile, mapper: RowMapper) -> int:
        """Read a child file and give how many rows it has.

        Raises Rejected `ragged` when a row is so broken that its record cannot be told.
        """
        header = file.header()
        cells = mapper.child_cells(name)
        key = [header.index(column) for column in child.key]
        order = [header.index(column) for column in child.order]
        count = 0
        with self._database:
            for row in file.rows():
                count += 1
                self._keep(name, count, row.line, row.cells, row.fault, (cells, key, order))
        self._names = (*self._names, name)
        return count

    def of(self, record_id: str) -> Mapping[str, Sequence[Sequence[str]]]:
        """Give the cleaned rows of a record by child file; Rejected when one of them is broken."""
        return {name: self._rows(name, record_id) for name in self._names}

    def _keep(
        self,
        name: str,
        number: int,
        line: int,
        raw: list[str],
        fault: tuple[str, str] | None,
        how: tuple[Cells, list[int], list[int]],
    ) -> None:
        cells, key, order = how
        if len(raw) <= max(key):
            raise Rejected("ragged", f"line {line} of the child file `{name}` lacks its key")
        record_id = "/".join(raw[place].strip() for place in key)
        cleaned: list[str] = []
        if fault is None:
            try:
                cleaned = cells.clean(raw)
            except Rejected as error:
                fault = (error.reason, error.detail)
        place = "" if fault else json.dumps([_sortable(cleaned[at]) for at in order])
        says = json.dumps((fault[0], f"line {line} of `{name}`: {fault[1]}")) if fault else None
        self._database.execute(
            "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?)",
            (name, record_id, place, number, json.dumps(cleaned), says),
        )

    def _rows(self, name: str, record_id: str) -> list[list[str]]:
        found = self._database.execute(
            "SELECT cells, fault FROM rows WHERE child = ? AND record_id = ?"
            " ORDER BY place, number",
            (name, record_id),
        ).fetchall()
        for _, fault in found:
            if fault is not None:
                raise Rejected(*json.loads(fault))
        return [json.loads(cells) for cells, _ in found]


def _sortable(text: str) -> str:
    """Give whole numbers a form that sorts as they count."""
    return text.zfill(20) if text.isdigit() else text
