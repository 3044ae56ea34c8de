"""Does the simulator bite? Each bug planted here breaks one rule, and must be found.

A green simulation means nothing unless every one of these turns it red.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from recordbus.crashpoints import crashpoint
from recordbus.errors import Retryable
from streams.runtime import tenure as tenure_module
from streams.runtime.contract import Handled, Input
from streams.runtime.effects import Batch, Written
from streams.runtime.envelope import POSITION_KEY, version_of
from streams.runtime.restore import Reader as ReaderProtocol
from streams.runtime.restore import Restored, restore
from streams.runtime.step import Stepper
from streams.runtime.tenure import Tenure
from streams.runtime.transaction import commit, write
from tests.simulator.broker import Message, Producer, Reader, SimulatedFailure
from tests.simulator.incarnation import Incarnation
from tests.simulator.judge import Violation
from tests.simulator.toy import NAMES, plan
from tests.simulator.world import Faults, World

pytestmark = pytest.mark.no_cover  # tracing would double the time, and shows nothing new

ENOUGH_SEEDS = 400


class StateBeforeOutputs(Tenure):
    """Commits the state, then the outputs in a second transaction."""

    def write(self, batch: Batch) -> None:
        state_only = replace(batch, outputs=[], quarantined=[])
        records = write(self._writer, state_only, self._to)
        commit(self._writer)
        said_only = replace(batch, changes={})
        write(self._writer, said_only, self._to)
        self._unsettled[0] = (batch, records + 2)


class OutputsBeforeState(Tenure):
    """Commits the outputs, then the state in a second transaction."""

    def write(self, batch: Batch) -> None:
        self._writer.begin()
        for topic, key, value, partition, version in batch.outputs:
            headers = [("origin", self._to.origin), ("version", version)]
            self._writer.produce(topic, key, value, partition, headers)
        commit(self._writer)
        records = write(self._writer, replace(batch, outputs=[]), self._to)
        self._unsettled[0] = (batch, records)


class RestoreBeforeFence(Tenure):
    """Reads the changelog while the earlier owner may still write it."""

    def begin(self, reader: ReaderProtocol, unwanted: Any = lambda: False) -> Restored:
        writer, self._writer = self._writer, _Unfenced()
        restored = super().begin(reader, unwanted)
        self._writer = writer
        writer.init()
        return restored


class _Unfenced:
    def init(self) -> None:
        """Fence nobody yet."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


class FenceAtFirstBatch(Tenure):
    """Restores and handles unfenced, and takes over only when it has something to write."""

    fenced = False

    def begin(self, reader: ReaderProtocol, unwanted: Any = lambda: False) -> Restored:
        writer, self._writer = self._writer, _Unfenced()
        restored = super().begin(reader, unwanted)
        self._writer = writer
        return restored

    def write(self, batch: Batch) -> None:
        if not self.fenced:
            self._writer.init()
            self.fenced = True
        super().write(batch)


class NoReplaySkip(Tenure):
    """Handles again whatever the log delivers again."""

    def _new_stepper(self) -> Stepper:
        stepper = super()._new_stepper()
        stepper._next = {}
        return stepper


class LostStateWrite(Tenure):
    """Leaves one changed value of a batch out of the transaction."""

    def write(self, batch: Batch) -> None:
        changes = dict(list(batch.changes.items())[1:])
        records = write(self._writer, replace(batch, changes=changes), self._to)
        self._unsettled[0] = (batch, records)


class MarkerDropped(Tenure):
    """Does not pass removals on."""

    def write(self, batch: Batch) -> None:
        batch.outputs = [output for output in batch.outputs if not self._is_marker(output)]
        super().write(batch)

    def _is_marker(self, output: Written) -> bool:
        return output.topic == NAMES.records and b"live" not in (output.value or b"")


class PositionNotWritten(Tenure):
    """Commits effects without saying which inputs they are of."""

    def write(self, batch: Batch) -> None:
        self._writer = _without_position(self._writer)
        super().write(batch)


def _without_position(writer: Any) -> Any:
    if isinstance(writer, _WithoutPosition):
        return writer
    return _WithoutPosition(writer)


class _WithoutPosition:
    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def produce(self, topic: str, key: bytes, *rest: Any) -> None:
        if key != POSITION_KEY:
            self._writer.produce(topic, key, *rest)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)


