"""One export: from the rows of a department's file to the bodies of its records (pure).

The invariant: a row gives exactly one record or exactly one named refusal, and equal rows
under an equal mapping give equal records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from producers.mapping.cells import Cells
from producers.mapping.context import Context
from producers.mapping.local_ids import duplicated_local_id
from producers.mapping.pieces import Header, Piece, Place, Row, Scope, Wanted
from producers.mapping.spec import ChildFile, Export, Source
from recordbus.errors import Rejected

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REWRITTEN_NUMBER = re.compile(r"\d(?:[.,]\d+)?[Ee]\+?\d+")


class Columns(NamedTuple):
    """Column names of an export: those it reads, of the main file and of each child file."""

    main: frozenset[str]
    children: Mapping[str, frozenset[str]]


class MappedRecord(NamedTuple):
    """What a row says, in our words; instants are aware, in UTC.

    `source_seq` is None where the connector counts. `body` may share parts with other
    records: read it, never change it.
    """

    record_id: str
    recorded_at: datetime
    occurred_at: datetime | None
    source_seq: int | None
    dissemination_level: str
    body: dict[str, Any]


class Parts(NamedTuple):
    """The compiled pieces of an export."""

    recorded_at: Piece
    occurred_at: Piece
    source_seq: Piece
    dissemination_level: Piece
    body: Piece


Compile = Callable[[Place, Context], Parts]


@dataclass(frozen=True, slots=True)
class ExportMapping:
    """One export of a mapping file, checked; `bind` it to a header to map rows.

    `meaning` is equal for two mappings that do the same, whatever their comments.
    """

    name: str
    spec: Export
    source: Source
    columns: Columns
    meaning: bytes
    context: Callable[[], Context]
    compile: Compile

    @property
    def record_kind(self) -> str:
        """The kind of record that a row is."""
        return self.spec.record_kind

    def children(self) -> Mapping[str, ChildFile]:
        """Give the child files by name."""
        return self.spec.children

    def missing_columns(self, header: Sequence[str], child: str | None = None) -> list[str]:
        """Give the needed columns that a header lacks, sorted."""
        optional = set(self.spec.optional_columns) if child is None else set()
        return sorted(self._wanted(child) - set(header) - optional)

    def new_columns(self, header: Sequence[str], child: str | None = None) -> list[str]:
        """Give the columns of a header that the mapping neither uses nor names as ignored."""
        known = self._wanted(child) | set(self.spec.ignored_columns)
        return [name for name in header if name not in known]

    def _wanted(self, child: str | None) -> frozenset[str]:
        return self.columns.main if child is None else self.columns.children[child]

    def bind(
        self,
        header: Sequence[str],
        child_headers: Mapping[str, Sequence[str]] | None = None,
    ) -> RowMapper:
        """Give the mapper for files with these headers; Rejected when a column is missing."""
        headers = child_headers or {}
        self._refuse_missing(header, None)
        for child in self.spec.children:
            self._refuse_missing(headers.get(child, ()), child)
        return RowMapper(self, header, headers)

    def _refuse_missing(self, header: Sequence[str], child: str | None) -> None:
        missing = self.missing_columns(header, child)
        if missing:
            where = f" of the child file `{child}`" if child else ""
            raise Rejected("missing_column", f"the header{where} lacks {', '.join(missing)}")


class RowMapper:
    """Maps the rows of files whose headers are known; not for use by two threads at once."""

    def __init__(
        self,
        export: ExportMapping,
        header: Sequence[str],
        child_headers: Mapping[str, Sequence[str]],
    ) -> None:
        self.export = export
        main = Header(header, export.spec.optional_columns)
        children = {name: Header(names) for name, names in child_headers.items()}
        context = export.context()
        self._parts = export.compile(Place(main, main, children), context)
        self.cells = Cells.of(header, export.columns.main, export.source)
        self._child_cells = {
            name: Cells.of(names, export.columns.children[name], export.source)
            for name, names in child_headers.items()
        }
        self._key = [header.index(name) for name in export.spec.key]
        pattern = export.spec.key_pattern
        self._key_pattern = re.compile(pattern) if pattern else None

    def child_cells(self, name: str) -> Cells:
        """Give the reader of a child file's rows."""
        return self._child_cells[name]

    def record_id(self, row: Row) -> str:
        """Give the record id of a cleaned row; Rejected when its key is empty or deformed."""
        parts = [row[index] for index in self._key]
        if not all(parts):
            raise Rejected("missing_required", "the key is empty")
        if any(_REWRITTEN_NUMBER.fullmatch(part) for part in parts):
            raise Rejected("unknown_value", "the key was rewritten by a spreadsheet (like 1.2E+5)")
        record_id = "/".join(parts)
        if self._key_pattern and not self._key_pattern.fullmatch(record_id):
            raise Rejected("unknown_value", "the key does not have the declared form")
        return record_id

    def sequence(self, row: Row) -> int | None:
        """Give the department's own version number of a cleaned row; None when it has none."""
        return _as_number(self._parts.source_seq.get(row, Scope(row, {})))

    def map(
        self, cells: Sequence[str], children: Mapping[str, Sequence[Sequence[str]]] | None = None
    ) -> MappedRecord:
        """Map the cells of one row and of its child rows, as they stand in the files."""
        cleaned = {
            name: [self._child_cells[name].clean(row) for row in rows]
            for name, rows in (children or {}).items()
        }
        return self.map_cleaned(self.cells.clean(cells), cleaned)

    def map_cleaned(self, row: Row, children: Mapping[str, Sequence[Row]]) -> MappedRecord:
        """Map a cleaned row; Rejected names the field and column, never the value."""
        scope, parts = Scope(row, children), self._parts
        body = dict(parts.body.get(row, scope))
        body["record_id"] = self.record_id(row)
        twice = duplicated_local_id(body)
        if twice is not None:
            raise Rejected("duplicate_local_id", f"`{twice}` has two items with one local id")
        return MappedRecord(
            body["record_id"],
            parts.recorded_at.get(row, scope),
            parts.occurred_at.get(row, scope),
            _as_number(parts.source_seq.get(row, scope)),
            parts.dissemination_level.get(row, scope),
            body,
        )


def _as_number(sequence: datetime | int | None) -> int | None:
    """Give a sequence as a number: an instant in whole milliseconds since 1970."""
    if isinstance(sequence, datetime):
        return (sequence - _EPOCH) // timedelta(milliseconds=1)
    return sequence


def wanted_place(children: Sequence[str]) -> tuple[Place, Wanted, dict[str, Wanted]]:
    """Give a place that notes every column it is asked for, and where it notes them."""
    main = Wanted()
    noted = {name: Wanted() for name in children}
    return Place(main, main, noted), main, noted
