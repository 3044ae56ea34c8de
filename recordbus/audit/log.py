"""The audit as its users have it: any thread appends, one thread of the process writes.

Invariant (R-39): `append` returns only for an entry that is durable, and within its time limit it
returns or raises. Whatever comes while a commit runs goes into the next one together. A disk that
hangs holds up the writing thread and nobody else.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Final, NamedTuple

from recordbus.audit.entry import Entry, Receipt
from recordbus.audit.store import Store
from recordbus.errors import RecordbusError, Retryable
from recordbus.metrics import (
    AUDIT_APPEND_FAILURES_TOTAL,
    AUDIT_APPEND_SECONDS,
    AUDIT_APPENDS_TOTAL,
)

MOST_AT_ONCE: Final = 2000
MOST_WAITING: Final = 50_000
_HINT: Final = "nothing is answered or sent until the audit can be written"
_FAILURES: Final = {
    "timeout": "was not durable within {seconds:g} seconds",
    "behind": "would wait behind a disk that hangs",
    "closed": "came after the end",
}


class _Pending(NamedTuple):
    entries: tuple[Entry, ...]
    receipts: Future[list[Receipt]]


class AuditLog:
    """An AuditSink over a store. Close it, or use it as a context; one per process is enough."""

    def __init__(self, store: Store, timeout_seconds: float = 2.0) -> None:
        self._store = store
        self._timeout = timeout_seconds
        self._waiting: deque[_Pending] = deque()
        self._changed = threading.Condition()
        self._is_closed = False
        self._writing_since: float | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> AuditLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def append(self, entry: Entry) -> Receipt:
        """Keep an entry for good before returning; raises Retryable within the time limit."""
        return self.append_all([entry])[0]

    def append_all(self, entries: Sequence[Entry]) -> list[Receipt]:
        """Keep several entries, in this order and next to each other."""
        started = time.monotonic()
        receipts = self._submitted(entries)
        try:
            written = receipts.result(self._timeout)
        except TimeoutError:
            receipts.cancel()
            raise self._failed("timeout", len(entries)) from None
        self._count(written, started)
        return written

    async def append_async(self, entry: Entry) -> Receipt:
        """Do what `append` does without holding up the event loop."""
        started = time.monotonic()
        receipts = self._submitted([entry])
        try:
            async with asyncio.timeout(self._timeout):
                written = await asyncio.wrap_future(receipts)
        except TimeoutError:
            raise self._failed("timeout", 1) from None
        self._count(written, started)
        return written[0]

    def close(self) -> None:
        """Write what is waiting, then stop; a disk that hangs is not waited for beyond the limit.

        What could not be written until then fails.
        """
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(self._timeout)
            if self._thread.is_alive():
                return  # it hangs in the disk; its files are not ours to close
        self._store.close()

    def _submitted(self, entries: Sequence[Entry]) -> Future[list[Receipt]]:
        receipts: Future[list[Receipt]] = Future()
        with self._changed:
            if self._is_closed:
                raise self._failed("closed", len(entries))
            if len(self._waiting) >= MOST_WAITING or self._is_stuck():
                raise self._failed("behind", len(entries))
            self._waiting.append(_Pending(tuple(entries), receipts))
            self._start()
            self._changed.notify()
        return receipts

    def _is_stuck(self) -> bool:
        since = self._writing_since
        return since is not None and time.monotonic() - since > self._timeout

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while True:
            batch = self._taken()
            if not batch:
                return
            self._writing_since = time.monotonic()
            _settle(batch, self._written(batch))
            self._writing_since = None

    def _taken(self) -> list[_Pending]:
        """Wait for entries and give all that one commit holds; nothing once closed and done."""
        with self._changed:
            while True:
                batch, count = [], 0
                while self._waiting and count < MOST_AT_ONCE:
                    pending = self._waiting.popleft()
                    if pending.receipts.set_running_or_notify_cancel():
                        batch.append(pending)
                        count += len(pending.entries)
                if batch or self._is_closed:
                    return batch
                self._changed.wait()

    def _written(self, batch: Sequence[_Pending]) -> list[Receipt] | Exception:
        entries = [entry for pending in batch for entry in pending.entries]
        try:
            return self._store.commit(entries, self._timeout * 0.9)
        except RecordbusError as error:
            return error
        except OSError as error:
            return Retryable(f"the audit cannot be written: {error.strerror or error}", hint=_HINT)
        except Exception as error:  # noqa: BLE001 - the thread must live, and the callers learn it
            return Retryable(f"the audit cannot be written: {type(error).__name__}", hint=_HINT)

    def _failed(self, reason: str, entries: int) -> Retryable:
        AUDIT_APPEND_FAILURES_TOTAL.labels(reason=reason).inc(entries)
        message = f"the audit cannot be written: an entry {_FAILURES[reason]}"
        return Retryable(message.format(seconds=self._timeout), hint=_HINT)

    def _count(self, written: Sequence[Receipt], started: float) -> None:
        AUDIT_APPEND_SECONDS.observe(time.monotonic() - started)
        AUDIT_APPENDS_TOTAL.inc(len(written))


def _settle(batch: Sequence[_Pending], written: list[Receipt] | Exception) -> None:
    """Tell every waiting caller what became of its entries."""
    at = 0
    for pending in batch:
        if isinstance(written, Exception):
            AUDIT_APPEND_FAILURES_TOTAL.labels(reason="store").inc(len(pending.entries))
            pending.receipts.set_exception(written)
        else:
            pending.receipts.set_result(written[at : at + len(pending.entries)])
            at += len(pending.entries)
