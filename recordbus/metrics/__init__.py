"""The one catalogue of metrics: every number this bus exposes is a line of this file.

Invariant: no label ever holds an id, a name or anything else about a person; labels come from
closed lists (departments, reasons, stages, topics, sinks, purposes, outcomes). Names follow
Prometheus: `recordbus_` first, base units, `_total` on counters. Nothing outside of this
package imports `prometheus_client`.
"""

from __future__ import annotations

from prometheus_client import GCCollector, PlatformCollector, ProcessCollector

from recordbus import build
from recordbus.metrics.declare import (
    COUNT_BUCKETS,
    REGISTRY,
    MetricSpec,
    counter,
    declared,
    gauge,
    histogram,
)
from recordbus.metrics.exposition import Exposition, exposition_text, is_served, sample, serve
from recordbus.metrics.samples import Sample, read_exposition, write_textfile

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
QUARANTINE_ENTRIES = gauge(
    "recordbus_quarantine_entries",
    "Messages that stand in quarantine, as `recordbus quarantine summary` last counted them.",
    ("department",),
)
JUDGEMENTS_TOTAL = counter(
    "recordbus_judgements_total",
    "Judgements about two mentions that intake accepted and passed on.",
    ("outcome",),
)
VERIFICATIONS_TOTAL = counter(
    "recordbus_verifications_total",
    "Questions to owners whether something may be relied on (asked), and their answers.",
    ("what",),
)
DESIGNATIONS_WITHOUT_NOTICE_TOTAL = counter(
    "recordbus_designations_without_notice_total",
    "Designations that hold though the person was not told, by the coded exception (R-18).",
    ("department", "exception"),
)
ENTITIES_MOVED_TOTAL = counter(
    "recordbus_entities_moved_total",
    "Entities that became part of another (merged) or came out of one (split).",
    ("how",),
)
ENTITY_ALARMS_TOTAL = counter(
    "recordbus_entity_alarms_total",
    "Entities that became such as somebody should look at, by what is odd about them.",
    ("alarm",),
)
ENTITY_ALARMS_ENDED_TOTAL = counter(
    "recordbus_entity_alarms_ended_total",
    "Entities that ceased to be such as somebody should look at, by what was odd about them.",
    ("alarm",),
)
LEADS_TOTAL = counter(
    "recordbus_leads_total",
    "Pairs of mentions that became possibly one: for people to judge, they join nothing.",
)
JUDGEMENTS_IN_FORCE = gauge(
    "recordbus_judgements_in_force",
    "Judgements about two mentions that are neither revoked nor expired.",
)
IDENTIFY_DROPPED_TOTAL = counter(
    "recordbus_identify_dropped_total",
    "Messages or parts of them that identify had to leave out; never expected to grow.",
    ("why",),
)
MEET_BLOCK_FLIPS_TOTAL = counter(
    "recordbus_meet_block_flips_total",
    "Blocks of a meeting key that grew past their limit and were suspended, or resumed.",
    ("change",),
)
MEET_SUSPENDED_BLOCKS = gauge(
    "recordbus_meet_suspended_blocks",
    "Blocks of a meeting key that are past their limit now: nobody meets there.",
)
MEET_DEFAULT_VALUES = gauge(
    "recordbus_meet_default_values",
    "Phones, e-mails and addresses that are default values now: nobody meets by them.",
)
MEET_VALUE_FLIPS_TOTAL = counter(
    "recordbus_meet_value_flips_total",
    "Phones, e-mails and addresses that became default values, or tell something again.",
    ("change",),
)
MEET_RESTATED_LISTS_TOTAL = counter(
    "recordbus_meet_restated_lists_total",
    "Lists of other records that were said again: a record left them, or a block or value flipped.",
    ("cause",),
)
MEET_OVERSIZE_LISTS_TOTAL = counter(
    "recordbus_meet_oversize_lists_total",
    "Lists that were too large to be written and were said without their pairs.",
)
ASSOCIATION_UPDATES_TOTAL = counter(
    "recordbus_association_updates_total",
    "Associations asserted, changed and retracted; the reason is empty unless retracted.",
    ("status", "reason"),
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

# --- what subscribers are told ------------------------------------------------------------
FEED_PARCELS_TOTAL = counter(
    "recordbus_feed_parcels_total",
    "Parcels, each all that was to be told of one record, by what became of them.",
    ("channel", "result"),
)
FEED_MESSAGES_TOTAL = counter(
    "recordbus_feed_messages_total",
    "Messages that subscribers took in: asserted, changed or retracted.",
    ("channel", "status"),
)
FEED_SUBSCRIPTIONS = gauge(
    "recordbus_feed_subscriptions",
    "Subscriptions by what they are now: waiting, active, due, paused, ended.",
    ("state",),
)
FEED_SUSPENDED_SUBSCRIPTIONS = gauge(
    "recordbus_feed_suspended_subscriptions",
    "Subscriptions that are told nothing new, or nothing at all, by why.",
    ("reason",),
)
FEED_CHANNEL_FAULTS_TOTAL = counter(
    "recordbus_feed_channel_faults_total",
    "Times that a subscription was sent nothing for a fault of this side: its channel or its key.",
    ("channel", "code"),
)
FEED_WEBHOOK_REQUESTS_TOTAL = counter(
    "recordbus_feed_webhook_requests_total",
    "Attempts to send a message to a webhook, by what they came to: delivered, or why not.",
    ("code",),
)
FEED_WEBHOOK_SECONDS = histogram(
    "recordbus_feed_webhook_seconds",
    "Seconds that one attempt to send a message to a webhook took, whatever it came to.",
)
FEED_RECORDS_DUE = gauge(
    "recordbus_feed_due_records",
    "Records that subscriptions are still to be looked at for, but those that fetch by themselves.",
)
FEED_RECEIPTS_OVERDUE = gauge(
    "recordbus_feed_overdue_receipts",
    "Receipts of corrections and retractions that subscribers owe past their time (R-24).",
)
FEED_RECEIPTS_UNKNOWN_TOTAL = counter(
    "recordbus_feed_receipts_unknown_total",
    "Receipts that nobody awaited: of unknown messages, or given again; ignored (row 81).",
    ("agency",),
)
FEED_COMPARISONS_TOTAL = counter(
    "recordbus_feed_comparisons_total",
    "Comparisons of what subscribers hold with what they must hold: equal or different.",
    ("comparison",),
)
FEED_CAPS_REACHED_TOTAL = counter(
    "recordbus_feed_caps_reached_total",
    "Requests that met what a subscription may fetch (messages) or be told again (resend) a day.",
    ("cap",),
)

# --- what agreements allow ----------------------------------------------------------------
POLICY_DECISIONS_TOTAL = counter(
    "recordbus_policy_decisions_total",
    "Decisions about items by stated purpose and by how much they allow: full, pointer, hidden.",
    ("purpose", "level"),
)
POLICY_SIDE_DOOR_DENIALS_TOTAL = counter(
    "recordbus_policy_side_door_denials_total",
    "Denials of a purpose that is shut unless an owner opens it by name (R-29); look at each.",
    ("purpose",),
)
POLICY_LOAD_FAILURES_TOTAL = counter(
    "recordbus_policy_load_failures_total",
    "Agreement files that were refused, by why; what was accepted before stays in force.",
    ("reason",),
)
POLICY_FILES_REFUSED = gauge(
    "recordbus_policy_refused_files",
    "Agreement files that are refused at present.",
)
POLICY_INFO = gauge(
    "recordbus_policy_info",
    "Always 1; the label is the version of all agreements that this process decides by.",
    ("version",),
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

# --- the audit ----------------------------------------------------------------------------
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
