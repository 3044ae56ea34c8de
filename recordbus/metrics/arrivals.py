"""What departments hand over, and the doors and folders through which it comes."""

from __future__ import annotations

from recordbus.metrics.declare import counter, gauge, histogram

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

OUTBOX_UNPUBLISHED_ROWS = gauge(
    "recordbus_outbox_unpublished_rows",
    "Rows of a department's outbox that are committed and not yet known to be on the bus.",
    ("department",),
)
OUTBOX_OLDEST_UNPUBLISHED_SECONDS = gauge(
    "recordbus_outbox_oldest_unpublished_seconds",
    "Age of the oldest row that waits in a department's outbox; 0 when none does.",
    ("department",),
)
OUTBOX_REFUSED_ROWS = gauge(
    "recordbus_outbox_refused_rows",
    "Rows of a department's outbox that were set aside and wait for somebody to correct them.",
    ("department",),
)

# --- doors over HTTP ----------------------------------------------------------------------
HTTP_REQUESTS_TOTAL = counter(
    "recordbus_http_requests_total",
    "Requests that a door over HTTP answered, by route, method and status.",
    ("door", "route", "method", "status"),
)
HTTP_REQUEST_SECONDS = histogram(
    "recordbus_http_request_seconds",
    "Seconds from a request's head until its answer was handed over.",
    ("door", "route"),
)
AUTH_FAILURES_TOTAL = counter(
    "recordbus_auth_failures_total",
    "Requests whose token did not count, by the reason, which the caller is not told.",
    ("reason",),
)
RATE_LIMITED_TOTAL = counter(
    "recordbus_rate_limited_total",
    "Requests of a department or an agency that were put off because they come too fast.",
    ("department",),
)
GATEWAY_ACK_SECONDS = histogram(
    "recordbus_gateway_ack_seconds",
    "Seconds from handing a request's records to Kafka until it holds all of them durably.",
    ("department",),
)
GATEWAY_REFUSED_TOTAL = counter(
    "recordbus_gateway_refused_total",
    "Records that were refused at the door over HTTP, by department and code.",
    ("department", "code"),
)
GATEWAY_REPEATS_TOTAL = counter(
    "recordbus_gateway_repeats_total",
    "Requests that were answered again from memory, by their Idempotency-Key.",
    ("department",),
)

WATCHED_DROPS_TOTAL = counter(
    "recordbus_watched_drops_total",
    "Files and folders that were taken from a drop folder, by how that ended.",
    ("department", "outcome"),
)
WATCHED_DROPS_WAITING = gauge(
    "recordbus_watched_drops_pending",
    "Files and folders of a drop folder that wait: to be complete, or for somebody's approval.",
    ("department", "why"),
)
SFTP_PULLED_TOTAL = counter(
    "recordbus_sftp_pulled_total",
    "Files of a department's SFTP server, by how pulling them ended.",
    ("department", "outcome"),
)
