"""Tells owners of the uses of their records: once signed, in order, at least once (R-41).

Invariant: no use is told before its entry is under a signed checkpoint, none is passed over but for
an owner that nobody knows, and the place moves after a batch is durable in all its topics. So a
crash leads to the same messages again, with the same ids, and never to a gap.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from recordbus import logs
from recordbus.audit.crash import crashpoint
from recordbus.audit.findings import Altered
from recordbus.audit.merkle import leaf_hash
from recordbus.audit.place import PlaceFile
from recordbus.audit.reader import decoded
from recordbus.audit.salvage import Damaged
from recordbus.audit.signed import SignedLog
from recordbus.audit.use_messages import Addressed, messages_of
from recordbus.audit.uses import uses_of
from recordbus.clock import Clock
from recordbus.errors import Misconfigured, RecordbusError
from recordbus.metrics import (
    AUDIT_VERIFY_FAILURES_TOTAL,
    USES_LAG_ENTRIES,
    USES_LAG_SECONDS,
    USES_PUBLISHED_TOTAL,
    USES_UNTOLD_TOTAL,
)

MOST_AT_ONCE: Final = 2000
MOST_BYTES: Final = 4 * 1024 * 1024
"""A batch ends with the entry that reaches either bound."""
_log = logs.logger(__name__)


class TakenOver(Misconfigured):
    """Another process publishes the uses of this bus now."""

    def __init__(self) -> None:
        super().__init__(
            "another process publishes the uses of this bus",
            hint="one `recordbus audit publish-uses` is enough; end the other one",
        )


class Writer(Protocol):
    """Where messages go."""

    def write(self, messages: Sequence[Addressed]) -> None:
        """Make all of them durable and visible in this order, or none.

        Raises TakenOver when somebody else writes now, and RecordbusError for other trouble.
        """


class Batch(NamedTuple):
    """The next entries as hashes of their leaves, and what they tell owners."""

    hashes: list[bytes]
    messages: list[Addressed]


class UsesPublisher:
    """Follows one log. Not for use by several threads; one is enough for a bus."""

    def __init__(
        self, log: SignedLog, place: PlaceFile, writer: Writer,
        owners: Callable[[], Collection[str]], clock: Clock,
    ) -> None:  # fmt: skip
        """`owners` gives the departments that have a topic; it is asked again for a new one."""
        self._signed, self._place, self._writer = log, place, writer
        self._owners, self._clock = owners, clock
        self._known = place.read()
        self._covered = 0
        self._departments: frozenset[str] = frozenset()
        self._oldest: tuple[int, datetime] | None = None

    def step(self) -> bool:
        """Publish the next entries that are signed; False when there are none.

        Raises Altered and Damaged for a log that is not what was signed, and what the writer
        raises; the place is where it was then, and the next step begins there.
        """
        if self._covered <= self._known.size:
            self._covered = self._signed.covered(self._known)
            crashpoint("uses.checked")
        if self._covered <= self._known.size:
            return False
        batch = self._batch()
        if batch.messages:
            self._writer.write(batch.messages)
            crashpoint("uses.written")
        self._known.push_all(batch.hashes)
        self._place.keep(self._known)
        crashpoint("uses.place_kept")
        self._count(batch.messages)
        return True

    def measure(self) -> None:
        """Show how many entries are not yet passed, and how old the first of them is."""
        behind = max(self._signed.appended() - self._known.size, 0)
        USES_LAG_ENTRIES.set(behind)
        USES_LAG_SECONDS.set(self._age_of_next() if behind else 0)

    def _batch(self) -> Batch:
        batch, size = Batch([], []), 0
        for leaf in self._signed.between(self._known.size, self._covered):
            entry_hash = leaf_hash(leaf)
            batch.hashes.append(entry_hash)
            batch.messages.extend(self._told(leaf, entry_hash))
            size += len(leaf)
            if len(batch.hashes) >= MOST_AT_ONCE or size >= MOST_BYTES:
                break
        return batch

    def _told(self, leaf: bytes, entry_hash: bytes) -> Iterator[Addressed]:
        for use in uses_of(decoded(leaf)):
            if self._is_known(use.department):
                yield from messages_of(use, self._signed.name, entry_hash)
            else:
                USES_UNTOLD_TOTAL.inc()
                _log.warning("a use was told to nobody", department=use.department)

    def _is_known(self, department: str) -> bool:
        if department not in self._departments:
            self._departments = frozenset(self._owners())
        return department in self._departments

    def _age_of_next(self) -> float:
        place = self._known.size
        if self._oldest is None or self._oldest[0] != place:
            leaf = next(self._signed.between(place, place + 1))
            self._oldest = (place, datetime.fromisoformat(decoded(leaf)["at"]))
        return max((self._clock.now() - self._oldest[1]).total_seconds(), 0.0)

    def _count(self, messages: Sequence[Addressed]) -> None:
        for each in messages:
            USES_PUBLISHED_TOTAL.labels(
                department=each.department, outcome=each.value["outcome"]
            ).inc()


def keep_publishing(
    publisher: UsesPublisher, pause_seconds: float, stopped: Callable[[], bool],
    pause: Callable[[float], object],
) -> None:  # fmt: skip
    """Publish until told to stop; raises TakenOver, and tries again after all other trouble.

    A log that was altered stays so until somebody restores it; nothing is published meanwhile.
    """
    while not stopped():
        try:
            while publisher.step() and not stopped():
                publisher.measure()
            publisher.measure()
        except (Altered, Damaged) as error:
            AUDIT_VERIFY_FAILURES_TOTAL.inc()
            _log.error("the audit is not what was signed", error=type(error).__name__)
        except TakenOver:
            raise
        except (RecordbusError, OSError) as error:
            _log.warning("uses wait for the cluster", error=type(error).__name__)
        pause(pause_seconds)
