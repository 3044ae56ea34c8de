"""One worker of a stage: the tenures it holds now, their loops, and what it counts.

It knows Kafka only through the two clients it is given, and nothing of groups: whoever owns the
membership says which partitions are this worker's. Invariant: between `begin` and `end` of an
assignment every partition has one tenure, and a failure of any of them ends the process.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Final

from recordbus import metrics
from recordbus.crashpoints import crashpoint
from recordbus.errors import Misconfigured
from recordbus.logs import logger
from streams.runtime.effects import Batch, LogMessage
from streams.runtime.isolation import IsolatedHandle
from streams.runtime.partition_loop import Hooks, Pace, PartitionLoop
from streams.runtime.restore import Reader, Restored, TopicPartition
from streams.runtime.standby import Standby
from streams.runtime.store import StateStore
from streams.runtime.suspects import ProgressNote
from streams.runtime.tenure import Tenure, Terms, changelog_topic, transactional_id
from streams.runtime.transaction import Writer

_RESTORES_AT_ONCE: Final = 8

_log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Clients:
    """How to reach Kafka: a writer for a transactional id, and a read_committed reader."""

    writer: Callable[[str], Writer]
    reader: Callable[[], Reader]


@dataclass(slots=True)
class _Held:
    """A partition of ours, from its fence until it is given up."""

    tenure: Tenure
    note: ProgressNote
    isolated: IsolatedHandle
    loop: PartitionLoop | None = None


class StageWorker:
    """Holds the partitions that are this worker's, and runs them."""

    def __init__(
        self,
        terms: Terms,
        clients: Clients,
        store: StateStore,
        notes_directory: Path,
        pace: Pace,
        failed: Callable[[BaseException], None],
    ) -> None:
        self.stage = terms.stage
        self.changelog = changelog_topic(terms.stage.name)
        self._terms = terms
        self._clients = clients
        self._store = store
        self._notes_directory = notes_directory
        self._pace = pace
        self._held: dict[int, _Held] = {}
        self._commits = ThreadPoolExecutor(_RESTORES_AT_ONCE, "stage-commit")
        self._standby = Standby(clients.reader, store, self.changelog)
        self._hooks = Hooks(self._began, self._settled, failed)
        self._process = f"{os.getpid()}@{monotonic()}"
        self.done = 0

    def begin(
        self, active: frozenset[int], unwanted: Callable[[], bool]
    ) -> Mapping[TopicPartition, int]:
        """Fence and restore the `active` partitions; gives the offsets to read on from.

        Blocking. Raises Abandoned when `unwanted`, Retryable when Kafka is away.
        """
        began = monotonic()
        held: dict[int, _Held] = {}
        try:
            with ThreadPoolExecutor(_RESTORES_AT_ONCE, "stage-restore") as threads:
                restored = list(
                    threads.map(lambda p: self._begin_one(p, held, unwanted), sorted(active))
                )
            offsets = self._opening_offsets(held)
        except BaseException:
            _close(held)
            raise
        self._held = held
        self._count_restore(restored, monotonic() - began)
        return offsets

    def start(self) -> None:
        """Start the loops of the partitions that were begun; called on the event loop."""
        for held in self._held.values():
            held.loop = PartitionLoop(held.tenure, self._pace, self._commits, self._hooks)
            held.loop.start()

    async def stop(self) -> None:
        """Finish what is being committed, and handle nothing more."""
        for held in self._held.values():
            if held.loop is not None:
                await held.loop.stop()

    def give_up(self) -> None:
        """Let go of all partitions; called after `stop`, once what it left was acknowledged."""
        held, self._held = self._held, {}
        _close(held)

    def keep(self, partitions: frozenset[int]) -> None:
        """Drop the state of partitions that are neither active nor standby here any more."""
        self._standby.stop()
        self._store.keep_only(partitions)

    def follow(self, partitions: Iterable[int]) -> None:
        """Keep the state of these partitions warm, until the next `keep`."""
        self._standby.start(partitions)

    def close(self) -> None:
        """Release threads, files and clients."""
        self._standby.stop()
        self.give_up()
        self._commits.shutdown()
        self._store.close()

    def offer(self, partition: int, messages: Sequence[LogMessage]) -> None:
        """Hand over fetched messages of one topic and partition."""
        held = self._held.get(partition)
        if held is not None and held.loop is not None:
            held.loop.offer(messages)

    def has_room(self, partition: int) -> bool:
        """Tell whether more messages of a partition should be fetched now."""
        held = self._held.get(partition)
        return held is not None and held.loop is not None and held.loop.has_room

    def backlog_by_topic(self) -> Counter[str]:
        """Count the messages that were fetched and wait."""
        return sum((loop.backlog() for loop in self._loops()), Counter())

    @property
    def oldest_timestamp_ms(self) -> int | None:
        """Give the time of the oldest message that was fetched and waits; None without any."""
        times = (loop.oldest_timestamp_ms for loop in self._loops())
        return min((time for time in times if time is not None), default=None)

    @property
    def seconds_apart(self) -> float:
        """Give how far apart batches begin now, where they are closest; any thread may ask."""
        return min((loop.seconds_apart for loop in self._loops()), default=0.0)

    @property
    def is_paused(self) -> bool:
        """Tell whether a partition waits for a dependency."""
        return any(loop.is_paused for loop in self._loops())

    def committed(self) -> dict[TopicPartition, int]:
        """Give what may be acknowledged: the next offset per source topic and partition."""
        return {
            (topic, partition): offset
            for partition, held in self._held.items()
            for topic, offset in held.tenure.committed.next_offsets.items()
            if topic in self.stage.sources
        }

    def _loops(self) -> list[PartitionLoop]:
        return [held.loop for held in tuple(self._held.values()) if held.loop is not None]

    def _begin_one(
        self, partition: int, held: dict[int, _Held], unwanted: Callable[[], bool]
    ) -> Restored:
        isolated = IsolatedHandle()
        note = ProgressNote(self._notes_directory / f"{partition}.progress", self._process)
        terms = replace(self._terms, recall=note.recall, isolated=isolated)
        writer = self._clients.writer(transactional_id(self.stage.name, partition))
        tenure = Tenure(terms, partition, self._store.partition(partition), writer)
        held[partition] = _Held(tenure, note, isolated)
        reader = self._clients.reader()
        try:
            return tenure.begin(reader, unwanted)
        finally:
            reader.close()

    def _opening_offsets(self, held: Mapping[int, _Held]) -> dict[TopicPartition, int]:
        reader = self._clients.reader()
        try:
            return {
                (topic, partition): _opening_offset(
                    (topic, partition),
                    each.tenure.committed.next_offsets.get(topic),
                    reader.watermarks((topic, partition)),
                )
                for partition, each in held.items()
                for topic in self.stage.sources
            }
        finally:
            reader.close()

    def _began(self, partition: int, spans: Mapping[str, tuple[int, int]]) -> None:
        self._held[partition].note.begin(spans)

    def _settled(self, partition: int, batch: Batch, seconds: float) -> None:
        self.done += batch.handled
        stage = self.stage.name
        for outcome, count in batch.outcomes.items():
            metrics.STAGE_EVENTS_TOTAL.labels(stage, outcome).inc(count)
        stale = batch.outcomes["stale"]
        if stale:
            metrics.STAGE_STALE_INPUTS_TOTAL.labels(stage).inc(stale)
            _log.error("inputs were not newer", stage=stage, partition=partition, count=stale)
        for aside in batch.quarantined:
            if aside.by_runtime:
                department = self._terms.department_of(aside.topic)
                metrics.QUARANTINE_RECORDS_TOTAL.labels(department, aside.reason).inc()
        metrics.STAGE_BATCH_EVENTS.labels(stage).observe(batch.handled)
        metrics.STAGE_BATCH_SECONDS.labels(stage).observe(seconds)
        if batch.notes:
            self.stage.observe(batch.notes)
        crashpoint("batch.counted")

    def _count_restore(self, restored: Sequence[Restored], seconds: float) -> None:
        records = sum(each.records for each in restored)
        metrics.STAGE_RECOVERY_SECONDS.labels(self.stage.name).set(seconds)
        metrics.STAGE_RECOVERED_RECORDS.labels(self.stage.name).set(records)
        _log.info(
            "stage ready",
            stage=self.stage.name,
            count=len(restored),
            state_values=records,
            seconds=round(seconds, 3),
        )


def _close(held: Mapping[int, _Held]) -> None:
    for each in held.values():
        each.tenure.close()
        each.isolated.close()
        each.note.close(finished=each.loop is not None)


def _opening_offset(
    source: TopicPartition, next_offset: int | None, watermarks: tuple[int, int]
) -> int:
    """Say where to read on: exactly where the state says, or from the first message there is."""
    first, end = watermarks
    if next_offset is None:
        return first
    if next_offset > end:
        raise Misconfigured(
            f"{source[0]}/{source[1]} ends at {end}, before {next_offset} that was handled: "
            "it was made anew, or lost messages",
            hint="raise RECORDBUS_STAGE__EPOCH by one to handle it from its start",
        )
    if next_offset < first:
        _log.error(
            "messages were deleted before they were handled",
            topic=source[0], partition=source[1], count=first - next_offset,
        )  # fmt: skip
    return max(first, next_offset)
