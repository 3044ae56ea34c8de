"""Numbers that other processes exposed: read from their pages, written for the node exporter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from prometheus_client import CollectorRegistry, write_to_textfile
from prometheus_client.core import Metric
from prometheus_client.core import Sample as PlainSample
from prometheus_client.parser import text_string_to_metric_families

from recordbus.metrics.declare import MetricSpec


class Sample(NamedTuple):
    """One number that a process exposed, with its labels."""

    name: str
    labels: dict[str, str]
    value: float


def read_exposition(text: str) -> list[Sample]:
    """Read what another process shows at `/metrics`."""
    families = text_string_to_metric_families(text)
    return [Sample(s.name, dict(s.labels), s.value) for f in families for s in f.samples]


def write_textfile(path: Path, families: Mapping[MetricSpec, Iterable[Sample]]) -> None:
    """Write samples as a file for the node exporter, in one step; raises OSError."""
    page = CollectorRegistry()
    page.register(_Page(families))
    write_to_textfile(str(path), page)


class _Page:
    """Samples that were put together elsewhere, as the library wants to be handed them."""

    def __init__(self, families: Mapping[MetricSpec, Iterable[Sample]]) -> None:
        self._families = families

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        for spec, samples in self._families.items():
            family = Metric(spec.name.removesuffix("_total"), spec.help, spec.kind)
            family.samples.extend(PlainSample(*each) for each in samples)
            yield family
