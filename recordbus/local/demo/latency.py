"""Quantiles out of a Prometheus histogram, as the demo and the benches show them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from recordbus.metrics import Sample


def buckets(samples: Iterable[Sample], name: str) -> list[tuple[float, float]]:
    """Give the cumulative buckets of a histogram, summed over its labels: (upper bound, count).

    Bounds are in the histogram's own unit, ascending, the last one infinite; empty when absent.
    """
    totals: dict[float, float] = {}
    for sample in samples:
        if sample.name == f"{name}_bucket":
            upper = float(sample.labels["le"])
            totals[upper] = totals.get(upper, 0.0) + sample.value
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
