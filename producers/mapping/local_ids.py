"""Local ids are what mentions are named by: no two items of a record may share one (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LISTS = ("people", "vehicles", "organisations", "locations", "phones", "offences", "assertions")


def duplicated_local_id(body: Mapping[str, Any]) -> str | None:
    """Give the list in which a local id of the record comes up a second time, or None."""
    seen: set[str] = set()
    for name in _LISTS:
        items = body[name]
        if not items:
            continue
        ids = {item["local_id"] for item in items}
        if len(ids) != len(items) or not seen.isdisjoint(ids):
            return name
        seen |= ids
    return None
