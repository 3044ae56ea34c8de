"""The steps of the audit between two promises, at which a test may end its process."""

from __future__ import annotations

from typing import Final

from recordbus.crashpoints import crashpoint

__all__ = ["NAMES", "USES_NAMES", "crashpoint"]

NAMES: Final = (
    "audit.locked",
    "audit.openings_durable",
    "audit.entries_durable",
    "audit.marked",
)
"""In the order in which one append passes them; `openings_durable` only where there are some."""

USES_NAMES: Final = ("uses.checked", "uses.sent", "uses.written", "uses.place_kept")
"""In the order in which one batch of uses passes them; `sent` is before its transaction commits."""
