"""What the stages make of it, how far behind readers are, and how long it takes."""

from __future__ import annotations

from recordbus.metrics.declare import COUNT_BUCKETS, counter, gauge, histogram

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
