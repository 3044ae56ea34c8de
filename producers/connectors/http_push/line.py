"""One department's line to Kafka: a thread that owns its publisher and gathers requests.

Many requests are at work at once; the line sends what came meanwhile together, serves the
broker's reports, and tells each request when all of its records are settled. What waits is
bounded: more is put off at once, so that memory does not follow the input.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

from producers.connectors.http_push.items import Live, Removal
from producers.publisher import Owner, Publisher, Receipt
from recordbus import logs
from recordbus.errors import RecordbusError, Rejected, Retryable

_SERVE_SECONDS: Final = 0.002
_CLOSE_SECONDS: Final = 10.0
_log = logs.logger(__name__)


class Sent(NamedTuple):
    """A record that Kafka holds durably."""

    record_key: str
    event_id: str


Outcome = Sent | RecordbusError
"""What became of one record: durable, or the error that prevented it."""

Done = Callable[[list[Outcome]], None]


@dataclass(slots=True)
class _Job:
    """One request's records; `left` counts those that are not settled."""

    items: Sequence[Live | Removal]
    done: Done
    outcomes: list[Outcome] = field(default_factory=list)
    left: int = 0


class Line:
    """Sends for one department, in the order in which requests come."""

    def __init__(
        self, publisher: Publisher, close: Callable[[], None], *, waiting_records: int
    ) -> None:
        self._publisher = publisher
        self._close = close
        self._limit = waiting_records
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._waiting = 0
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(
            target=self._run, name=f"gateway-{publisher.owner.name}", daemon=True
        )
        self._thread.start()

    @property
    def owner(self) -> Owner:
        """Who publishes on this line."""
        return self._publisher.owner

    def send(self, items: Sequence[Live | Removal], done: Done) -> None:
        """Send records; `done` is called from the line's thread, once, when all are settled.

        Raises Retryable when too many wait already, or when the line was closed.
        """
        with self._lock:
            if self._closed or self._waiting + len(items) > max(self._limit, len(items)):
                raise Retryable(
                    f"{self._waiting} records of this department wait for Kafka",
                    hint="send again when the broker has taken them",
                )
            self._waiting += len(items)
            self._jobs.put(_Job(items, done, left=len(items)))

    def close(self) -> None:
        """Send what waits, wait for its reports for a while, and let go of the connection."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._thread.join(_CLOSE_SECONDS)
        self._close()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            self._send(job)
        while self._publisher.in_flight[0]:
            self._publisher.poll(_SERVE_SECONDS)

    def _next(self) -> _Job | None:
        """Wait for a request, and serve reports meanwhile; None ends the line."""
        while self._publisher.in_flight[0]:
            try:
                return self._jobs.get_nowait()
            except queue.Empty:
                self._publisher.poll(_SERVE_SECONDS)
        return self._jobs.get()

    def _send(self, job: _Job) -> None:
        job.outcomes = [_UNSETTLED] * len(job.items)
        for at, item in enumerate(job.items):
            try:
                self._publish(item, partial(self._settle, job, at))
            except RecordbusError as error:
                self._note(job, at, error)
            except Exception as error:  # noqa: BLE001 - one record must not end the line
                _log.error("a record could not be sent", exc_info=error)
                self._note(job, at, Retryable("it failed in a way nothing expected"))

    def _publish(self, item: Live | Removal, notify: Callable[[Receipt], None]) -> None:
        publisher = self._publisher
        if isinstance(item, Live):
            publisher.publish(item.value, notify, checked=True)
            return
        key = publisher.owner.record_key(item.record_kind, item.record_id)
        publisher.remove_by_key(
            key, item.record_kind, item.source_seq, item.removed, item.reason, notify
        )

    def _settle(self, job: _Job, at: int, receipt: Receipt) -> None:
        self._note(job, at, receipt.error or Sent(receipt.record_key, receipt.event_id))

    def _note(self, job: _Job, at: int, outcome: Outcome) -> None:
        job.outcomes[at] = outcome
        job.left -= 1
        if job.left:
            return
        with self._lock:
            self._waiting -= len(job.items)
        job.done(job.outcomes)


_UNSETTLED: Final = Retryable("no report came")


def is_refusal(outcome: Outcome) -> bool:
    """Say whether a record can never be sent as it is."""
    return isinstance(outcome, Rejected)
