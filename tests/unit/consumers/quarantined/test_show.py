"""Entries on a terminal: tables that show what stands there, markup of others taken as text."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

from rich.console import Console

from consumers.quarantined.entry import counted, standing
from consumers.quarantined.show import show_counts, show_entries
from recordbus.kafka.message import Message


def as_it_is(value: Any) -> Any:
    return value


def terminal() -> Console:
    return Console(file=StringIO(), force_terminal=True, width=160, color_system=None)


def printed(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_a_table_has_a_row_an_entry(said: Callable[..., Message]) -> None:
    entries = standing([said(1, detail="at [red]byte[/red] 7"), said(2, department=None)], as_it_is)
    console = terminal()
    show_entries(entries, console)

    shown = printed(console)
    assert "Set aside (UTC)" in shown
    assert "at [red]byte[/red] 7" in shown
    assert "ingest.maple-grove-pd.v1/0/2" in shown


def test_a_table_counts_by_department_and_reason(said: Callable[..., Message]) -> None:
    console = terminal()
    show_counts(counted(standing([said(1), said(2)], as_it_is)), console)

    (row,) = [line for line in printed(console).splitlines() if "maple-grove-pd" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")][:3] == [
        "maple-grove-pd",
        "unknown_role",
        "2",
    ]
