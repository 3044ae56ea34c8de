"""Entries as people and programs read them: tables, plain lines when piped, or JSON objects.

The bytes of a message are in none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from consumers.quarantined.entry import Count, Entry

_OF_THE_BUS = "-"


def entry_json(entry: Entry) -> dict[str, Any]:
    """Give an entry for programs; times are ISO 8601, UTC."""
    return {
        "position": entry.position,
        "set_aside_at": _iso(entry.set_aside_at),
        "arrived_at": _iso(entry.arrived_at),
        "department": entry.department,
        "stage": entry.stage,
        "record_key": entry.record_key,
        "reason": entry.reason,
        "detail": entry.detail,
        "meaning": entry.meaning,
        "next": entry.what_to_do,
        "size_bytes": entry.size_bytes,
    }


def count_json(count: Count) -> dict[str, Any]:
    """Give a count for programs."""
    return count._asdict() | {"newest": _iso(count.newest), "next": count.what_to_do}


def show_entries(entries: Sequence[Entry], console: Console) -> None:
    """Print entries: a table on a terminal, one line each when piped."""
    rows = [
        (_clock(e.set_aside_at), e.position, e.department or _OF_THE_BUS, e.reason, e.detail)
        for e in entries
    ]
    _rows(("Set aside (UTC)", "Position", "Department", "Reason", "Detail"), rows, console)


def show_counts(counts: Sequence[Count], console: Console) -> None:
    """Print counts: a table on a terminal, one line each when piped."""
    rows = [
        (c.department or _OF_THE_BUS, c.reason, str(c.entries), _clock(c.newest), c.what_to_do)
        for c in counts
    ]
    _rows(("Department", "Reason", "Entries", "Newest (UTC)", "Next"), rows, console)


def show_entry(entry: Entry, console: Console) -> None:
    """Print all that may be said of one entry."""
    for name, value in _facts(entry):
        console.print(f"{name:<13}{value}", soft_wrap=True, markup=False, highlight=False)


def _facts(entry: Entry) -> Iterator[tuple[str, str]]:
    kept = "not kept" if entry.size_bytes is None else f"{entry.size_bytes} bytes, see --bytes"
    yield "position", entry.position
    yield "arrived", f"{_clock(entry.arrived_at)} UTC"
    yield "set aside", f"{_clock(entry.set_aside_at)} UTC, by {entry.stage}"
    yield "department", entry.department or "none that is certain"
    yield "record key", entry.record_key or "none that could be one"
    yield "reason", entry.reason
    yield "meaning", entry.meaning
    yield "detail", entry.detail
    yield "message", kept
    yield "next", entry.what_to_do


def _rows(headings: Sequence[str], rows: Iterable[Sequence[str]], console: Console) -> None:
    if not console.is_terminal:
        for row in rows:
            console.print("  ".join(row), soft_wrap=True, markup=False, highlight=False)
        return
    table = Table(*headings)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
