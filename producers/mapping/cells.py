"""Cells as the mapping sees them: trimmed, without the words that mean nothing (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from producers.mapping.spec import Source
from recordbus.errors import Rejected

# C0 without tab and line ends, DEL, C1, bidirectional overrides and isolates, lone surrogates.
_UNSAFE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Cells:
    """Cleans the rows of one file and picks the cells that count for its content."""

    names: tuple[str, ...]
    used: tuple[int, ...]
    trim: bool
    nothing: frozenset[str]

    @classmethod
    def of(cls, header: Sequence[str], used: Collection[str], source: Source) -> Cells:
        """Prepare for a header; `used` are the columns that the mapping reads."""
        places = sorted((name, place) for place, name in enumerate(header) if name in used)
        return cls(
            tuple(header), tuple(place for _, place in places), source.trim, frozenset(source.empty)
        )

    def clean(self, cells: Sequence[str]) -> list[str]:
        """Give the row as mappings read it, with one more empty cell at its end.

        Rejected with `control_chars` when a used cell holds a character that no text may have.
        """
        row = [cell.strip() for cell in cells] if self.trim else list(cells)
        if self.nothing:
            row = ["" if cell in self.nothing else cell for cell in row]
        if _UNSAFE.search("".join(row)):
            self._refuse_unsafe(row)
        row.append("")
        return row

    def content(self, row: Sequence[str]) -> list[str]:
        """Give the used cells of a cleaned row in the order of their names."""
        return [row[place] for place in self.used]

    def columns_in_use(self) -> list[str]:
        """Give the names of the used columns that the header has, in the order of `content`."""
        return [self.names[place] for place in self.used]

    def _refuse_unsafe(self, row: Sequence[str]) -> None:
        names = [self.names[place] for place in self.used if _UNSAFE.search(row[place])]
        if names:
            raise Rejected("control_chars", f"column {', '.join(names)} has a control character")
