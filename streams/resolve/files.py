"""CSV files of any size, row by row; what is wrong names its file and its line.

A file is UTF-8 with commas, as spreadsheets save it. Invariant: nothing is skipped. A row that
cannot be read ends the command, for a link that is missing would look like a finding.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from recordbus.errors import Misconfigured, Rejected
from streams.resolve.columns import COLUMNS, TRUTH_COLUMNS, Header, Row, header

_BOM = "\ufeff"
Cells = tuple[int, list[str]]  # the line a row ends on, and the wanted cells in wanted order


class PeopleFile:
    """One file of people: its header is read at once, its rows when they are asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.extra = _header_of(path, COLUMNS, ("record_id",)).extra

    def rows(self) -> Iterator[tuple[int, Row]]:
        """Give line and row of every record; in a file without `source` its name is the source."""
        own_source = self.path.stem
        for line, cells in _rows(self.path, COLUMNS, ("record_id",)):
            row = Row._make(cells)
            if not row.record_id:
                raise rejected(self.path, line, "missing_required", "record_id is empty")
            yield line, row if row.source else row._replace(source=own_source)


def read_truth(path: Path) -> Iterator[tuple[str, str, str]]:
    """Give (source, record id, true id) of every line of a truth file; source may be empty."""
    for line, cells in _rows(path, TRUTH_COLUMNS, ("record_id", "true_id")):
        source, record_id, true_id = cells
        if not record_id or not true_id:
            raise rejected(path, line, "missing_required", "record_id or true_id is empty")
        yield source, record_id, true_id


def rejected(path: Path, line: int, reason: str, detail: str) -> Rejected:
    """Give the error of one line of a file; `detail` holds no value of the line."""
    return Rejected(reason, f"{path} line {line}: {detail}")


def _header_of(path: Path, wanted: Sequence[str], needed: Sequence[str]) -> Header:
    with _opened(path) as file:
        return _header(path, _parsed(path, file), wanted, needed)


def _header(
    path: Path, rows: Iterator[Cells], wanted: Sequence[str], needed: Sequence[str]
) -> Header:
    first = next(rows, None)
    if first is None:
        raise rejected(path, 1, "missing_required", "the file is empty, not even column names")
    try:
        return header(first[1], wanted, needed)
    except Rejected as wrong:
        raise rejected(path, first[0], wrong.reason, wrong.detail) from None


def _rows(path: Path, wanted: Sequence[str], needed: Sequence[str]) -> Iterator[Cells]:
    """Give the wanted cells of every row, stripped; lines without any character are no rows."""
    with _opened(path) as file:
        rows = _parsed(path, file)
        width, places, _ = _header(path, rows, wanted, needed)
        for line, cells in rows:
            if len(cells) != width:
                if not cells:
                    continue
                what = f"{len(cells)} cells where the first line has {width}"
                raise rejected(path, line, "ragged", what)
            cells.append("")  # what a missing column's place points at
            yield line, [cells[place].strip() for place in places]


def _parsed(path: Path, file: BinaryIO) -> Iterator[Cells]:
    lines = _Decoded(path, file)
    reader = csv.reader(lines, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as wrong:
        reason = "unclosed_quote" if "unexpected end" in str(wrong) else "ragged"
        raise rejected(path, reader.line_num, reason, str(wrong)) from None


class _Decoded:
    """The lines of a file as text; decoded one by one, so that a bad byte has a line number."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path = path
        self._file = file

    def __iter__(self) -> Iterator[str]:
        for number, line in enumerate(self._file, 1):
            try:
                text = line.decode()
            except UnicodeDecodeError as wrong:
                what = f"byte {wrong.start + 1} is not UTF-8; save the file as UTF-8"
                raise rejected(self._path, number, "bad_encoding", what) from None
            yield text.removeprefix(_BOM) if number == 1 else text


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as wrong:
        what = f"cannot read {path}: {wrong.strerror or wrong}"
        raise Misconfigured(what, hint="name a CSV file that exists and may be read") from None
