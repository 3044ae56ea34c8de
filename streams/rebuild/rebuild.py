"""Makes what the stages know anew from `records.v1`, under a higher epoch.

    check     nobody runs, and every record can be said again; nothing is changed yet
    lock      no stage starts on any partition from here on, whatever its epoch
    empty     meetings, verdicts and what meet and identify keep
    restate   intake says all it knows again, under versions of the new epoch
    release   the stages of the new epoch may start, and go on where they had read to

Invariant: each step is committed before the next begins, and what a step did is in the logs, so a
rebuild that was killed anywhere goes on where it was when it is run again. Ingest logs, intake's
knowledge and what associate has said stay: readers of public topics are told differences only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from recordbus.crashpoints import crashpoint
from recordbus.errors import Misconfigured, Rejected
from streams.intake.topics import MEETINGS, RECORDS
from streams.rebuild.holding import Holding, read_log
from streams.rebuild.lock import EMPTIED, Step, lock_of, locked, next_step
from streams.rebuild.progress import Progress, Tell
from streams.rebuild.restating import Known, Restating, known_of
from streams.runtime.contract import Handled
from streams.runtime.effects import Batch, Written
from streams.runtime.envelope import pack_version, seal, version_of
from streams.runtime.tenure import changelog_topic
from streams.runtime.worker import Clients

INTAKE: Final = "intake"
KEPT: Final = (INTAKE, "associate")
"""The stages whose state stays; that of the others is emptied."""
EMPTIED_STAGES: Final = ("meet", "identify")
_SHOWN: Final = 5


class Cluster(Protocol):
    """What a rebuild asks of the cluster beside reading and writing logs."""

    def members(self, stage: str) -> int:
        """Count the workers of a stage that are members of its group."""

    def partitions(self, topic: str) -> int:
        """Count the partitions of a topic; 0 when it is not there."""

    def empty_tables(self) -> None:
        """Empty what stands between intake and associate; may be called again after a crash."""


Pause = Callable[[], bool]
"""Waits a moment for workers to leave; False when that was long enough."""


class Apart(Misconfigured):
    """Logs that cannot be said again, for what they hold or lack."""


@dataclass(slots=True)
class Rebuild:
    """One rebuild to `epoch`; `run` it again until it ends.

    `partitions` is what the settings say of the topics of records, `meeting_partitions` over how
    many records are to meet from now on.
    """

    epoch: int
    partitions: int
    meeting_partitions: int
    restating: Restating
    clients: Clients
    cluster: Cluster
    tell: Tell
    pause: Pause = lambda: False
    batch_keys: int = 500
    _held: list[Holding] = field(default_factory=list)

    def run(self) -> int | None:
        """Do what is left; gives how many keys were said again, None when nothing was left.

        Raises Misconfigured before anything is changed, and Retryable when the cluster is away or
        a worker was started meanwhile.
        """
        self._require_nobody()
        self._require_partitions()
        try:
            return self._run()
        finally:
            for held in self._held:
                held.close()

    def _run(self) -> int | None:
        self.tell(Progress("fence"))
        intake = [self._take(INTAKE, p, values=True) for p in range(self.partitions)]
        step = next_step([each.positions for each in intake], self.epoch)
        if step is Step.NOTHING:
            return None
        others = [each for name in ("associate", *EMPTIED_STAGES) for each in self._take_all(name)]
        if step is Step.CHECK:
            self._check(intake)
            crashpoint("rebuild.checked")
            self._lock([*intake, *others])
            step = Step.EMPTY
        if step is Step.EMPTY:
            others = self._empty(others)
            self._mark(intake)
        self._require(MEETINGS, self.meeting_partitions, "stage.meeting_partitions")
        count = sum(self._restate(each) for each in intake)
        self._release([*others, *intake])
        return count

    # ------------------------------------------------------------------ before anything changes
    def _require_nobody(self) -> None:
        stages = (*KEPT, *EMPTIED_STAGES)
        while running := {name: n for name in stages if (n := self.cluster.members(name))}:
            self.tell(Progress(f"wait for {', '.join(running)} to end"))
            if not self.pause():
                raise Misconfigured(
                    f"{sum(running.values())} workers still run: {', '.join(running)}",
                    hint="end the four stages first; index, upkeep and publishers may go on",
                )

    def _require_partitions(self) -> None:
        for topic in (RECORDS, *map(changelog_topic, KEPT)):
            self._require(topic, self.partitions, "stage.partitions")

    def _require(self, topic: str, wanted: int, setting: str) -> None:
        found = self.cluster.partitions(topic)
        if found != wanted:
            raise Misconfigured(
                f"{topic} has {found} partitions, and {setting} is {wanted}",
                hint=f"set {setting} to what the topics have; see docs/how-to/rebuild-the-bus.md",
            )

    def _take(self, stage: str, partition: int, *, values: bool = False) -> Holding:
        held = Holding(self.clients, stage, partition, values=values)
        self._held.append(held)
        return held

    def _take_all(self, stage: str) -> list[Holding]:
        count = self.cluster.partitions(changelog_topic(stage))
        return [self._take(stage, partition) for partition in range(count)]

    def _check(self, intake: Iterable[Holding]) -> None:
        """Say everything again to nobody; raises Apart naming what cannot be said."""
        refused: list[str] = []
        for held in intake:
            known = known_of(held.values(), version_of(self.epoch, 0))
            total = len(known)
            for count, (key, said) in enumerate(self._said(held, known), 1):
                if isinstance(said, Rejected):
                    refused.append(f"{key.decode()}: {said.reason} {said.detail}")
                self.tell(Progress("check", held.partition, count, total))
        if refused:
            more = f" and {len(refused) - _SHOWN} more" if len(refused) > _SHOWN else ""
            raise Apart(
                f"{len(refused)} records cannot be said again: {'; '.join(refused[:_SHOWN])}{more}",
                hint="let their departments correct them first; nothing was changed",
            )

    # ------------------------------------------------------------------ changes
    def _lock(self, held: Iterable[Holding]) -> None:
        self.tell(Progress("lock"))
        wanted = [(each, locked(each.positions, self.epoch, each.changelog)) for each in held]
        for each, lock in wanted:
            if lock is not None:
                each.say(Batch(), lock.positions())
        crashpoint("rebuild.locked")

    def _empty(self, others: list[Holding]) -> list[Holding]:
        """Empty the tables, and lock anew what was locked in them."""
        self.tell(Progress("empty"))
        gone = [each for each in others if each.stage in EMPTIED_STAGES]
        for each in gone:
            each.close()
            self._held.remove(each)
        self.cluster.empty_tables()
        crashpoint("rebuild.made")
        anew = [each for name in EMPTIED_STAGES for each in self._take_all(name)]
        self._lock(anew)
        return [each for each in others if each not in gone] + anew

    def _mark(self, intake: Iterable[Holding]) -> None:
        """Note in every partition of intake that the tables are empty."""
        for each in intake:
            lock = lock_of(each.positions)
            if lock is not None and lock.sequence < EMPTIED:
                each.say(Batch(), lock._replace(sequence=EMPTIED).positions())
                crashpoint("rebuild.marked")

    def _restate(self, held: Holding) -> int:
        """Say a partition of intake again, batch by batch."""
        lock = lock_of(held.positions)
        if lock is None:
            return 0
        known = known_of(held.values(), version_of(self.epoch, 0))
        batch, done, total = Batch(), 0, len(known)
        for key, said in self._said(held, known, lock.sequence):
            if isinstance(said, Rejected):
                raise said  # the check let it pass
            done += 1
            lock = lock._replace(sequence=lock.sequence + 1)
            _add(batch, key, said, version_of(self.epoch, lock.sequence))
            if done % self.batch_keys == 0 or done == total:
                held.say(batch, lock.positions())
                crashpoint("rebuild.restated")
                self.tell(Progress("restate", held.partition, done, total))
                batch = Batch()
        return done

    def _said(
        self, held: Holding, known: Known, sequence: int = 0
    ) -> Iterator[tuple[bytes, Handled | Rejected]]:
        """Say each key of a partition again; its records in the order of their log, then the rest.

        The n-th of them is said under the n-th version after `sequence`.
        """
        waiting = set(known.records)
        for message in read_log(self.clients.reader, RECORDS, held.partition):
            key = message.key or b""
            if key not in waiting or message.value is None:
                continue
            version = version_of(self.epoch, sequence + 1)
            said: Handled | Rejected | None
            try:
                said = self.restating.record(message, known.records[key], held.partition, version)
            except Rejected as refused:
                said = refused
            if said is not None:
                waiting.remove(key)
                sequence += 1
                yield key, said
        if waiting:
            raise Apart(
                f"{RECORDS}/{held.partition} lacks {len(waiting)} records that intake knows of",
                hint="one of the two was lost or made anew: restore both together",
            )
        for key, state in known.others.items():
            yield key, self.restating.other(key, state, held.partition)

    def _release(self, held: Iterable[Holding]) -> None:
        """Let the stages of the new epoch start; intake comes last."""
        self.tell(Progress("release"))
        for each in held:
            lock = lock_of(each.positions)
            if lock is not None:
                each.say(Batch(), lock.released(keeps_sequence=each.stage == INTAKE))
                crashpoint("rebuild.unlocked")


def _add(batch: Batch, key: bytes, said: Handled, version: int) -> None:
    """Put what is said of a key into a batch, under a version."""
    assert isinstance(said.state, bytes), "what is said again has a state"
    packed = pack_version(version)
    batch.outputs += [Written(*output, packed) for output in said.outputs]
    batch.changes[key] = seal(version, said.state)
    batch.handled += 1
