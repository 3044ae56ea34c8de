"""Goes through a snapshot once: each row with its record's key and the digest of what it says."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import orjson

from producers.connectors.csv_snapshot.children import ChildRows, child_paths
from producers.connectors.csv_snapshot.reader import CsvFile
from producers.mapping import ExportMapping, MappedRecord, RowMapper
from producers.publisher import Owner
from recordbus.errors import Rejected


class Scanned(NamedTuple):
    """One row. A row at `fault` has a `record_key` only if its key could be read all the same."""

    line: int
    record_key: bytes | None
    digest: bytes
    sequence: int | None
    cells: list[str]
    children: Mapping[str, Sequence[Sequence[str]]]
    fault: tuple[str, str] | None


@dataclass(slots=True)
class Snapshot:
    """An open snapshot: the main file, its child files and the mapper for their headers."""

    export: ExportMapping
    owner: Owner
    file: CsvFile
    mapper: RowMapper
    children: ChildRows
    paths: tuple[Path, ...]
    warnings: list[str]

    @classmethod
    def open(cls, export: ExportMapping, owner: Owner, path: Path) -> Snapshot:
        """Open a snapshot and its child files; Rejected when its headers do not fit."""
        file = CsvFile(path, export.source)
        paths = child_paths(export, path)
        child_files = {name: CsvFile(found, export.source) for name, found in paths.items()}
        header = file.header()
        headers = {name: found.header() for name, found in child_files.items()}
        mapper = export.bind(header, headers)
        warnings = _new_columns(export, path.name, header, None)
        children = ChildRows()
        for name, found in child_files.items():
            warnings += _new_columns(export, found.path.name, headers[name], name)
            children.read(name, found, export.children()[name], mapper)
        return cls(export, owner, file, mapper, children, (path, *paths.values()), warnings)

    def rows(self) -> Iterator[Scanned]:
        """Give every row in order; Rejected when the file as a whole cannot be read."""
        digest_key = hashlib.blake2b(self.export.meaning, key=self.owner.secret[:64]).digest()
        names = orjson.dumps(self.mapper.cells.columns_in_use())
        for row in self.file.rows():
            if row.fault is not None:
                yield self._faulty(row.line, row.cells, row.fault)
                continue
            try:
                yield self._sound(row.line, row.cells, digest_key, names)
            except Rejected as error:
                yield self._faulty(row.line, row.cells, (error.reason, error.detail))

    def map(self, row: Scanned) -> MappedRecord:
        """Map a sound row; Rejected names the reason."""
        return self.mapper.map_cleaned(row.cells, row.children)

    def close(self) -> None:
        """Drop the child rows."""
        self.children.close()

    def _sound(self, line: int, raw: list[str], digest_key: bytes, names: bytes) -> Scanned:
        cells = self.mapper.cells.clean(raw)
        record_id = self.mapper.record_id(cells)
        children = self.children.of(record_id) if self.export.children() else {}
        digest = hashlib.blake2b(names, key=digest_key, digest_size=16)
        digest.update(orjson.dumps(self.mapper.cells.content(cells)))
        if children:
            digest.update(orjson.dumps(self._content(children)))
        sequence = self.mapper.sequence(cells)
        key = self._key(record_id)
        return Scanned(line, key, digest.digest(), sequence, cells, children, None)

    def _content(self, children: Mapping[str, Sequence[Sequence[str]]]) -> list[list[list[str]]]:
        return [
            [self.mapper.child_cells(name).content(row) for row in rows]
            for name, rows in sorted(children.items())
        ]

    def _faulty(self, line: int, raw: list[str], fault: tuple[str, str]) -> Scanned:
        width = len(self.mapper.cells.names)
        padded = [cell.strip() for cell in (*raw, *[""] * width)][:width]
        try:
            key: bytes | None = self._key(self.mapper.record_id(padded))
        except Rejected:
            key = None
        return Scanned(line, key, b"", None, [], {}, fault)

    def _key(self, record_id: str) -> bytes:
        return bytes.fromhex(self.owner.record_key(self.export.record_kind, record_id))


def _new_columns(
    export: ExportMapping, file_name: str, header: Sequence[str], child: str | None
) -> list[str]:
    return [
        f"{file_name} has a new column `{name}`, which the mapping does not know: map it, or "
        "name it under ignored_columns"
        for name in export.new_columns(header, child)
    ]
