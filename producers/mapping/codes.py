"""Code tables: what the department wrote, in our codes or in the words of a closed field (pure)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from producers.mapping.conversions import Unreadable
from producers.mapping.spec import CodeTable


class Dropped(Exception):
    """A source value that the mapping says to leave out."""


@dataclass(frozen=True, slots=True)
class Codes:
    """One table, ready to look up; `known` are our own codes, which mean themselves."""

    name: str
    table: CodeTable
    known: frozenset[str]

    @property
    def targets(self) -> frozenset[str]:
        """Everything that this table can give."""
        return frozenset(self.table.values.values()) | self.known

    def finder(self, *, must_know: bool) -> Callable[[str], str | None]:
        """Give the look-up of a source value: our code, or None where an unknown one is kept.

        Unknown values raise `Unreadable` when the table refuses them or `must_know` is set;
        values to be left out raise `Dropped`.
        """
        fold: Callable[[str], str] = str.casefold if self.table.ignore_case else str
        entries = {fold(code): code for code in sorted(self.known)}
        entries |= {fold(written): code for written, code in self.table.values.items()}
        dropped = frozenset(fold(written) for written in self.table.drop)
        refuses = must_know or self.table.unknown == "refuse"

        def find(written: str) -> str | None:
            folded = fold(written)
            if folded in dropped:
                raise Dropped
            code = entries.get(folded)
            if code is None and refuses:
                raise Unreadable(f"is not in the code table `{self.name}`")
            return code

        return find


def table_problems(name: str, table: CodeTable, known: Collection[str] | None) -> Mapping[str, str]:
    """Give what is wrong with a table, by the source value (or "list") it stands at."""
    if table.list is None:
        return {}
    if known is None:
        return {"list": f"`codes.{name}`: there is no code list `{table.list}` in schemas/codes"}
    return {
        written: f"`codes.{name}`: {code!r} is not a code of the list `{table.list}`"
        for written, code in table.values.items()
        if code not in known
    }
