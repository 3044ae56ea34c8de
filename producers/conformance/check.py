"""Carries a department's records through connector, publisher and stages, all in this process."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from producers.conformance.findings import Example, Findings
from producers.connectors.csv_snapshot import DifferState, Options, find_exports, publish_snapshot
from producers.connectors.csv_snapshot.scan import Snapshot
from producers.mapping import DepartmentMapping, ExportMapping
from producers.publisher import Owner, Publisher, Receipt
from producers.publisher.encoding import ChangeEncoder
from producers.publisher.from_json import JSON_BYTES, parse, with_instants
from producers.publisher.publisher import Record
from producers.publisher.receipt import Notify
from producers.publisher.record import Value, checked_value
from recordbus.clock import Clock
from recordbus.errors import Misconfigured, Rejected
from recordbus.rehearsals import OpenRehearsal, Rehearsal
from schemas.topics import topic_for_department

DEPARTMENT: Final = "conformance"
ORI: Final = "ZZ0000000"


@dataclass(slots=True)
class _Bus:
    """Stands where Kafka would: every message is taken by the rehearsal at once."""

    rehearsal: Rehearsal
    findings: Findings
    clock: Clock
    lines: dict[str, Example] = field(default_factory=dict)

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, on_delivery: Any
    ) -> None:
        """Let the rehearsal take a message and note what became of it."""
        assert key is not None
        assert value is not None
        found = self.findings
        example = self.lines.get(key.decode(), Example("", 0, ""))
        heard = self.rehearsal.offer(key, value, self.clock.epoch_ms())
        if heard.accepted:
            found.accepted += 1
        elif heard.reason == "duplicate":
            found.repeated += 1
        else:
            found.set_aside.note(heard.reason or "", example._replace(detail=heard.detail))
        for flag in heard.flags:
            found.flags.note(flag, example)
        on_delivery(None, topic, 0, 0)

    def poll(self, timeout_seconds: float = 0.0) -> int:
        """Nothing is ever on its way."""
        del timeout_seconds
        return 0

    def flush(self, timeout_seconds: float = 60.0) -> None:
        """Nothing is ever on its way."""
        del timeout_seconds


class _Watched(Publisher):
    """The publisher, with a look at every record that it takes."""

    findings: Findings
    now: datetime

    def publish(
        self, record: Record, notify: Notify | None = None, *, checked: bool = False
    ) -> Receipt:
        """Publish a record and note what is odd about it."""
        value = record if checked and isinstance(record, dict) else checked_value(record)
        receipt = super().publish(value, notify, checked=True)
        self.findings.take_in(value, self.now)
        return receipt


def check(
    path: Path, mapping: DepartmentMapping | None, opened: OpenRehearsal, clock: Clock
) -> Findings:
    """Give what the bus would make of a file: exports by their mapping, or records as JSON lines.

    Raises Misconfigured when the file cannot be read or belongs to no export.
    """
    topic = topic_for_department(DEPARTMENT)
    contact = {"unit": "Records", "phone": None, "email": None}
    owner = Owner(DEPARTMENT, ORI, topic, contact, secrets.token_bytes(32))
    rehearsal = opened(DEPARTMENT, ORI)
    findings = Findings()
    bus = _Bus(rehearsal, findings, clock)
    encoder = ChangeEncoder(rehearsal.registry, owner.topic)
    publisher = _Watched(owner, encoder, bus, clock=clock)
    publisher.findings, publisher.now = findings, clock.now()
    if mapping is None:
        _check_lines(path, owner, publisher, bus)
    else:
        for export, file in find_exports(mapping, path):
            _check_export(export, file, owner, publisher, bus)
    records = {key: f"{line.file}:{line.line}" for key, line in bus.lines.items()}
    findings.tie(rehearsal.associations(), records)
    findings.identify(rehearsal.identities())
    findings.troubles = rehearsal.troubles()
    return findings


# --- exports -------------------------------------------------------------------------------


def _check_export(
    export: ExportMapping, file: Path, owner: Owner, publisher: _Watched, bus: _Bus
) -> None:
    found = bus.findings
    try:
        _look_through(export, file, owner, bus)
        with DifferState(None, bus.clock) as state:
            account = publish_snapshot(
                export,
                file,
                owner,
                publisher,
                state,
                bus.clock,
                Options(),
            )
    except Rejected as error:
        found.read += 1
        found.refused.note(error.reason, Example(file.name, 0, error.detail))
        return
    found.read += account.read
    found.repeated += account.duplicates
    for refusal in account.refusals:
        found.refused.note(refusal.reason, Example(file.name, refusal.line, refusal.detail))
    kept = Counter(refusal.reason for refusal in account.refusals)
    found.refused.counts.update(account.refused - kept)  # an account keeps the first thousand


def _look_through(export: ExportMapping, file: Path, owner: Owner, bus: _Bus) -> None:
    """Read the file once for where each record stands, and for which columns say anything."""
    found = bus.findings
    snapshot = Snapshot.open(export, owner, file)
    try:
        cells = snapshot.mapper.cells
        filled: set[int] = set()
        for row in snapshot.rows():
            if row.record_key is not None:
                bus.lines.setdefault(row.record_key.hex(), Example(file.name, row.line, ""))
            if row.fault is None and len(filled) < len(cells.used):
                filled.update(place for place in cells.used if row.cells[place])
        known = set(export.new_columns(cells.names, None))
        label = f"{export.name}: "
        found.columns_unknown += [label + name for name in cells.names if name in known]
        used = {cells.names[place] for place in cells.used}
        found.columns_ignored += [
            label + name for name in cells.names if name not in used and name not in known
        ]
        found.columns_empty += [
            label + cells.names[place] for place in cells.used if place not in filled
        ]
    finally:
        snapshot.close()


# --- JSON lines ------------------------------------------------------------------------------


def _check_lines(path: Path, owner: Owner, publisher: _Watched, bus: _Bus) -> None:
    found = bus.findings
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        found.read += 1
        example = Example(path.name, number, "")
        try:
            value = _record(line, number)
            body = value["body"]
            key = owner.record_key(value["record_kind"], body["record_id"])
            bus.lines[key] = example
            publisher.publish(value, checked=True)
        except Rejected as error:
            found.refused.note(error.reason, example._replace(detail=error.detail))


def _record(line: bytes, number: int) -> Value:
    """Read a line as an outbox row's payload: its number stands in for a missing source_seq."""
    given: Mapping[str, Any] = parse(line.rstrip(b"\r\n"))
    return checked_value(with_instants({"source_seq": number, **given}))


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while line := file.readline(JSON_BYTES + 2):
                yield line
    except OSError as error:
        raise Misconfigured(
            f"cannot read {path}: {error.strerror}", hint="it is JSON lines in UTF-8"
        ) from error
