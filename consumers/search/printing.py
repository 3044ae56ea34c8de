"""How answers are laid out: a table on a terminal, plain lines when piped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table


def say(console: Console, text: str) -> None:
    """Print a line as it is."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def rows(console: Console, headings: Sequence[str], cells: Iterable[Sequence[str]]) -> None:
    """Print rows: a table for a person at a terminal, `a | b | c` for anything else."""
    found = list(cells)
    if not found:
        return
    if not console.is_terminal:
        for row in found:
            say(console, " | ".join(cell.replace("\n", "; ") for cell in row))
        return
    table = Table(show_lines=True)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in found:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)


def moment(microseconds: int) -> datetime:
    """Give microseconds since 1970 as an instant, UTC."""
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


def day(microseconds: int) -> str:
    """Give microseconds since 1970 as a day, UTC."""
    return f"{moment(microseconds):%Y-%m-%d}"
