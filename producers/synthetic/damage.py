"""Rows that a connector must refuse by name, or name as duplicates; about three in a thousand.

Damage is drawn only for records that never change, so that every damaged row stays damaged in
every snapshot and the counts in the truth folder hold for each of them.
"""

from __future__ import annotations

from producers.synthetic.calendar import DateTexts
from producers.synthetic.draws import Uniform
from producers.synthetic.exports.form import Export, Row

RATE = 0.003
DUPLICATE_ROW = "duplicate_row"
DUPLICATE_KEY = "duplicate_key_in_snapshot"
RAGGED = "ragged"
MISSING = "missing_required"
IMPOSSIBLE_DATE = "ambiguous_date"
UNKNOWN_CODE = "unknown_value"
KINDS = (DUPLICATE_ROW, DUPLICATE_KEY, RAGGED, MISSING, IMPOSSIBLE_DATE, UNKNOWN_CODE)
NOT_A_CODE = "ZZ9"


def draw_damage(export: Export, uniform: Uniform) -> str:
    """Return the kind of damage this record's row suffers, or an empty text (nearly always)."""
    u = uniform()
    if u >= RATE:
        return ""
    kind = KINDS[int(u / RATE * len(KINDS))]
    if kind in {RAGGED, UNKNOWN_CODE}:
        return RAGGED if export.closed is None else UNKNOWN_CODE
    return kind


def refused_rows(kind: str, record_kind: str) -> dict[str, int]:
    """Return how many rows of a record kind are refused, by reason, when damaged like this."""
    if not kind or kind == DUPLICATE_ROW:
        return {}
    if kind == UNKNOWN_CODE and record_kind == "field_contact":
        return {"unknown_basis": 1}
    return {kind: 2 if kind == DUPLICATE_KEY else 1}


def damaged(kind: str, export: Export, row: Row, dates: DateTexts) -> list[Row]:
    """Return the rows that stand in the file instead of `row`."""
    if kind == DUPLICATE_ROW:
        return [row, row]
    if kind == RAGGED:
        return [[*row, "moved"]]
    other = list(row)
    if kind == DUPLICATE_KEY:
        other[-1] = f"{other[-1]} Entered again.".strip()
        return [row, other]
    column = {
        MISSING: export.key,
        IMPOSSIBLE_DATE: export.date,
        UNKNOWN_CODE: export.closed or export.key,
    }[kind]
    at = export.header.index(column)
    if kind == IMPOSSIBLE_DATE:
        other[at] = dates.impossible() + other[at][len(dates.impossible()) :]
    else:
        other[at] = "" if kind == MISSING else NOT_A_CODE
    return [other]
