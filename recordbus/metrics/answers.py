"""What agreements allow, and what people ask."""

from __future__ import annotations

from recordbus.metrics.declare import counter, gauge, histogram

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
