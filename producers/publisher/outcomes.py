"""Counts what became of records, cheaply enough to be done for each of them."""

from __future__ import annotations

from producers.publisher.receipt import Receipt
from recordbus.clock import Clock
from recordbus.metrics import INGEST_ACK_SECONDS, INGEST_RECORDS_TOTAL


class Outcomes:
    """Gathers counts and hands them to the metrics in lumps; its owner guards it."""

    def __init__(self, department: str) -> None:
        self._durable = INGEST_RECORDS_TOTAL.labels(department=department, outcome="durable")
        self._failed = INGEST_RECORDS_TOTAL.labels(department=department, outcome="failed")
        self._refused = INGEST_RECORDS_TOTAL.labels(department=department, outcome="refused")
        self._pending = 0

    def refused(self) -> None:
        """Count a record that was refused before sending."""
        self._refused.inc()

    def settled(self, receipt: Receipt, clock: Clock) -> None:
        """Count a record that became durable or failed, and time it if it was to be timed."""
        if receipt.error is not None:
            self._failed.inc()
            return
        self._pending += 1
        if receipt.sent_at_seconds:
            INGEST_ACK_SECONDS.observe(clock.monotonic() - receipt.sent_at_seconds)
            self.report()

    def report(self) -> None:
        """Hand the counts gathered so far to the metrics."""
        self._durable.inc(self._pending)
        self._pending = 0
