"""When a snapshot looks cut short, nothing of it is sent until somebody has looked (pure)."""

from __future__ import annotations

from producers.connectors.csv_snapshot.diff import Difference
from producers.mapping.spec import Source


def why_held(difference: Difference, source: Source) -> str | None:
    """Say why a snapshot must wait for approval, or None when it need not."""
    before, vanished = difference.live_before, difference.vanished
    if not before or not vanished:
        return None
    if not difference.rows:
        return f"the snapshot is empty, and {before} records are published"
    if vanished > source.withdraw_count:
        return f"{vanished} of {before} records vanished, more than {source.withdraw_count}"
    if vanished > before * source.withdraw_ratio:
        return f"{vanished} of {before} records vanished, more than {source.withdraw_ratio:.1%}"
    return None
