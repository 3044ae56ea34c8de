"""The steps of a sink between two promises, at which a test may end its process."""

from __future__ import annotations

from typing import Final

from recordbus.crashpoints import crashpoint

__all__ = ["NAMES", "crashpoint"]

NAMES: Final = (
    "sink.batch_read",
    "sink.quarantined",
    "sink.transaction_begun",
    "sink.transaction_filled",
    "sink.committed",
    "sink.erased",
    "sink.offsets_committed",
    "feeds.said",
    "feeds.committed",
    "feeds.attempted",
    "feeds.audited",
    "feeds.confirmed",
    "webhook.answered",
    "portal.noted",
    "portal.audited",
)
