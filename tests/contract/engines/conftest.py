"""Records as intake makes them, for engines to find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from consumers.testing import decoded
from recordbus.ids import record_key
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas.types import Record
from streams.intake.handle import RECORDS
from streams.intake.testing import Desk

MakeRecord = Callable[..., Record]


@pytest.fixture
def desk() -> Desk:
    return Desk(MemoryRegistry())


@pytest.fixture
def make_record(desk: Desk) -> MakeRecord:
    """Give a function that publishes a body under a number and gives the record intake makes."""

    def make(number: str = "FC-1", kind: str = "field_contact", **fields: Any) -> Record:
        envelope = {name: fields.pop(name) for name in list(fields) if name in _ENVELOPE}
        if envelope.get("status", "live") == "live":
            envelope["body"] = records.body(kind, record_id=number, **fields)
        key = record_key(records.SECRET, kind, number)
        handled = desk.say(records.change(kind, record_key=key, **envelope))
        assert handled.quarantined is None, handled.quarantined
        (output,) = [each for each in handled.outputs if each.topic == RECORDS]
        return decoded(output.value)

    return make


_ENVELOPE = {"status", "status_reason", "source_seq", "recorded_at", "occurred_at", "disputes",
             "dissemination_level"}  # fmt: skip
