"""How a metric is declared: its name, its help and its labels, kept for the reference.

Invariant: what is declared here is registered once, and stands in `declared` in that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

disable_created_metrics()  # type: ignore[no-untyped-call]  # double the lines, and no use here
REGISTRY = CollectorRegistry(auto_describe=True)

SECONDS_BUCKETS = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4,
    0.6, 0.8, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0,
)  # fmt: skip
COUNT_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 500, 750, 1000, 2000, 5000)


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """What a metric is called, what it counts, and how it may be broken down."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...]
    buckets: tuple[float, ...] = ()


declared: Final[list[MetricSpec]] = []


def counter(name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
    """Declare a count that only grows; its name ends in `_total`."""
    declared.append(MetricSpec(name, "counter", help_text, tuple(labels)))
    return Counter(name, help_text, labels, registry=REGISTRY)


def gauge(name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
    """Declare a value that goes up and down; its name ends in its unit."""
    declared.append(MetricSpec(name, "gauge", help_text, tuple(labels)))
    return Gauge(name, help_text, labels, registry=REGISTRY)


def histogram(
    name: str,
    help_text: str,
    labels: Sequence[str] = (),
    buckets: Sequence[float] = SECONDS_BUCKETS,
) -> Histogram:
    """Declare a distribution; its name ends in its unit, its buckets are in that unit."""
    declared.append(MetricSpec(name, "histogram", help_text, tuple(labels), tuple(buckets)))
    return Histogram(name, help_text, labels, buckets=buckets, registry=REGISTRY)
