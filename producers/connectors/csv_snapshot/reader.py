"""A strict, streaming reader of CSV files.

The invariant: no cell is ever made of text that the department did not mean as one cell. What
Python's csv module lets pass in silence - an unclosed quote, a ragged row, a second column of
the same name, NUL bytes - is named here with its line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, TextIO

from producers.connectors.csv_snapshot.encodings import codec_of, name_encoding_fault
from producers.mapping.spec import Source
from recordbus.errors import Misconfigured, Rejected

# No cell may be this long, whatever the mapping allows: past it, a quote was left open.
_LONGEST_LINE: Final = 8 * 1024 * 1024


class Row(NamedTuple):
    """One row; `line` is where it starts, `fault` a reason code and detail, or None."""

    line: int
    cells: list[str]
    fault: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file as its mapping's `source` describes it."""

    path: Path
    source: Source

    def header(self) -> list[str]:
        """Give the column names, trimmed; Rejected when two are the same or there is no header."""
        for row in self._raw_rows():
            return self._checked_header(row.cells)
        raise Rejected("missing_column", f"{self.path.name} is empty: it has not even a header")

    def rows(self) -> Iterator[Row]:
        """Give the rows below the header; blank lines are no rows.

        Raises Rejected for a fault that makes the whole file unreadable.
        """
        rows = self._raw_rows()
        width = len(next(rows).cells)
        longest = self.source.maximum_cell
        for row in rows:
            if len(row.cells) != width:
                detail = f"{len(row.cells)} cells where the header has {width}"
                yield row._replace(fault=("ragged", detail))
            elif max(map(len, row.cells)) > longest:
                place = next(i for i, cell in enumerate(row.cells) if len(cell) > longest)
                detail = f"cell {place + 1} is longer than {longest} characters"
                yield row._replace(fault=("field_too_long", detail))
            else:
                yield row

    def _raw_rows(self) -> Iterator[Row]:
        # The limit is the process's, not the reader's; our own check of each cell is stricter.
        csv.field_size_limit(_LONGEST_LINE)
        with self._open() as file:
            reader = csv.reader(
                _lines(file, self.path),
                delimiter=self.source.delimiter,
                quotechar=self.source.quote,
                strict=True,
            )
            start = 1
            try:
                for cells in reader:
                    if cells:
                        yield Row(start, cells, None)
                    start = reader.line_num + 1
            except csv.Error as error:
                raise _unclosed(self.path, start, error) from None
            except UnicodeError:
                raise name_encoding_fault(self.path, self.source.encoding) from None

    def _open(self) -> TextIO:
        try:
            return self.path.open(encoding=codec_of(self.source.encoding), newline="")
        except OSError as error:
            raise Misconfigured(
                f"cannot read {self.path}: {error.strerror}",
                hint="check the path and who may read it",
            ) from error

    def _checked_header(self, cells: Sequence[str]) -> list[str]:
        names = [cell.strip() or f"(column {n})" for n, cell in enumerate(cells, start=1)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise Rejected("duplicate_header", f"{self.path.name} has twice: {', '.join(twice)}")
        return names


def _lines(file: TextIO, path: Path) -> Iterator[str]:
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if "\x00" in line:
            raise Rejected(
                "bad_encoding",
                f"line {number} of {path.name} has a NUL byte; the file may be UTF-16 or damaged",
            )
        if len(line) >= _LONGEST_LINE:
            raise Rejected("field_too_long", f"line {number} of {path.name} never ends")
        yield line


def _unclosed(path: Path, line: int, error: csv.Error) -> Rejected:
    return Rejected(
        "unclosed_quote",
        f"{path.name}: the row that starts on line {line} has a quote that is not closed "
        f"where its cell ends ({error})",
    )
