"""Disputes and reviews of a record, as the differ keeps them between snapshots (pure).

A snapshot cannot carry them, and every message is a record's complete state: so a changed row
of a disputed record is published with its disputes. They hold references, never statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

Note = dict[str, Any]


def pack(disputes: Sequence[Mapping[str, Any]], reviews: Sequence[Mapping[str, Any]]) -> str | None:
    """Give the text to keep; None when there is nothing to keep."""
    if not disputes and not reviews:
        return None
    return orjson.dumps({"disputes": disputes, "reviews": reviews}).decode()


def unpack(text: str | None) -> tuple[list[Note], list[Note]]:
    """Give back the disputes and reviews that were kept."""
    if text is None:
        return [], []
    kept = orjson.loads(text)
    return [_with_instants(d) for d in kept["disputes"]], [
        _with_instants(r) for r in kept["reviews"]
    ]


def _with_instants(entry: Note) -> Note:
    return {
        name: datetime.fromisoformat(value) if value and name.endswith("_at") else value
        for name, value in entry.items()
    }
