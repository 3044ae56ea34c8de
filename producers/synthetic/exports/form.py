"""What an export is: files with a header, a dialect, and a way from a fact to a row.

Renderers are pure. They read `Mention.person` (as written), never `Mention.truth`, but for the age,
which officers judge by eye.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Literal, NamedTuple

from producers.synthetic.calendar import TIMES, DateTexts
from producers.synthetic.facts import Fact, Mention, Place, VehicleMention
from producers.synthetic.people import age_on

Row = list[str]


class Dialect(NamedTuple):
    """How a department's CSV files look."""

    delimiter: str
    encoding: str
    line_end: str
    quote_all: bool
    dates: DateTexts

    def formatter(self) -> Callable[[Row], str]:
        """Return a function from a row to its line, line end included."""
        quoting: Literal[0, 1] = csv.QUOTE_ALL if self.quote_all else csv.QUOTE_MINIMAL
        writer = csv.writer(
            _Echo(), delimiter=self.delimiter, lineterminator=self.line_end, quoting=quoting
        )
        quoted: Callable[[Row], str] = writer.writerow  # it returns what `write` returned
        return quoted if self.quote_all else _plain_if_possible(self, quoted)


def _plain_if_possible(dialect: Dialect, quoted: Callable[[Row], str]) -> Callable[[Row], str]:
    """Join the cells of a row that needs no quotes; that is most rows, at a quarter of the time."""
    delimiter, line_end = dialect.delimiter, dialect.line_end

    def line(row: Row) -> str:
        text = delimiter.join(row)
        if '"' in text or "\n" in text or "\r" in text or text.count(delimiter) != len(row) - 1:
            return quoted(row)
        return text + line_end

    return line


class _Echo:
    """A file whose `write` hands the line back, so that the csv writer formats without a file."""

    @staticmethod
    def write(line: str) -> str:
        return line


class Child(NamedTuple):
    """A second file with any number of rows per record, joined by the first column."""

    file: str
    header: tuple[str, ...]
    rows: Callable[[Fact], list[Row]]


class Export(NamedTuple):
    """One record kind's file. `key`, `date` and `closed` are the columns that injected refusals
    blank, make impossible, or fill with a code that the mapping does not know.
    """

    kind: str
    file: str
    header: tuple[str, ...]
    row: Callable[[Fact], Row]
    key: str
    date: str
    closed: str | None
    children: tuple[Child, ...] = ()


class DepartmentExports(NamedTuple):
    """All files of one department, by record kind."""

    department: str
    dialect: Dialect
    by_kind: dict[str, Export]


def columns(prefix: str, names: str) -> tuple[str, ...]:
    """Return the names, separated by blanks in `names`, each after the prefix."""
    return tuple(prefix + name for name in names.split())


def mention(fact: Fact, slot: str) -> Mention | None:
    """Return the person in this slot of the record, or None."""
    for named in fact.people:
        if named.slot == slot:
            return named
    return None


def vehicle(fact: Fact) -> VehicleMention | None:
    """Return the record's first vehicle, or None."""
    return fact.vehicles[0] if fact.vehicles else None


def place(fact: Fact) -> Place | None:
    """Return the record's first location, or None."""
    return fact.places[0] if fact.places else None


def reference(fact: Fact, kind: str) -> str:
    """Return the number of this type that the record refers to, or an empty text."""
    return next((each.number for each in fact.references if each.type == kind), "")


def issuer(fact: Fact, kind: str) -> str:
    """Return the ORI that gave the number of this type, or an empty text."""
    return next((each.issuer for each in fact.references if each.type == kind), "")


def age_text(named: Mention, day: int) -> str:
    """Return the age as an officer notes it: only where the date of birth was not written."""
    if named.person.birth is not None or named.described_only:
        return ""
    return str(age_on(named.truth, day))


def time_of(fact: Fact, later_minutes: int = 0) -> str:
    """Return the record's time of day, a number of minutes later (within the day)."""
    return TIMES[min(1439, fact.minute + later_minutes)]


def entered(fact: Fact, dates: DateTexts) -> str:
    """Return day and time of the entry: three quarters of an hour after the event, or later."""
    return f"{dates[fact.recorded]} {TIMES[min(1439, fact.minute + 45)]}"


def dollars(cents: int) -> str:
    """Return an amount as 125.00."""
    return f"{cents // 100}.{cents % 100:02d}"
