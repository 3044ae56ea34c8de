"""The log as JSON lines or as a table, for tools that auditors already have.

Invariant: a cell never begins with what a spreadsheet takes for a formula (catalogue row 54).
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any, Final

from recordbus.canonical import canonical_json

COLUMNS: Final = (
    "sequence", "at", "entry_id", "operation", "command", "outcome", "requester", "on_behalf_of",
    "agency_ori", "origin", "purpose", "case_number", "case_checked", "total", "reasons",
    "policy_version", "owners", "levels", "records", "entities", "associations", "asked",
)  # fmt: skip
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_json_lines(entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Give one line an entry."""
    for entry in entries:
        yield canonical_json(entry).decode() + "\n"


def as_csv(entries: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Give a heading and one row an entry; lists are separated by spaces, `asked` is JSON."""
    yield _row(COLUMNS)
    for entry in entries:
        yield _row([safe_cell(_text(entry.get(name))) for name in COLUMNS])


def safe_cell(text: str) -> str:
    """Give a text that no spreadsheet takes for a formula."""
    begins = unicodedata.normalize("NFKC", text[:1]).startswith(_FORMULA)
    return f"'{text}" if begins else text


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " ".join(map(str, value))
    return canonical_json(value).decode() if isinstance(value, dict) else str(value)


def _row(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerow(cells)
    return written.getvalue()
