"""A quarantine in memory: what stages and consumers would have said there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from recordbus.kafka.message import Message
from recordbus.testing.records import part

MOMENT_MS = 1_795_000_000_000
MOMENT = datetime.fromtimestamp(MOMENT_MS / 1000, UTC)
Said = Callable[..., Message]


@pytest.fixture
def said() -> Said:
    """Give a function that makes the message of one entry; its value is a plain dict."""

    def make(offset: int, *, after_ms: int = 0, erased: bool = False, **fields: Any) -> Message:
        filled = {"source_topic": "ingest.maple-grove-pd.v1", "source_offset": offset,
                  "source_timestamp": MOMENT, "stage": "intake",
                  "department": "maple-grove-pd", "reason": "unknown_role"} | fields  # fmt: skip
        value: Any = None if erased else part("Quarantined", **filled)
        position = f"{filled['source_topic']}/0/{offset}".encode()
        return Message("quarantine.v1", 0, offset, position, value, MOMENT_MS + after_ms)

    return make
