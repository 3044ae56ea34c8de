"""Counts what became of records, cheaply enough to be done for each of them."""

from __future__ import annotations

from recordbus.clock import Clock
from recordbus.errors import RecordbusError
from recordbus.metrics import INGEST_ACK_SECONDS, INGEST_RECORDS_TOTAL

_REPORT_EVERY = 256
_TIME_EVERY = 16


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

    def settled(self, error: RecordbusError | None, sent_at_seconds: float, clock: Clock) -> None:
        """Count a record that became durable or failed; every sixteenth one is timed."""
        if error is not None:
            self._failed.inc()
            return
        self._pending += 1
        if self._pending % _TIME_EVERY == 0:
            INGEST_ACK_SECONDS.observe(clock.monotonic() - sent_at_seconds)
        if self._pending >= _REPORT_EVERY:
            self.report()

    def report(self) -> None:
        """Hand the counts gathered so far to the metrics."""
        self._durable.inc(self._pending)
        self._pending = 0
