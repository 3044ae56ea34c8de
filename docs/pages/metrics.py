"""The page of metrics, from the catalogue."""

from __future__ import annotations

from docs.pages.markdown import code, codes, page, table
from recordbus.metrics import CATALOGUE
from recordbus.textfile import OF_COMMANDS

INTRODUCTION = """\
Every worker answers `GET /metrics` in Prometheus' text format, at the address that the settings
[`metrics.host` and `metrics.port`](settings.md#metrics) give; `recordbus status` shows those of a
local bus. Beside these there are the usual `process_*` and `python_*` metrics. No label ever holds
an id or a name of a person, a record or an officer.

Commands that end by themselves, such as `recordbus publish csv` or `recordbus search`, are over
before anybody asks. With [`metrics.textfile_directory`](settings.md#metrics) set they add what they
counted to `recordbus-commands.prom` in that folder, where the node exporter's textfile collector
finds it; counts go on from one command to the next. A long run of the connector also shows a page
of its own while it lasts: `recordbus publish csv --metrics-port`."""

IN_TEXTFILE = "## In the textfile\n\nThese are of commands, and stand in that file:"


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
        "recordbus/metrics",
        INTRODUCTION,
        table(("metric", "kind", "labels", "meaning"), rows),
        IN_TEXTFILE,
        "\n".join(f"- {code(name)}" for name in sorted(OF_COMMANDS)),
        "## Buckets of the histograms",
        table(("metric", "upper bounds, in the metric's unit"), buckets),
    )
