"""The page of metrics, from the catalogue."""

from __future__ import annotations

from docs.pages.markdown import code, codes, page, table
from recordbus.metrics import CATALOGUE

INTRODUCTION = """\
Every worker answers `GET /metrics` in Prometheus' text format, at the address that the settings
[`metrics.host` and `metrics.port`](settings.md#metrics) give; `recordbus status` shows those of a
local bus. Commands that end by themselves, such as `recordbus search`, are asked by nobody.
Beside these there are the usual `process_*` and `python_*` metrics. No label ever holds an id or
a name of a person, a record or an officer."""


def metrics() -> str:
    """Give the page."""
    rows = [(code(m.name), m.kind, codes(m.labels), m.help) for m in CATALOGUE]
    buckets = [
        (code(m.name), ", ".join(f"{bound:g}" for bound in m.buckets))
        for m in CATALOGUE
        if m.buckets
    ]
    return page(
        "Metrics",
        "recordbus/metrics.py",
        INTRODUCTION,
        table(("metric", "kind", "labels", "meaning"), rows),
        "## Buckets of the histograms",
        table(("metric", "upper bounds, in the metric's unit"), buckets),
    )
