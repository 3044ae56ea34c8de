"""What everybody may know of a month: how often records were used, by whom and what for (R-43).

Invariant (pure): a count under 5 is hidden and the others are rounded down to a multiple of 5; a
total is the sum of what is shown, so subtracting tells nothing that is not shown. A month is told
only when it is over, so that no two publications differ by a few uses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from recordbus.errors import Refused

SMALLEST: Final = 5
NOBODY: Final = "none"
_USES: Final = {"consultation", "disclosure"}
_GIVEN: Final = {"answered", "sent"}

Group = tuple[str, ...]


class Table(NamedTuple):
    """Counts of one kind by their groups; None is too small to be shown, `total` of what is."""

    title: str
    columns: tuple[str, ...]
    counts: Mapping[Group, int | None]
    total: int


def check_is_over(month: str, now: datetime) -> None:
    """Refuse a month that is not over yet; `month` is as 2026-10. Raises Refused."""
    if month >= f"{now:%Y-%m}":
        raise Refused(
            "month_not_over",
            f"{month} is not over yet (R-43)",
            hint="statistics are of whole months, so that no two tell of a few uses",
        )


def statistics(entries: Iterable[Mapping[str, Any]], month: str) -> list[Table]:
    """Give the tables of a month; an entry belongs to the month that its `at` is in, UTC."""
    uses: Counter[Group] = Counter()
    denials: Counter[Group] = Counter()
    for entry in entries:
        if not str(entry["at"]).startswith(month):
            continue
        by = (entry.get("agency_ori") or NOBODY, entry.get("purpose") or NOBODY)
        if entry["operation"] in _USES and entry["outcome"] in _GIVEN:
            uses[entry["operation"], *by] += 1
        elif entry["outcome"] == "refused":
            denials[by] += 1
    return [
        published("Uses of records", ("operation", "agency", "purpose"), uses),
        published("Denials", ("agency", "purpose"), denials),
    ]


def published(title: str, columns: tuple[str, ...], counts: Mapping[Group, int]) -> Table:
    """Give counts as they may be told."""
    shown = {group: _shown(count) for group, count in sorted(counts.items())}
    return Table(title, columns, shown, sum(count or 0 for count in shown.values()))


def _shown(count: int) -> int | None:
    return None if count < SMALLEST else count - count % SMALLEST
