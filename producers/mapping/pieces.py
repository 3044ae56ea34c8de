"""The parts that a compiled mapping is made of: functions from a row to a value (pure).

The invariant: cells reach these functions already trimmed, with everything that means "no
value" turned into the empty text, and one more empty cell behind the last for columns that
may be missing. Values they give may be shared between records and must not be changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from recordbus.errors import Rejected

Row = Sequence[str]


class Scope:
    """What a function may see besides its own row."""

    __slots__ = ("children", "record", "row_number")

    def __init__(self, record: Row, children: Mapping[str, Sequence[Row]]) -> None:
        self.record = record
        self.children = children
        self.row_number = 1


Get = Callable[[Row, Scope], Any]
Test = Callable[[Row, Scope], bool]


class Read(NamedTuple):
    """A cell that a piece looks at: of its own row, or of the record's row."""

    cell: int
    of_record: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """A value to come; one without reads is a constant and `get` needs no row."""

    get: Get
    reads: tuple[Read, ...] = ()
    constant: bool = False

    def value(self) -> Any:
        """Give the value of a constant piece."""
        return self.get((), _NOWHERE)


_NOWHERE = Scope((), {})


class MissingValue(Rejected):
    """A field that must be there is empty."""

    def __init__(self, label: str) -> None:
        super().__init__("missing_required", f"{label} is empty")


class ColumnSet(Protocol):
    """Finds a column's place in a row."""

    def index(self, name: str) -> int | None:
        """Give the place of a column, or None when there is no such column."""


class Wanted:
    """Stands in for a header while a mapping is checked: notes every column it is asked for."""

    def __init__(self) -> None:
        self.names: dict[str, int] = {}

    def index(self, name: str) -> int | None:
        """Give each new name the next place."""
        return self.names.setdefault(name, len(self.names))


class Header:
    """A real header; the names in `optional` that it lacks point at the empty cell at its end."""

    def __init__(self, names: Sequence[str], optional: Iterable[str] = ()) -> None:
        self._places = {name: place for place, name in enumerate(names)}
        for name in optional:
            self._places.setdefault(name, len(names))

    def index(self, name: str) -> int | None:
        """Give the place of a column, or None when there is no such column."""
        return self._places.get(name)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the mapping we are: which columns a bare name means, and which `^name`."""

    own: ColumnSet
    record: ColumnSet
    children: Mapping[str, ColumnSet]
    path: str = ""

    def below(self, step: str) -> Place:
        """Give the same place one step deeper, for messages and default names."""
        return Place(self.own, self.record, self.children, f"{self.path}.{step}".lstrip("."))

    def in_rows(self, own: ColumnSet) -> Place:
        """Give this place with the columns of another kind of row."""
        return Place(own, self.record, self.children, self.path)

    def find(self, name: str) -> Read | None:
        """Find the cell that a column name means here."""
        of_record = name.startswith("^")
        columns = self.record if of_record else self.own
        index = columns.index(name.removeprefix("^"))
        return None if index is None else Read(index, of_record and columns is not self.own)


def constant(value: Any) -> Piece:
    """Give a piece that is always the same value."""
    return Piece(lambda _row, _scope: value, (), constant=True)


def cell(read: Read) -> Get:
    """Give the function that reads a cell."""
    index = read.cell
    if read.of_record:
        return lambda _row, scope: scope.record[index]
    return lambda row, _scope: row[index]


def any_filled(reads: Iterable[Read]) -> Test:
    """Give the test whether one of the cells is not empty."""
    own = tuple(sorted({read.cell for read in reads if not read.of_record}))
    outer = tuple(sorted({read.cell for read in reads if read.of_record}))

    def test(row: Row, scope: Scope) -> bool:
        for index in own:
            if row[index]:
                return True
        return any(scope.record[index] for index in outer)

    return test


def record_of(parts: Mapping[str, Piece]) -> Piece:
    """Put fields together to one record; constants are laid out once."""
    base = {name: piece.value() if piece.constant else None for name, piece in parts.items()}
    moving = tuple((name, piece.get) for name, piece in parts.items() if not piece.constant)
    if not moving:
        return constant(base)

    def get(row: Row, scope: Scope) -> dict[str, Any]:
        made = base.copy()
        for name, fill in moving:
            made[name] = fill(row, scope)
        return made

    return Piece(get, tuple(read for piece in parts.values() for read in piece.reads))
