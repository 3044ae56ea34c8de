"""Counts for the public what stands in the index and in the ledger of feeds (R-43)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from consumers.feeds.ledger.tallies import overdue_receipts
from consumers.search.engines.sqlite.tallies import tallies_of
from recordbus.audit.standing import Count
from recordbus.audit.statistics import Group
from recordbus.settings import Settings


def index_counts(settings: Settings, _at: datetime) -> list[Count]:
    """Count associations by basis and open disputes; raises Retryable when there is no index."""
    found = tallies_of(settings.index_path())
    disputed: dict[Group, int] = {
        (about, department): count
        for about, counts in (
            ("association", found.disputed_associations), ("record", found.disputed_records)
        )
        for department, count in counts.items()
    }  # fmt: skip
    return [
        Count("Associations", ("basis",), _groups(found.by_basis)),
        Count("Open disputes", ("about", "department"), disputed),
    ]


def feed_counts(settings: Settings, at: datetime) -> list[Count]:
    """Count receipts that are overdue; raises Retryable when there is no ledger of feeds."""
    late = overdue_receipts(settings.ledger_path(), int(at.timestamp() * 1_000_000))
    return [Count("Overdue receipts", ("agency",), _groups(late))]


def _groups(counts: Counter[str]) -> dict[Group, int]:
    return {(each,): count for each, count in counts.items()}
