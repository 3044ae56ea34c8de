"""What a snapshot cannot say: withdraw, seal, unseal, expunge, dispute - one record at a time.

The invariant: the state is written first, so that no later snapshot undoes what was asked; a
verb that failed on the way is simply asked for again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from producers.connectors.csv_snapshot.notes import pack
from producers.connectors.csv_snapshot.scan import Snapshot
from producers.connectors.csv_snapshot.state import DifferState, Known, RecordStatus
from producers.connectors.csv_snapshot.values import record_value
from producers.mapping import ExportMapping, MappedRecord
from producers.publisher import Dispute, Owner, Publisher, Receipt
from producers.publisher.record import (
    Value,
    checked_value,
    with_dispute,
    with_dispute_resolved,
)
from producers.publisher.stamp import RemovedStatus
from recordbus.errors import Refused, Rejected

_NOWHERE = ""


class FoundRecord(NamedTuple):
    """A record as a snapshot has it now."""

    export: ExportMapping
    mapped: MappedRecord
    digest: bytes


def find_record(export: ExportMapping, owner: Owner, path: Path, record_id: str) -> FoundRecord:
    """Find one record in a snapshot; Rejected when it is not there once and sound."""
    wanted = bytes.fromhex(owner.record_key(export.record_kind, record_id))
    snapshot = Snapshot.open(export, owner, path)
    try:
        rows = [row for row in snapshot.rows() if row.record_key == wanted]
        distinct = {row.digest: row for row in rows}
        if len(distinct) != 1:
            reason = "duplicate_key_in_snapshot" if rows else "missing_required"
            raise Rejected(reason, f"{path.name} has {len(distinct)} rows for this record")
        row = rows[0]
        if row.fault is not None:
            raise Rejected(*row.fault)
        return FoundRecord(export, snapshot.map(row), row.digest)
    finally:
        snapshot.close()


class RecordVerbs:
    """The verbs of one department, with the differ's state kept in step."""

    def __init__(self, publisher: Publisher, state: DifferState) -> None:
        self._publisher = publisher
        self._state = state

    def withdraw(self, record_kind: str, record_id: str, reason: str) -> Receipt:
        """Take a record back; the next snapshot that has it publishes it again."""
        return self._remove(record_kind, record_id, "withdrawn", reason)

    def seal(self, record_kind: str, record_id: str, reason: str) -> Receipt:
        """Seal a record: snapshots do not publish it until `unseal`."""
        return self._remove(record_kind, record_id, "sealed", reason)

    def expunge(self, record_kind: str, record_id: str, reason: str) -> Receipt:
        """Expunge a record for good: rows that still have it are refused by name."""
        return self._remove(record_kind, record_id, "expunged", reason)

    def unseal(self, found: FoundRecord) -> Receipt:
        """Publish a sealed record again, as the snapshot has it; asking twice does no harm.

        Refused when the record is neither sealed nor live.
        """
        known = self._known(found)
        if known is None or known.status not in ("sealed", "live"):
            status = known.status if known else "not known to this connector"
            raise Refused("not_sealed", f"the record is {status}, not sealed")
        return self._publish(found, lambda value: value)

    def dispute(self, found: FoundRecord, dispute: Dispute) -> Receipt:
        """Publish a record with a dispute, and keep it on every later version (R-19)."""
        self._refuse_removed(found)
        return self._publish(found, lambda value: with_dispute(value, dispute))

    def resolve_dispute(
        self, found: FoundRecord, dispute_id: str, resolved_at: datetime
    ) -> Receipt:
        """Publish a record with one of its disputes resolved."""
        self._refuse_removed(found)
        return self._publish(
            found, lambda value: with_dispute_resolved(value, dispute_id, resolved_at)
        )

    # --- inside --------------------------------------------------------------------------

    def _remove(self, kind: str, record_id: str, status: RemovedStatus, reason: str) -> Receipt:
        owner = self._publisher.owner
        key = bytes.fromhex(owner.record_key(kind, record_id))
        with self._state.transaction():
            known = self._state.known(key)
            if known is not None and known.status == "expunged" and status != "expunged":
                raise Refused("expunged", "the record was expunged; nothing else can follow")
            sequence = self._sequence(key, known)
            notes = known.notes if known and status != "expunged" else None
            export = known.export if known else _NOWHERE
            self._state.put(key, Known(export, kind, None, sequence, _kept(status), notes))
        receipt = self._publisher.remove_by_key(key.hex(), kind, sequence, status, reason)
        self._publisher.flush()
        return receipt

    def _publish(self, found: FoundRecord, change: Callable[[Value], Value]) -> Receipt:
        key = self._key(found)
        with self._state.transaction():
            known = self._state.known(key)
            sequence = self._sequence(key, known)
            notes = known.notes if known else None
            value = record_value(found.export, found.mapped, sequence, notes)
            value = change(checked_value(value))
            kept = Known(
                found.export.name,
                found.export.record_kind,
                found.digest,
                sequence,
                "live",
                pack(value["disputes"], value["reviews"]),
            )
            self._state.put(key, kept)
        receipt = self._publisher.publish(value)
        self._publisher.flush()
        return receipt

    def _sequence(self, key: bytes, known: Known | None) -> int:
        """Take a number above all that was or may have been sent for this record."""
        planned = self._state.drop_planned(key)
        if known is None and planned is None:
            return self._state.next_sequence()
        return max(known.source_seq if known else 0, planned or 0) + 1

    def _refuse_removed(self, found: FoundRecord) -> None:
        known = self._known(found)
        if known is not None and known.status != "live":
            raise Refused("not_live", f"the record is {known.status}; nothing can be disputed")

    def _known(self, found: FoundRecord) -> Known | None:
        return self._state.known(self._key(found))

    def _key(self, found: FoundRecord) -> bytes:
        owner = self._publisher.owner
        return bytes.fromhex(owner.record_key(found.export.record_kind, found.mapped.record_id))


def _kept(status: RemovedStatus) -> RecordStatus:
    return status
