"""How long to wait before a subscriber is tried again (pure)."""

from __future__ import annotations

import hashlib
from typing import Final

SCHEDULE: Final = (
    5.0, 30.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0,
)  # fmt: skip
"""Seconds after each failure in a row; the last one holds from there on (Standard Webhooks)."""
LONGEST_ASKED: Final = 3600.0
"""A pause that a subscriber asks for counts up to an hour (catalogue row 79)."""
MOST_SPREAD: Final = 0.2
"""A wait is up to so much longer, so that not all that failed together come back together."""


def wait_seconds(
    failures: int, asked: float | None = None, *, scale: float = 1.0, whose: str = ""
) -> float:
    """Give how long to wait after so many failures in a row, at least one.

    What the subscriber asked for holds where it is longer. `scale` makes the schedule's clock
    faster or slower; what was asked for is real time. `whose` spreads waits: equal arguments give
    equal waits.
    """
    planned = SCHEDULE[min(failures, len(SCHEDULE)) - 1] * scale * _spread(f"{whose}|{failures}")
    if asked is None or not asked >= 0:  # a NaN is no answer either
        return planned
    return max(planned, min(asked, LONGEST_ASKED))


def _spread(text: str) -> float:
    """Give a factor between 1 and 1 + MOST_SPREAD that looks like chance, and is none."""
    drawn = hashlib.sha256(text.encode()).digest()[0]
    return 1 + MOST_SPREAD * drawn / 256
