"""What a bench is, and a figure of it: how it is read, and what it must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Pick = Callable[[Any], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a bench: how to read it, and the most or the least it may be."""

    says: str
    unit: str
    pick: Pick
    at_least: float | None = None
    at_most: float | None = None

    def target(self) -> str:
        """Give the target in words."""
        if self.at_least is not None:
            return f"≥ {self.at_least:,g} {self.unit}".strip()
        if self.at_most is not None:
            return f"≤ {self.at_most:,g} {self.unit}".strip()
        return "-"

    def verdict(self, value: float) -> str:
        """Say whether a value meets the target."""
        if self.at_least is None and self.at_most is None:
            return ""
        low = self.at_least is None or value >= self.at_least
        high = self.at_most is None or value <= self.at_most
        return "met" if low and high else "**missed**"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a bench's table: its title, and the field of a row that it shows."""

    title: str
    field: str


@dataclass(frozen=True, slots=True)
class Rows:
    """A table in full beside the figures: where its rows are, and its columns."""

    found_at: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """A module to run, and its figures; `keeps` says that it writes its result file itself."""

    arguments: tuple[str, ...]
    says: str
    figures: tuple[Figure, ...]
    keeps: bool = False
    rows: Rows | None = None


def row(title: str, field: str) -> Pick:
    """Pick a field of the row with a title."""

    def pick(found: Any) -> float:
        rows = {row["title"]: row for row in found["rows"]}
        return float(rows[title][field])

    return pick


def key(*path: str) -> Pick:
    """Pick what lies at the end of a path of names."""

    def pick(found: Any) -> float:
        for step in path:
            found = found[step]
        return float(found)

    return pick
