"""One owner's time with one partition of a stage: fence, restore, then batch after batch.

The order of the one rule lives here, for the real runtime and the simulator alike:

    begin    fence the earlier owner, then restore, then say where to read on
    handle   the pure step; may run while the batch before is being committed
    write    open the transaction and fill it
    commit   make it durable; whoever was fenced fails here or before
    settle   take the batch into the store and into `committed`, which may be acknowledged

Invariant: what `committed` says is in the changelog, and the store never runs ahead of the
changelog. Any failure after `begin` ends the tenure; the next one starts from what is committed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from recordbus.crashpoints import crashpoint
from recordbus.errors import Misconfigured
from streams.runtime.contract import Handled, Input, Machine, PlainMachine, Stage
from streams.runtime.effects import Batch, LogMessage
from streams.runtime.envelope import (
    POSITION_KEY,
    START,
    UNDER_REBUILD,
    Positions,
    seal_positions,
    unseal,
)
from streams.runtime.restore import Reader, Restored, restore, stored_positions
from streams.runtime.step import MAX_VALUE_BYTES, IsSuspect, Stepper
from streams.runtime.store import PartitionStore
from streams.runtime.transaction import (
    Destination,
    EncodeQuarantined,
    Guard,
    Writer,
    commit,
    write,
)

_TRANSACTION_MARKER: Final = 1  # offsets that a commit takes in each partition it wrote to


def changelog_topic(stage: str) -> str:
    """Name a stage's changelog, as Faust derives it from application and table."""
    return f"recordbus-{stage}-state-changelog"


def transactional_id(stage: str, partition: int) -> str:
    """Name the one writer of a (stage, input partition)."""
    return f"recordbus-{stage}-{partition}"


Recall = Callable[[Mapping[str, int]], IsSuspect | None]
"""Given how far the partition has come, says which inputs ended earlier processes."""


def _nothing(_next_offsets: Mapping[str, int]) -> None:
    """Suspect no input."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a tenure is told once: names, encoder, limits, and whom to ask before writing."""

    stage: Stage
    encode_quarantined: EncodeQuarantined
    epoch: int = 0
    quarantine_topic: str = "quarantine.v1"
    guard: Guard = lambda: None
    department_of: Callable[[str], str] = lambda _topic: ""
    recall: Recall = _nothing
    isolated: Callable[[Machine, Input, bytes | None], Handled] | None = None
    max_value_bytes: int = MAX_VALUE_BYTES


class Tenure:
    """Owns a partition from the fence until it is closed; used by one thread at a time."""

    def __init__(self, terms: Terms, partition: int, store: PartitionStore, writer: Writer) -> None:
        self.partition = partition
        self.committed: Positions = START
        self.machine: Machine = terms.stage.machine(partition)
        self._terms = terms
        self._store = store
        self._writer = writer
        self._unsettled: deque[tuple[Batch, int]] = deque()
        self._end_offset = 0
        self._to = Destination(
            f"{terms.stage.name}/{partition}".encode(),
            changelog_topic(terms.stage.name),
            partition,
            terms.quarantine_topic,
            terms.encode_quarantined,
        )

    def begin(self, reader: Reader, unwanted: Callable[[], bool] = lambda: False) -> Restored:
        """Fence, then restore values and indexes; gives what was read back.

        Raises Abandoned when `unwanted`, Misconfigured when the state is of a later epoch.
        """
        self._writer.init()
        crashpoint("tenure.fenced")
        restored = restore(reader, self._store, (self._to.changelog, self.partition), unwanted)
        self._end_offset = restored.end_offset
        self.committed = self._opening_positions()
        self._stepper = self._new_stepper()
        self._load_indexes()
        crashpoint("tenure.restored")
        return restored

    def handle(self, messages: Iterable[LogMessage], batch: Batch | None = None) -> Batch:
        """Step over `messages`; what is not yet settled is seen as if it were.

        With a `batch` that was not written yet, they join it. A batch that handled nothing needs
        no transaction.
        """
        batch = self._stepper.step(messages, batch)
        if batch.handled and all(known is not batch for known, _ in self._unsettled):
            self._unsettled.append((batch, 0))
        crashpoint("batch.handled")
        return batch

    def write(self, batch: Batch) -> None:
        """Put `batch`, the oldest one unsettled, into a transaction."""
        self._terms.guard()
        records = write(self._writer, batch, self._to)
        self._terms.guard()
        self._unsettled[0] = (batch, records)

    def commit(self) -> None:
        """Commit what was written."""
        commit(self._writer)

    def settle(self) -> Batch:
        """Take the committed batch into the store; only now may it be acknowledged."""
        batch, records = self._unsettled[0]
        changes: dict[bytes, bytes | None] = {**batch.changes}
        changes[POSITION_KEY] = seal_positions(batch.positions)
        self._store.apply(changes, self._end_offset)
        self._end_offset += records + _TRANSACTION_MARKER
        self._unsettled.popleft()
        self.committed = batch.positions
        crashpoint("batch.settled")
        return batch

    def close(self) -> None:
        """Give the partition up without committing anything more."""
        self._writer.close()

    def _reading(self) -> Callable[[bytes], bytes | None]:
        """Give what reads a value, as it will be once everything is settled.

        It does not know the tenure: what one that is over derived goes with it, at once.
        """
        unsettled, store = self._unsettled, self._store

        def read(key: bytes) -> bytes | None:
            for batch, _ in reversed(unsettled):
                sealed = batch.changes.get(key)
                if sealed is not None:
                    return sealed
            return store.get(key)

        return read

    def _opening_positions(self) -> Positions:
        stored = stored_positions(self._store)
        epoch = self._terms.epoch
        if stored.epoch == UNDER_REBUILD:
            raise Misconfigured(
                f"a rebuild of {self._to.changelog} was begun and has not ended",
                hint="run `recordbus stage rebuild` again until it ends, then start the stages",
            )
        if stored.epoch > epoch:
            raise Misconfigured(
                f"the state of {self._to.changelog} is of epoch {stored.epoch}, not {epoch}",
                hint=f"set RECORDBUS_STAGE__EPOCH to {stored.epoch} or higher",
            )
        return stored if stored.epoch == epoch else Positions(epoch, START.sequence, {})

    def _new_stepper(self) -> Stepper:
        terms, machine = self._terms, self.machine
        isolated = terms.isolated
        return Stepper(
            terms.stage.name,
            self.partition,
            machine,
            self._reading(),
            self.committed,
            tables=terms.stage.tables,
            suspect=terms.recall(self.committed.next_offsets),
            isolated=None if isolated is None else lambda *given: isolated(machine, *given),
            max_value_bytes=terms.max_value_bytes,
            set_aside=terms.stage.set_aside,
        )

    def _load_indexes(self) -> None:
        if isinstance(self.machine, PlainMachine):
            return
        for key, sealed in self._store.items():
            if key != POSITION_KEY:
                payload = unseal(sealed).payload
                if payload is not None:
                    self.machine.loaded(key, payload)
