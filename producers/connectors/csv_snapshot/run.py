"""Publishes what changed between two snapshots of a department's export.

The order that makes kill -9 harmless: read the whole file; write down what will be sent and
under which sequence; send; only after the last acknowledgement move the marker. A run that was
cut short goes on with the same file, sends the same events again (which changes nothing), or,
when another file comes, treats whatever it may have sent as unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from producers.connectors.csv_snapshot.account import Account
from producers.connectors.csv_snapshot.diff import (
    Difference,
    Place,
    Places,
    compare,
    plan,
    planned_withdrawals,
)
from producers.connectors.csv_snapshot.limits import why_held
from producers.connectors.csv_snapshot.marker import Marker
from producers.connectors.csv_snapshot.ready import digest_of, snapshot_number
from producers.connectors.csv_snapshot.scan import Scanned, Snapshot
from producers.connectors.csv_snapshot.state import DifferState
from producers.connectors.csv_snapshot.values import record_value
from producers.mapping import ExportMapping
from producers.publisher import Owner, Publisher, Receipt
from producers.publisher.record import Value, checked_value
from recordbus.clock import Clock
from recordbus.errors import Rejected
from recordbus.metrics import SNAPSHOT_ROWS_HELD

STEPS: Final = ("compared", "planned", "sent_some", "acknowledged_some", "acknowledged", "accepted")
"""Where a test may end the process."""

_ACKNOWLEDGE_EVERY: Final = 20_000
_PROGRESS_EVERY: Final = 200

Progress = Callable[[Account], None]
Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: `approve` sends a snapshot that would be held, `dry_run` sends nothing.

    `approve` also takes a snapshot that says what an earlier one said, when the mapping gives
    snapshots no numbers by which they could be told apart.

    `acknowledge_every` is after how many sent records the run waits and writes down how far it
    came; `progress` and `step` are called as it goes on.
    """

    approve: bool = False
    dry_run: bool = False
    acknowledge_every: int = _ACKNOWLEDGE_EVERY
    progress: Progress = lambda _account: None
    step: Step = lambda _name: None


def publish_snapshot(
    export: ExportMapping,
    path: Path,
    owner: Owner,
    publisher: Publisher | None,
    state: DifferState,
    clock: Clock,
    options: Options | None = None,
) -> Account:
    """Publish what changed in a snapshot and give the account of all its rows.

    `publisher` may be None for a dry run. Raises Rejected when the file as a whole is refused
    (nothing was sent), Retryable when the broker fails: the same call then goes on.
    """
    snapshot = Snapshot.open(export, owner, path)
    try:
        return _Run(snapshot, publisher, state, clock, options or Options()).run()
    finally:
        snapshot.close()


