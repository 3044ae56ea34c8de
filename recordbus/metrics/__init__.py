"""The one catalogue of metrics: every number this bus exposes is a line of one of these files.

Invariant: no label ever holds an id, a name or anything else about a person; labels come from
closed lists (departments, reasons, stages, topics, sinks, purposes, outcomes). Names follow
Prometheus: `recordbus_` first, base units, `_total` on counters. Nothing outside of this
package imports `prometheus_client`.
"""

from __future__ import annotations

from prometheus_client import GCCollector, PlatformCollector, ProcessCollector

from recordbus import build

# Importing declares: this order, a record's way through the bus, is that of the reference.
# isort: off
from recordbus.metrics.arrivals import *  # noqa: F403
from recordbus.metrics.stages import *  # noqa: F403
from recordbus.metrics.feeds import *  # noqa: F403
from recordbus.metrics.answers import *  # noqa: F403
from recordbus.metrics.audit import *  # noqa: F403
# isort: on

from recordbus.metrics.declare import REGISTRY, MetricSpec, declared, gauge
from recordbus.metrics.exposition import Exposition, exposition_text, is_served, sample, serve
from recordbus.metrics.samples import Sample, read_exposition, write_textfile

# --- commands that end by themselves ------------------------------------------------------
COMMAND_ENDED_TIMESTAMP_SECONDS = gauge(
    "recordbus_command_ended_timestamp_seconds",
    "When a command last ended with this exit code, in seconds since 1970; in the textfile only.",
    ("command", "exit_code"),
)

# --- which build this is ------------------------------------------------------------------
BUILD_INFO = gauge(
    "recordbus_build_info",
    "Always 1; the labels say which version and commit this process runs.",
    ("version", "commit"),
)

CATALOGUE: tuple[MetricSpec, ...] = tuple(declared)

# Beside the metrics themselves, this is what others take from here.
__all__ = [
    "CATALOGUE",
    "Exposition",
    "MetricSpec",
    "Sample",
    "exposition_text",
    "is_served",
    "read_exposition",
    "sample",
    "serve",
    "write_textfile",
]

BUILD_INFO.labels(version=build.version(), commit=build.commit()).set(1)
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)
