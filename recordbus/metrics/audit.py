"""The audit, and what owners are told of the uses of their records."""

from __future__ import annotations

from recordbus.metrics.declare import counter, gauge, histogram

AUDIT_APPENDS_TOTAL = counter(
    "recordbus_audit_appends_total",
    "Entries that became durable in the audit's log.",
)
AUDIT_APPEND_SECONDS = histogram(
    "recordbus_audit_append_seconds",
    "Seconds from an entry to its receipt: waiting for others, the lock and the disk.",
)
AUDIT_APPEND_FAILURES_TOTAL = counter(
    "recordbus_audit_append_failures_total",
    "Entries that got no receipt, so that nothing was answered or sent, by what was in the way.",
    ("reason",),
)
AUDIT_ENTRIES = gauge(
    "recordbus_audit_entries",
    "Entries in the audit's log at its last checkpoint.",
)
AUDIT_LOG_BYTES = gauge(
    "recordbus_audit_log_bytes",
    "Bytes that the entries of the audit's log take.",
)
AUDIT_LAST_CHECKPOINT_TIMESTAMP_SECONDS = gauge(
    "recordbus_audit_last_checkpoint_timestamp_seconds",
    "When the audit's log was last signed, in seconds since 1970.",
)
AUDIT_LAST_VERIFIED_TIMESTAMP_SECONDS = gauge(
    "recordbus_audit_last_verified_timestamp_seconds",
    "When the whole of the audit's log was last verified and found unaltered, in seconds since "
    "1970.",
)
AUDIT_VERIFY_FAILURES_TOTAL = counter(
    "recordbus_audit_verify_failures_total",
    "Verifications and checkpoints that found the audit's log altered or damaged.",
)
AUDIT_WITNESS_TIMESTAMP_SECONDS = gauge(
    "recordbus_audit_witness_timestamp_seconds",
    "When a witness last cosigned the audit's log, in seconds since 1970.",
    ("witness",),
)

USES_LAG_ENTRIES = gauge(
    "recordbus_uses_lag_entries",
    "Entries of the audit whose uses are not yet on the topics of the records' owners.",
)
USES_LAG_SECONDS = gauge(
    "recordbus_uses_lag_seconds",
    "Age of the oldest entry whose uses owners were not yet told of; 0 when there is none.",
)
USES_PUBLISHED_TOTAL = counter(
    "recordbus_uses_published_total",
    "Messages to owners about uses of their records, by the outcome of the use.",
    ("department", "outcome"),
)
USES_UNTOLD_TOTAL = counter(
    "recordbus_uses_untold_total",
    "Uses of records of a department that the bus does not know; never expected to grow.",
)
