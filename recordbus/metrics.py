"""The one catalogue of metrics: every number this bus exposes is a line of this file.

Invariant: no label ever holds an id, a name or anything else about a person; labels come from
closed lists (departments, reasons, stages, topics, sinks, purposes, outcomes). Names follow
Prometheus: `recordbus_` first, base units, `_total` on counters. Nothing else in the project
imports `prometheus_client`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
    start_http_server,
    write_to_textfile,
)
from prometheus_client.core import Metric
from prometheus_client.core import Sample as PlainSample
from prometheus_client.parser import text_string_to_metric_families

from recordbus import build
from recordbus.errors import Misconfigured

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


_specs: list[MetricSpec] = []


def counter(name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
    """Declare a count that only grows; its name ends in `_total`."""
    _specs.append(MetricSpec(name, "counter", help_text, tuple(labels)))
    return Counter(name, help_text, labels, registry=REGISTRY)


def gauge(name: str, help_text: str, labels: Sequence[str] = ()) -> Gauge:
    """Declare a value that goes up and down; its name ends in its unit."""
    _specs.append(MetricSpec(name, "gauge", help_text, tuple(labels)))
    return Gauge(name, help_text, labels, registry=REGISTRY)


def histogram(
    name: str,
    help_text: str,
    labels: Sequence[str] = (),
    buckets: Sequence[float] = SECONDS_BUCKETS,
) -> Histogram:
    """Declare a distribution; its name ends in its unit, its buckets are in that unit."""
    _specs.append(MetricSpec(name, "histogram", help_text, tuple(labels), tuple(buckets)))
    return Histogram(name, help_text, labels, buckets=buckets, registry=REGISTRY)


# --- what departments hand over -----------------------------------------------------------
INGEST_RECORDS_TOTAL = counter(
    "recordbus_ingest_records_total",
    "Records a department's publisher dealt with, by what became of them.",
    ("department", "outcome"),
)
INGEST_ACK_SECONDS = histogram(
    "recordbus_ingest_ack_seconds",
    "Seconds from handing a record to the publisher until the broker holds it durably.",
)
SNAPSHOT_ROWS_HELD = gauge(
    "recordbus_snapshot_rows_held",
    "Rows of a department's snapshot that wait for somebody to approve it.",
    ("department",),
)

# --- what the stages make of it -----------------------------------------------------------
ACCEPTED_RECORDS_TOTAL = counter(
    "recordbus_accepted_records_total",
    "Record versions that intake accepted and published.",
    ("department", "record_kind"),
)
QUARANTINE_RECORDS_TOTAL = counter(
    "recordbus_quarantine_records_total",
    "Messages set aside in quarantine, by department and reason code.",
    ("department", "reason"),
)
UPKEEP_MARKERS_PENDING = gauge(
    "recordbus_upkeep_markers_pending",
    "Removals that some reader has not passed yet, so their markers are still kept.",
)
UPKEEP_TOMBSTONES_ASKED_TOTAL = counter(
    "recordbus_upkeep_tombstones_asked_total",
    "Tombstones that upkeep asked the owning stage for.",
)
UPKEEP_TRUNCATED_RECORDS_TOTAL = counter(
    "recordbus_upkeep_truncated_records_total",
    "Messages deleted from ingest logs behind intake.",
)
RESURRECTION_ATTEMPTS_TOTAL = counter(
    "recordbus_resurrection_attempts_total",
    "Attempts to publish a record again after it was expunged; each one deserves a look.",
    ("department",),
)
SOURCE_SEQ_GAPS_TOTAL = counter(
    "recordbus_source_seq_gaps_total",
    "Accepted records whose own sequence number jumped by more than a million.",
    ("department",),
)
STAGE_EVENTS_TOTAL = counter(
    "recordbus_stage_events_total",
    "Messages a stage finished with, by what became of them.",
    ("stage", "outcome"),
)
STAGE_BATCH_EVENTS = histogram(
    "recordbus_stage_batch_events",
    "Messages in one committed batch of a stage.",
    ("stage",),
    COUNT_BUCKETS,
)
STAGE_BATCH_SECONDS = histogram(
    "recordbus_stage_batch_seconds",
    "Seconds from a batch's first message to its committed transaction.",
    ("stage",),
)
STAGE_RECOVERY_SECONDS = gauge(
    "recordbus_stage_recovery_seconds",
    "Seconds the stage's last restore of its state took.",
    ("stage",),
)
STAGE_RECOVERED_RECORDS = gauge(
    "recordbus_stage_recovered_records",
    "State values the stage's last restore read back.",
    ("stage",),
)
STAGE_STALE_INPUTS_TOTAL = counter(
    "recordbus_stage_stale_inputs_total",
    "Messages dropped because they were not newer than what is held; never expected to grow.",
    ("stage",),
)

# --- how far behind, and how long it takes ------------------------------------------------
CONSUMER_LAG_RECORDS = gauge(
    "recordbus_consumer_lag_records",
    "Messages a reader group has not dealt with yet.",
    ("group", "topic"),
)
CONSUMER_LAG_SECONDS = gauge(
    "recordbus_consumer_lag_seconds",
    "Age in seconds of the oldest message a reader group has not dealt with yet.",
    ("group",),
)
END_TO_END_SECONDS = histogram(
    "recordbus_end_to_end_seconds",
    "Seconds from a department's publishing until the change stands in a sink.",
    ("sink",),
)

SINK_CHANGES_TOTAL = counter(
    "recordbus_sink_changes_total",
    "Messages a sink dealt with, by what became of them.",
    ("sink", "outcome"),
)

# --- what people ask ----------------------------------------------------------------------
SEARCH_SECONDS = histogram(
    "recordbus_search_seconds",
    "Seconds one search took, its audit entry included.",
)
SEARCH_REQUESTS_TOTAL = counter(
    "recordbus_search_requests_total",
    "Searches by stated purpose and by what became of them.",
    ("purpose", "outcome"),
)
INDEX_DOCUMENTS = gauge(
    "recordbus_index_documents",
    "Records that the search index holds.",
    ("department",),
)

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

CATALOGUE: tuple[MetricSpec, ...] = tuple(_specs)

BUILD_INFO.labels(version=build.version(), commit=build.commit()).set(1)
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)


class Exposition:
    """The `/metrics` page of one process: opened once, closed when its block ends."""

    def __init__(self, port: int = 0, host: str = "127.0.0.1") -> None:
        """Listen on `host:port`; 0 takes any free port.

        Raises Misconfigured when the port cannot be had.
        """
        try:
            self._server, self._thread = start_http_server(port, host, REGISTRY)
        except OSError as error:
            raise Misconfigured(
                f"cannot serve metrics on {host}:{port}: {error.strerror or error}",
                hint="choose another RECORDBUS_METRICS__PORT; 0 takes any free port",
            ) from error
        self.port = int(self._server.server_port)
        self.url = f"http://{host}:{self.port}/metrics"

    def close(self) -> None:
        """Stop listening and wait until the thread has gone."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Exposition:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


_served: list[Exposition] = []
_serving = threading.Lock()


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


def serve(port: int = 0, host: str = "127.0.0.1") -> int:
    """Serve `/metrics` until the process ends; give the port that was bound.

    A second call gives the port of the first: a process has one metrics page.
    """
    with _serving:
        if not _served:
            _served.append(Exposition(port, host))
        return _served[0].port


def is_served() -> bool:
    """Tell whether this process has a metrics page, which somebody may ask for its numbers."""
    return bool(_served)


def sample(name: str, **labels: str) -> float | None:
    """Give one sample's present value, or None when nothing was counted under these labels.

    Histograms are read by their samples: `<name>_count`, `<name>_sum`, `<name>_bucket`.
    """
    return REGISTRY.get_sample_value(name, labels)


def exposition_text() -> bytes:
    """Give what `/metrics` would answer now, in Prometheus' text format."""
    return generate_latest(REGISTRY)
