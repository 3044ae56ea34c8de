"""How a batch becomes one Kafka transaction: outputs, quarantine, state and position together.

Invariant: the position record is written last in every transaction, so the changelog always ends,
for a read_committed reader, with the position that the values before it belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from recordbus.crashpoints import crashpoint
from streams.runtime.effects import Batch, Quarantined
from streams.runtime.envelope import POSITION_KEY, seal_positions

EncodeQuarantined = Callable[[Quarantined], bytes]
Guard = Callable[[], None]


class Writer(Protocol):
    """A transactional producer; every failure raises, and nothing is retried after one."""

    def init(self) -> None:
        """Fence every earlier owner of the transactional id and roll its open work back."""

    def begin(self) -> None:
        """Open a transaction."""

    def produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int = -1,
        headers: Sequence[tuple[str, bytes]] | None = None,
    ) -> None:
        """Add one message to the open transaction."""

    def commit(self) -> None:
        """Wait until all of the transaction is durable and visible."""

    def close(self) -> None:
        """Drop what is queued, without committing anything."""


class Destination(NamedTuple):
    """Where a (stage, partition) writes beside its outputs, and as whom."""

    origin: bytes
    changelog: str
    partition: int
    quarantine: str
    encode_quarantined: EncodeQuarantined


def write(writer: Writer, batch: Batch, to: Destination) -> int:
    """Open a transaction and put the batch into it; gives the number of changelog records."""
    writer.begin()
    crashpoint("transaction.begun")
    produce = writer.produce
    # Before the outputs: a later input of this batch may erase what an earlier one sets aside.
    for set_aside in batch.quarantined:
        encoded = to.encode_quarantined(set_aside)
        produce(to.quarantine, set_aside.position.encode(), encoded)
    crashpoint("transaction.half")
    origin = ("origin", to.origin)
    for topic, key, value, partition, version in batch.outputs:
        produce(topic, key, value, partition, [origin, ("version", version)])
    for key, sealed in batch.changes.items():
        produce(to.changelog, key, sealed, to.partition)
    produce(to.changelog, POSITION_KEY, seal_positions(batch.positions), to.partition)
    crashpoint("transaction.produced")
    return len(batch.changes) + 1


def commit(writer: Writer) -> None:
    """Make the open transaction durable and visible, all of it or nothing."""
    writer.commit()
    crashpoint("transaction.committed")
