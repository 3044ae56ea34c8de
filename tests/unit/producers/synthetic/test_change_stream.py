"""Snapshot after snapshot through the connector: what it finds changed is what the truth says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from producers.connectors.csv_snapshot import (
    DifferState,
    Options,
    RecordVerbs,
    find_exports,
    find_record,
    publish_snapshot,
)
from producers.mapping import DepartmentMapping
from producers.publisher import Owner, Publisher
from producers.shipped import find_mapping
from producers.synthetic.departments import DEPARTMENTS
from producers.synthetic.writer import folder
from recordbus.testing.clock import ManualClock

from .conftest import SNAPSHOTS, County


class Bus:
    """Takes every message at once and keeps the newest change of each record."""

    def __init__(self) -> None:
        self.newest: dict[str, Mapping[str, Any]] = {}
        self._last: Mapping[str, Any] = {}

    def body(self, body: Mapping[str, Any] | None, /) -> bytes:
        return repr(body).encode()

    def encode(self, change: Mapping[str, Any], body: bytes, /) -> bytes:
        self._last = dict(change)
        return b"a change"

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, on_delivery: Any
    ) -> None:
        known = self.newest.get(self._last["record_key"])
        assert known is None or known["source_seq"] <= self._last["source_seq"]
        self.newest[self._last["record_key"]] = self._last
        on_delivery(None, topic, 0, len(self.newest))

    def poll(self, timeout_seconds: float = 0.0) -> int:
        return 0

    def flush(self, timeout_seconds: float = 60.0) -> None:
        return None

    def count(self, status: str) -> int:
        return sum(change["status"] == status for change in self.newest.values())


def carry_out(
    actions: Path, verbs: RecordVerbs, mapping: DepartmentMapping, owner: Owner, where: Path
) -> None:
    """Carry out a snapshot's actions, as `recordbus publish` does before it compares."""
    for line in actions.read_text("utf-8").splitlines():
        action = json.loads(line)
        kind, number, reason = action["record_kind"], action["record_id"], action["reason"]
        if action["verb"] == "seal":
            verbs.seal(kind, number, reason)
        elif action["verb"] == "expunge":
            verbs.expunge(kind, number, reason)
        else:
            files = find_exports(mapping, where)
            export, path = next(f for f in files if f.export.record_kind == kind)
            verbs.unseal(find_record(export, owner, path, number))


@pytest.mark.parametrize("name", [d.name for d in DEPARTMENTS])
def test_each_snapshot_changes_what_the_manifest_says(county: County, name: str) -> None:
    bus = Bus()
    ori = next(d.ori for d in DEPARTMENTS if d.name == name)
    contact = {"unit": "Records", "phone": None, "email": None}
    owner = Owner(name, ori, f"ingest.{name}.v1", contact, b"a secret of 32 bytes for a test!")
    clock = ManualClock()
    publisher = Publisher(owner, bus, bus, clock=clock)
    mapping = find_mapping(name)
    counts = county.manifest["departments"][name]["snapshots"]
    with DifferState(None, clock) as state:
        for step in range(1, SNAPSHOTS + 1):
            where = folder(county.root, name, step)
            verbs = RecordVerbs(publisher, state)
            carry_out(where / "actions.jsonl", verbs, mapping, owner, where)
            done = [
                publish_snapshot(
                    export, path, owner, publisher, state, clock, Options(approve=True)
                )
                for export, path in find_exports(mapping, where)
            ]
            expected = counts[step - 1]
            changed = expected.get("arrived", 0) + expected.get("changed", 0)
            assert sum(each.accepted for each in done) == changed
            assert sum(each.withdrawn for each in done) == expected.get("withdraw", 0)
            assert bus.count("live") == expected["records"]
    assert bus.count("withdrawn") == sum(c.get("withdraw", 0) for c in counts)
    assert bus.count("expunged") == sum(c.get("expunge", 0) for c in counts)
    sealed = sum(c.get("seal", 0) - c.get("unseal", 0) for c in counts)
    assert bus.count("sealed") == sealed