class RestoreReadsUncommitted(Tenure):
    """Takes over what the dead owner had not committed."""

    def begin(self, reader: ReaderProtocol, unwanted: Any = lambda: False) -> Restored:
        return super().begin(_Careless(reader), unwanted)


class _Careless(Reader):
    def __init__(self, reader: Any) -> None:
        super().__init__(reader._broker)

    def consume(self, count: int, timeout_seconds: float) -> list[Message]:
        taken: list[Message] = []
        for at, position in self._positions.items():
            taken += self._broker.logs[at].uncommitted(position)
            self._positions[at] = self._broker.logs[at].end
        return taken


class RestoreStopsEarly(Tenure):
    """Believes to be at the end one record too soon."""

    def begin(self, reader: ReaderProtocol, unwanted: Any = lambda: False) -> Restored:
        return super().begin(_Hasty(reader), unwanted)


class _Hasty(Reader):
    def __init__(self, reader: Any) -> None:
        super().__init__(reader._broker)

    def consume(self, count: int, timeout_seconds: float) -> list[Message]:
        taken = super().consume(count, timeout_seconds)
        return [m for i, m in enumerate(taken) if i != len(taken) - 2]


class RestoreSkippedWhenKept(Tenure):
    """Trusts a store that some process left, without bringing it up to date."""

    def begin(self, reader: ReaderProtocol, unwanted: Any = lambda: False) -> Restored:
        vars(tenure_module)["restore"] = _trusting
        try:
            return super().begin(reader, unwanted)
        finally:
            vars(tenure_module)["restore"] = restore


def _trusting(reader: Any, store: Any, changelog: Any, unwanted: Any) -> Restored:
    if store.resume_offset():
        return Restored(0, reader.watermarks(changelog)[1])
    return restore(reader, store, changelog, unwanted)


class StoreAheadOfChangelog(Tenure):
    """Takes a batch into a store that survives before the batch is committed."""

    def write(self, batch: Batch) -> None:
        super().write(batch)
        self._store.apply({**batch.changes}, self._end_offset + 1)


class IndexNotRebuilt(Tenure):
    """Begins with empty indexes."""

    def _load_indexes(self) -> None:
        """Load nothing."""


class QuarantineBeforeTransaction(Tenure):
    """Sets inputs aside outside the transaction of their batch."""

    def write(self, batch: Batch) -> None:
        self._writer.begin()
        for aside in batch.quarantined:
            value = self._to.encode_quarantined(aside)
            self._writer.produce(self._to.quarantine, aside.position.encode(), value)
        commit(self._writer)
        records = write(self._writer, replace(batch, quarantined=[]), self._to)
        self._unsettled[0] = (batch, records)


class UnsettledNotSeen(Tenure):
    """Handles a batch from the state before the one that is being committed."""

    def _reading(self) -> Callable[[bytes], bytes | None]:
        return self._store.get


class TriesFailedTransactionAgain(Tenure):
    """Answers a failed commit by writing the batch once more."""

    def commit(self) -> None:
        try:
            super().commit()
        except SimulatedFailure:
            batch, _ = self._unsettled[0]
            self.write(batch)
            super().commit()


class _StepperTenure(Tenure):
    """Uses another stepper."""

    stepper_type: type[Stepper]

    def _new_stepper(self) -> Stepper:
        stepper = super()._new_stepper()
        stepper.__class__ = self.stepper_type
        return stepper


class _QuarantinesRetryable(Stepper):
    def _handle(self, given: Input, state: bytes | None) -> Handled:
        machine_handle = self._machine.handle

        def never_waits(message: Input, held: bytes | None) -> Handled:
            try:
                return machine_handle(message, held)
            except Retryable as error:
                raise ValueError from error

        self._isolated, self._suspect = never_waits, lambda _topic, _offset: True
        return super()._handle(given, state)


class RetryableQuarantined(_StepperTenure):
    """Blames an input for a dependency that is away."""

    stepper_type = _QuarantinesRetryable


class _VersionIsOffset(Stepper):
    def _take(self, batch: Batch, message: Any) -> None:
        self._sequence = -1
        super()._take(batch, message)

    def _state_of(self, batch: Batch, given: Input, key: bytes) -> Any:
        return super()._state_of(batch, given._replace(version=version_of(1, 0)), key)


