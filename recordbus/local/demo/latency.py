"""Quantiles out of a Prometheus histogram's text, as the demo shows them (pure)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

_BUCKET = re.compile(r"^(?P<name>[a-z_]+)_bucket\{(?P<labels>[^}]*)\} (?P<count>[0-9.e+]+)$")
_LE = re.compile(r'le="(?P<le>[^"]+)"')


def buckets(exposition: Iterable[str], name: str) -> list[tuple[float, float]]:
    """Read the cumulative buckets of a histogram, summed over its labels: (upper bound, count).

    Bounds are in the histogram's own unit, ascending, the last one infinite; empty when absent.
    """
    totals: dict[float, float] = {}
    for line in exposition:
        row = _BUCKET.match(line.strip())
        bound = _LE.search(row["labels"]) if row and row["name"] == name else None
        if row and bound:
            upper = float(bound["le"])
            totals[upper] = totals.get(upper, 0.0) + float(row["count"])
    return sorted(totals.items())


def quantile(share: float, cumulative: Sequence[tuple[float, float]]) -> float:
    """Estimate a quantile by straight lines inside the buckets, as Prometheus does.

    `share` is between 0 and 1. NaN without observations; the last finite bound when the quantile
    lies above it.
    """
    if not cumulative or cumulative[-1][1] == 0:
        return math.nan
    rank = share * cumulative[-1][1]
    lower, below = 0.0, 0.0
    for upper, count in cumulative:
        if count >= rank:
            if math.isinf(upper):
                return lower
            inside = count - below
            return lower + (upper - lower) * ((rank - below) / inside if inside else 1.0)
        lower, below = upper, count
    return lower
