"""A world: stages over a broker, a history of events, faults, and what must hold at the end.

One seed decides everything. A process may die at every crash point, live on as a zombie beside
its successor, lose a write or the answer to a commit, or come back with the store it had earlier;
logs are compacted and truncated whenever they may be. At the end every public table must hold what
the plan's oracle computes from the history alone, each input must have had its effects exactly
once, and each store must equal its changelog.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from random import Random

import orjson

from recordbus import crashpoints
from streams.runtime.contract import Stage
from streams.runtime.effects import Quarantined
from streams.runtime.envelope import POSITION_KEY, unseal
from streams.runtime.store_memory import MemoryPartition
from streams.runtime.tenure import Tenure, Terms, changelog_topic, transactional_id
from tests.simulator.broker import (
    Broker,
    CommitFate,
    Message,
    Producer,
    SimulatedFailure,
    chosen,
)
from tests.simulator.incarnation import Incarnation, Task
from tests.simulator.judge import (
    Event,
    Expected,
    PublicReader,
    Published,
    Violation,
    compare_quarantine,
    compare_tables,
)

_MAX_STEPS = 30_000
QUARANTINE = "quarantine.v1"


class Crashed(BaseException):
    """A process ended at a crash point."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything about a world but its faults.

    `logs` are written by outsiders, `tables` by stages; both give the partition count. `upkeep`
    may ask for events now and then. `tidy` gives the form in which a table's value is compared,
    None for one that counts as absent. `outage` opens and closes what handles depend on.
    """

    stages: Sequence[Stage]
    logs: Mapping[str, int]
    tables: Mapping[str, int]
    events: Sequence[Event]
    oracle: Callable[[Sequence[Published]], Expected]
    upkeep: Callable[[World], Sequence[Event]] = lambda _world: ()
    tidy: Callable[[str, bytes], bytes | None] = lambda _topic, value: value
    outage: Callable[[bool], None] = lambda _down: None
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class Faults:
    """How likely each fault is, per visit or step."""

    crash: float = 0.02
    zombie: float = 0.015
    lost_commit: float = 0.02
    unknown_commit: float = 0.02
    compact: float = 0.05
    truncate: float = 0.03
    outage: float = 0.02
    keeps_store: float = 0.6
    old_store: float = 0.2
    lost_write: float = 0.002


NO_FAULTS = Faults(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


class World:
    """One seed's world; `run` it, then `check` it."""

    tenure_type = Tenure
    incarnation_type = Incarnation
    producer_type = Producer
    began_ms = 0

    def __init__(
        self, seed: int, plan: Plan, faults: Faults, earlier: Sequence[Message] = ()
    ) -> None:
        """Make a world; `earlier` are messages that its tables hold from the beginning."""
        self.seed = seed
        self.plan = plan
        self.faults = faults
        self.random = Random(seed)
        self.counts: Counter[str] = Counter()
        self.history: list[Published] = []
        self.broker = Broker(self._topics(), self.began_ms)
        for said in earlier:
            log = self.broker.log(said.topic, said.partition)
            log.append(said.key, said.value, said.headers)
        self._acknowledged: dict[tuple[str, str, int], int] = {}
        self._stores: dict[Task, list[MemoryPartition]] = {}
        self._zombies: list[Incarnation] = []
        self._acting: list[Incarnation] = []
        self.readers = [
            PublicReader(topic, p) for topic, count in plan.tables.items() for p in range(count)
        ]
        self.tasks = [
            Task(stage.name, stage.sources, p)
            for stage in plan.stages
            for p in range(self.broker.partitions(stage.sources[0]))
        ]
        self.owners = {task: self._new_owner(task) for task in self.tasks}

    # ------------------------------------------------------------------ running
    def run(self) -> World:
        """Publish all events under faults, then let everything come to rest."""
        crashpoints.arm(self._at_crashpoint)
        try:
            events = deque(self.plan.events)
            pace = self.random.choice((0.05, 0.2, 0.6))
            for _ in range(_MAX_STEPS):
                if events and self.random.random() < pace:
                    self.publish(events.popleft())
                busy = self._one_step()
                if not events and not busy and self._is_at_rest():
                    return self
            raise Violation("does not come to rest")
        finally:
            crashpoints.arm(None)
            self.plan.outage(False)

    def publish(self, event: Event) -> None:
        """Write an event as its outsider would."""
        count = self.broker.partitions(event.topic)
        partition = chosen(event.key, count) if event.partition is None else event.partition
        offset = self.broker.publish(event.topic, partition, event.key, event.value)
        self.history.append(Published(event, partition, offset))

    def acknowledged(self, stage: str, topic: str, partition: int) -> int:
        """Give the next offset that a stage's group has acknowledged."""
        return self._acknowledged.get((stage, topic, partition), 0)

    def _one_step(self) -> bool:
        self._maybe_tend()
        busy = self._step_of(self.random.choice(self.tasks))
        if self._zombies and self.random.random() < 0.1:
            self._step_a_zombie()
        return busy

    def _step_of(self, task: Task) -> bool:
        owner = self.owners[task]
        if self.random.random() < self.faults.zombie:
            self._zombies.append(owner)
            self.owners[task] = self._new_owner(task)
            self.counts["zombies"] += 1
        return self._take_step(self.owners[task])

    def _take_step(self, incarnation: Incarnation) -> bool:
        """Let an incarnation take a step; its death makes room for the next one."""
        self._acting.append(incarnation)
        try:
            return incarnation.step()
        except (Crashed, SimulatedFailure) as error:
            self.counts[type(error).__name__] += 1
            self._bury(incarnation)
            return True
        except Violation:
            raise
        except Exception as error:
            raise Violation(f"{incarnation.task} raised {error!r}") from error
        finally:
            self._acting.remove(incarnation)

    def _bury(self, dead: Incarnation) -> None:
        if dead in self._zombies:
            self._zombies.remove(dead)
        elif self.owners[dead.task] is dead:
            self._keep_store(dead)
            self.owners[dead.task] = self._new_owner(dead.task)

    def _step_a_zombie(self) -> None:
        zombie = self.random.choice(self._zombies)
        if zombie in self._acting:
            return
        if not self._take_step(zombie) or self.random.random() < 0.05:
            self._bury(zombie)

    def _at_crashpoint(self, name: str) -> None:
        self.counts[f"at {name}"] += 1
        if self.random.random() < self.faults.crash:
            self.counts[f"crash {name}"] += 1
            raise Crashed
        if self._zombies and len(self._acting) == 1 and self.random.random() < 0.4:
            self._step_a_zombie()

    def _maybe_tend(self) -> None:
        chance, faults = self.random.random, self.faults
        if chance() < faults.compact:
            self._compact()
        if chance() < faults.truncate:
            self._truncate()
        if chance() < 0.05:
            for event in self.plan.upkeep(self):
                self.publish(event)
        if chance() < 0.1:
            self._read(self.random.choice(self.readers))
        if faults.outage:
            self.plan.outage(chance() < faults.outage)

    def _read(self, reader: PublicReader) -> None:
        log = self.broker.log(reader.topic, reader.partition)
        for message in log.committed(reader.position):
            reader.take(message)
        reader.position = max(reader.position, log.end)

    def _compact(self) -> None:
        topic, partition = self.random.choice(sorted(self.broker.logs))
        if topic in self.plan.logs or topic == QUARANTINE:
            return
        log = self.broker.log(topic, partition)
        log.compact()
        if topic in self.plan.tables:
            log.drop_tombstones(self.passed(topic, partition))

    def passed(self, topic: str, partition: int) -> int:
        """Give the offset that every reader of a table's partition has passed."""
        stages = [stage.name for stage in self.plan.stages if topic in stage.sources]
        readers = [r.position for r in self.readers if (r.topic, r.partition) == (topic, partition)]
        return min(readers + [self.acknowledged(stage, topic, partition) for stage in stages])

    def _truncate(self) -> None:
        for topic, count in self.plan.logs.items():
            for partition in range(count):
                readers = [stage.name for stage in self.plan.stages if topic in stage.sources]
                before = min(self.acknowledged(stage, topic, partition) for stage in readers)
                self.broker.log(topic, partition).delete_records(before)

    def _is_at_rest(self) -> bool:
        while self._zombies:
            self._bury(self._zombies[0])
        self._bury_fenced_owners()
        self.plan.outage(False)
        calm, self.faults = self.faults, NO_FAULTS
        try:
            while any([self._take_step(self.owners[task]) for task in self.tasks]):  # noqa: C419 - all take one
                pass
            asked = list(self.plan.upkeep(self))
            for reader in self.readers:
                self._read(reader)
            for event in asked:
                self.publish(event)
            return not asked
        finally:
            self.faults = calm

    def _bury_fenced_owners(self) -> None:
        """End owners that a process which began later has fenced, as the next tick would."""
        for task, owner in self.owners.items():
            writer_id = transactional_id(task.stage, task.partition)
            if owner.has_begun and not self.broker.is_owner(writer_id, owner.tenure._writer):
                self._bury(owner)

    # ------------------------------------------------------------------ processes
    def _new_owner(self, task: Task) -> Incarnation:
        stage = next(stage for stage in self.plan.stages if stage.name == task.stage)
        store = self._store_for(task)
        writer = self.producer_type(self.broker, transactional_id(task.stage, task.partition), self)
        terms = Terms(stage, encode_quarantined, epoch=self.plan.epoch)
        tenure = self.tenure_type(terms, task.partition, store, writer)
        return self.incarnation_type(
            task, tenure, store, self.broker, self.random, self._acknowledge
        )

    def _store_for(self, task: Task) -> MemoryPartition:
        """Give a store as a machine would have it: new, or as some process left it."""
        kept = self._stores.get(task, [])
        if kept and self.random.random() < self.faults.keeps_store:
            newest = self.random.random() >= self.faults.old_store
            return deepcopied(kept[-1] if newest else self.random.choice(kept))
        return MemoryPartition()

    def _keep_store(self, dead: Incarnation) -> None:
        self._stores.setdefault(dead.task, []).append(deepcopied(dead.store))

    def _acknowledge(self, task: Task, next_offsets: Mapping[str, int]) -> None:
        for topic, offset in next_offsets.items():
            at = (task.stage, topic, task.partition)
            self._acknowledged[at] = max(offset, self._acknowledged.get(at, 0))

    def loses_write(self) -> bool:
        """Decide whether a message gets into no log."""
        lost = self.random.random() < self.faults.lost_write
        self.counts["lost writes"] += lost
        return lost

    def of_commit(self) -> CommitFate:
        """Decide what becomes of a commit."""
        dice = self.random.random()
        if dice < self.faults.lost_commit:
            return CommitFate.LOST
        if dice < self.faults.lost_commit + self.faults.unknown_commit:
            return CommitFate.UNKNOWN
        return CommitFate.KNOWN

    def _topics(self) -> dict[str, int]:
        plan = self.plan
        counts = {**plan.logs, **plan.tables, QUARANTINE: 1}
        for stage in plan.stages:
            counts[changelog_topic(stage.name)] = counts[stage.sources[0]]
        return counts

    # ------------------------------------------------------------------ judging
    def content(self, topic: str) -> list[Message]:
        """Give what is left of a table after compaction."""
        logs = [log for log in self.broker.logs.values() if log.at[0] == topic]
        for log in logs:
            log.compact()
        return [message for log in logs for message in log.committed()]

    def check(self) -> World:
        """Compare everything with what the oracle foretells; raises Violation."""
        expected = self.plan.oracle(self.history)
        compare_tables(expected, "a live reader", self.readers, self.plan.tidy)
        for topic in self.plan.tables:
            self.content(topic)
        fresh = [PublicReader(reader.topic, reader.partition) for reader in self.readers]
        for reader in fresh:
            self._read(reader)
        compare_tables(expected, "a fresh reader", fresh, self.plan.tidy)
        compare_quarantine(expected, self.broker.log(QUARANTINE, 0).committed())
        for task in self.tasks:
            self._check_state(task)
        return self

    def _check_state(self, task: Task) -> None:
        owner = self.owners[task]
        log = self.broker.log(changelog_topic(task.stage), task.partition)
        said = {message.key or b"": message.value or b"" for message in log.committed()}
        held = dict(owner.store.items())
        if said != held:
            differing = [key for key in said.keys() | held.keys() if said.get(key) != held.get(key)]
            raise Violation(f"{task}: store and changelog differ at {differing}")
        stage = next(stage for stage in self.plan.stages if stage.name == task.stage)
        rebuilt = stage.machine(task.partition)
        for key, sealed in held.items():
            payload = None if key == POSITION_KEY else unseal(sealed).payload
            if payload is not None:
                rebuilt.loaded(key, payload)
        index = getattr(owner.tenure.machine, "index", None)
        if index != getattr(rebuilt, "index", None):
            raise Violation(f"{task}: the derived index is not what its values say")


def encode_quarantined(quarantined: Quarantined) -> bytes:
    """Give a quarantined input as JSON, enough to compare."""
    return orjson.dumps({"reason": quarantined.reason, "detail": quarantined.detail})


def deepcopied(store: MemoryPartition) -> MemoryPartition:
    """Copy a store as a disk would keep it."""
    copy = MemoryPartition()
    copy.apply(deepcopy(dict(store.items())), store.resume_offset() or 0)
    if store.resume_offset() is None:
        copy.wipe()
    return copy