class VersionFromOneSourceOnly(_StepperTenure):
    """Takes the offset for the version, though a key is fed by several logs."""

    stepper_type = _VersionIsOffset


class _DropsRestOfBatch(Stepper):
    def step(self, messages: Any, batch: Batch | None = None) -> Batch:
        taken = []
        for message in messages:
            taken.append(message)
            if message.value == b"\xff":
                break
        batch = super().step(taken, batch)
        for message in list(messages)[batch.taken :] if batch.blocked is None else ():
            self._next[message.topic] = message.offset + 1
            batch.taken += 1
        return batch


class BadInputTakesOthersAlong(_StepperTenure):
    """Gives up the rest of a batch for one bad input."""

    stepper_type = _DropsRestOfBatch


class AcknowledgesBeforeCommit(Incarnation):
    """Tells the group that a batch is done when it was only handled."""

    def _handle(self) -> bool:
        handled = super()._handle()
        if self._ready is not None:
            self._acknowledge(self.task, self._ready.positions.next_offsets)
            crashpoint("offsets.acknowledged")
        return handled


class GrowsWhatIsWritten(Incarnation):
    """Adds to a batch that went into its transaction already."""

    def _handle(self) -> bool:
        if self._written is None or self._ready is not None:
            return super()._handle()
        self._ready = self._written
        try:
            return super()._handle()
        finally:
            self._ready = None


class LosesBlockedInput(Incarnation):
    """Goes on behind an input that has to wait."""

    def _handle(self) -> bool:
        before = dict(self._read_from)
        handled = super()._handle()
        if self._read_from == before:
            for topic in self.task.sources:
                waiting = self._broker.log(topic, self.task.partition).committed(before[topic])
                first = next(waiting, None)
                if first is not None:
                    self._read_from[topic] = first.offset + 1
        return handled


class UnfencedProducer(Producer):
    """Writes whoever owns the transactional id now."""

    def produce(
        self, topic: str, key: Any, value: Any, partition: int = -1, headers: Any = None
    ) -> None:
        self._broker._owners[self._id] = self
        super().produce(topic, key, value, partition, headers)

    def commit(self) -> None:
        self._broker._owners[self._id] = self
        super().commit()


class BelievesWhatNoLogHolds(Producer):
    """Commits though a message is in no log, since what came after it is."""

    def commit(self) -> None:
        self._misses_one = False
        super().commit()


class IngestIsATable(World):
    """Compacts what outsiders write, as if its newest message were all that counts."""

    def _compact(self) -> None:
        super()._compact()
        topic = self.random.choice(sorted(self.plan.logs))
        self.broker.log(topic, 0).compact()


def _worlds() -> Iterator[Any]:
    for tenure_type in (
        StateBeforeOutputs,
        OutputsBeforeState,
        RestoreBeforeFence,
        FenceAtFirstBatch,
        NoReplaySkip,
        LostStateWrite,
        MarkerDropped,
        PositionNotWritten,
        RestoreReadsUncommitted,
        RestoreStopsEarly,
        RestoreSkippedWhenKept,
        StoreAheadOfChangelog,
        IndexNotRebuilt,
        QuarantineBeforeTransaction,
        UnsettledNotSeen,
        TriesFailedTransactionAgain,
        RetryableQuarantined,
        VersionFromOneSourceOnly,
        BadInputTakesOthersAlong,
    ):
        yield pytest.param({"tenure_type": tenure_type}, World, id=tenure_type.__name__)
    for incarnation_type in (AcknowledgesBeforeCommit, GrowsWhatIsWritten, LosesBlockedInput):
        yield pytest.param(
            {"incarnation_type": incarnation_type}, World, id=incarnation_type.__name__
        )
    for producer_type in (UnfencedProducer, BelievesWhatNoLogHolds):
        yield pytest.param({"producer_type": producer_type}, World, id=producer_type.__name__)
    yield pytest.param({}, IngestIsATable, id="IngestIsATable")


@pytest.mark.parametrize(("kinds", "base"), list(_worlds()))
def test_every_planted_bug_is_found(kinds: Mapping[str, Any], base: type[World]) -> None:
    sabotaged = type("Sabotaged", (base,), dict(kinds))
    for seed in range(ENOUGH_SEEDS):
        try:
            sabotaged(seed, plan(seed), Faults()).run().check()
        except Violation:
            return
    pytest.fail(f"{ENOUGH_SEEDS} worlds did not find it")