class _Run:
    """One snapshot on its way."""

    def __init__(
        self,
        snapshot: Snapshot,
        publisher: Publisher | None,
        state: DifferState,
        clock: Clock,
        options: Options,
    ) -> None:
        self._snapshot = snapshot
        self._export = snapshot.export
        self._publisher = publisher
        self._state = state
        self._options = options
        self._marker = Marker(state, self._export.name, clock)
        self._account = Account(
            department=snapshot.owner.name,
            export=self._export.name,
            record_kind=self._export.record_kind,
            file=snapshot.file.path.name,
            ending="dry_run" if options.dry_run else "published",
            warnings=list(snapshot.warnings),
        )
        self._since_acknowledged = 0
        self._refused_keys: list[bytes] = []

    def run(self) -> Account:
        source = self._export.source
        digest = digest_of(self._snapshot.paths, self._snapshot.owner.secret)
        number = snapshot_number(self._snapshot.file.path, source)
        if not (number is None and self._options.approve):
            self._marker.refuse_older(digest, number, self._account.file)
        resumed = not self._options.dry_run and self._marker.resume(digest)
        difference = compare(
            self._state.database,
            self._export.name,
            self._snapshot.rows(),
            complete=source.completeness == "full",
        )
        self._options.step("compared")
        self._hold_or_plan(difference, digest, number, resumed=resumed)
        self._go_through()
        if self._account.ending == "published":
            self._finish()
        self._options.progress(self._account)
        if not self._account.adds_up:
            raise AssertionError(f"{self._account.read} rows read, {self._account.settled} settled")
        return self._account

    # --- before sending ------------------------------------------------------------------

    def _hold_or_plan(
        self, difference: Difference, digest: bytes, number: int | None, *, resumed: bool
    ) -> None:
        account, options = self._account, self._options
        held = None if options.approve or resumed else why_held(difference, self._export.source)
        gauge = SNAPSHOT_ROWS_HELD.labels(department=account.department)
        gauge.set(difference.rows if held else 0)
        if held:
            account.ending, account.held_because = "held", held
        if difference.unplaced and difference.vanished and not options.approve and not resumed:
            account.withdrawals_held = difference.vanished
        if resumed:
            return
        withdraw = difference.vanished > 0 and not account.withdrawals_held
        self._plan(digest, number, withdraw=withdraw)

    def _plan(self, digest: bytes, number: int | None, *, withdraw: bool) -> None:
        """Write the plan down; for a run that sends nothing it lives only as long as the run."""
        export = self._export
        if self._account.ending == "published":
            with self._state.transaction() as database:
                sequence = self._marker.open(digest, number)
                plan(database, export.name, export.record_kind, sequence, withdraw=withdraw)
            self._options.step("planned")
            return
        database = self._state.database
        database.execute("BEGIN")
        database.execute("DELETE FROM planned WHERE export = ?", (export.name,))
        plan(database, export.name, export.record_kind, 0, withdraw=withdraw)

    # --- the rows ------------------------------------------------------------------------

    def _go_through(self) -> None:
        account = self._account
        places = Places(self._state.database)
        try:
            for row in self._snapshot.rows():
                account.read += 1
                self._settle(row, places)
                if account.read % _PROGRESS_EVERY == 0:
                    self._options.progress(account)
            self._withdraw()
        finally:
            places.close()
            if account.ending != "published":
                self._state.database.execute("ROLLBACK")

    def _settle(self, row: Scanned, places: Places) -> None:
        account = self._account
        if row.fault is not None:
            account.refuse(row.line, *row.fault)
            return
        place = places.of(row)
        if place is None:
            raise Rejected("file_changing", f"{account.file} changed while it was read")
        if place.is_duplicate:
            account.duplicates += 1
        elif place.is_conflict:
            detail = "another row of the file has this key and says something else"
            account.refuse(row.line, "duplicate_key_in_snapshot", detail)
        elif place.is_planned:
            self._publish(row, place)
        else:
            self._leave(row, place)

    def _leave(self, row: Scanned, place: Place) -> None:
        account = self._account
        if place.status == "expunged":
            account.refuse(row.line, "resurrection_attempt", "the record was expunged")
        elif place.is_stale:
            account.refuse(row.line, "superseded", "a newer version of the row was accepted")
        else:
            account.unchanged += 1
            account.sealed += place.status == "sealed"

    def _publish(self, row: Scanned, place: Place) -> None:
        account = self._account
        assert row.record_key is not None
        try:
            mapped = self._snapshot.map(row)
            value = record_value(self._export, mapped, place.source_seq, place.notes)
            if account.ending == "held":
                detail = account.held_because or ""
                account.refuse(row.line, "suspicious_delete_ratio", detail)
            elif account.ending == "dry_run" or row.line <= self._marker.acknowledged_line:
                checked_value(value)
                account.accepted += 1
            else:
                self._send(row, value)
        except Rejected as error:
            self._refused_keys.append(row.record_key)
            account.refuse(row.line, error.reason, error.detail)

    def _send(self, row: Scanned, value: Value) -> None:
        assert self._publisher is not None
        self._publisher.publish(value, self._acknowledged)
        self._since_acknowledged += 1
        self._options.step("sent_some")
        if self._since_acknowledged >= self._options.acknowledge_every:
            self._publisher.flush()
            self._marker.note_acknowledged(row.line)
            self._since_acknowledged = 0
            self._options.step("acknowledged_some")

    def _acknowledged(self, receipt: Receipt) -> None:
        self._account.accepted += receipt.durable

    def _withdraw(self) -> None:
        account = self._account
        leaving = planned_withdrawals(self._state.database, self._export.name)
        if account.ending == "published" and self._publisher is not None:
            for record_key, kind, source_seq in leaving:
                self._publisher.remove_by_key(
                    record_key.hex(), kind, source_seq, "withdrawn", "vanished_from_source"
                )
                self._options.step("sent_some")
        account.withdrawn = 0 if account.ending == "held" else len(leaving)

    # --- after sending -------------------------------------------------------------------

    def _finish(self) -> None:
        assert self._publisher is not None
        self._publisher.flush()
        self._options.step("acknowledged")
        self._marker.accept(self._refused_keys)
        self._options.step("accepted")
