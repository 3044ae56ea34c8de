"""What subscribers are told."""

from __future__ import annotations

from recordbus.metrics.declare import counter, gauge, histogram

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
