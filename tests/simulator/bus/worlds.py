"""Worlds in which all real stages run under faults, and what is looked at when they rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from random import Random
from types import MappingProxyType
from typing import Any, Final

from streams.associate.handle import ASSOCIATIONS, IDENTITIES
from streams.intake.topics import (
    QUARANTINE,
    RECORDS,
    RELATIONS,
    VERDICTS,
    VERIFICATIONS,
)
from streams.meet.entries import MEETINGS
from streams.resolution.limits import Limits
from streams.runtime.effects import Batch
from streams.runtime.tenure import Tenure
from tests.oracle.associations import Fields
from tests.oracle.batch import Outcome, in_force
from tests.oracle.partners import Partner, Unfollowable
from tests.simulator.broker import Message, Producer, State
from tests.simulator.bus.bodies import TODAY
from tests.simulator.bus.content import PUBLIC, Held, compare, read
from tests.simulator.bus.foretold import Ending, ending
from tests.simulator.bus.residue import check_residue
from tests.simulator.bus.stages import SMALL, stages
from tests.simulator.bus.talk import LOGS, Said, Talk, request
from tests.simulator.judge import Expected, PublicReader, Violation
from tests.simulator.world import Faults, Plan, World

FAULTS: Final = Faults(outage=0)


class CountingTenure(Tenure):
    """Counts in its world what became of inputs."""

    def settle(self) -> Batch:
        batch = super().settle()
        world: BusWorld = self._writer._fate  # type: ignore[attr-defined]
        name = self._terms.stage.name
        world.counts.update({f"{name} {each}": n for each, n in batch.outcomes.items()})
        for note, count in batch.notes.items():
            world.counts[f"{name}: {note.name} {' '.join(note.labels)}"] += count
        return batch


class HeardProducer(Producer):
    """Lets its world hear what is committed, in the order in which it was."""

    said: list[tuple[str, bytes, bytes | None]]

    def begin(self) -> None:
        super().begin()
        self.said = []

    def produce(self, topic: str, key: Any, value: Any, *rest: Any, **named: Any) -> None:
        super().produce(topic, key, value, *rest, **named)
        if topic in PUBLIC:
            self.said.append((topic, key or b"", value))

    def end_transaction(self, state: State) -> None:
        is_open = self._open is not None and self._open.state is State.OPEN
        super().end_transaction(state)
        if is_open and state is State.COMMITTED:
            self._fate.told += self.said  # type: ignore[attr-defined]


class BusWorld(World):
    """A world of the whole bus; `said` is what its events mean."""

    tenure_type = CountingTenure
    producer_type = HeardProducer
    began_ms = int(TODAY.timestamp() * 1000)

    said: Sequence[Said] = ()
    limits: Limits = SMALL[-1]
    first_days: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self, seed: int, plan: Plan, faults: Faults, earlier: Sequence[Message] = ()
    ) -> None:
        self.told: list[tuple[str, bytes, bytes | None]] = []
        super().__init__(seed, plan, faults, earlier)

    def run(self) -> BusWorld:
        super().run()
        return self

    def check(self) -> BusWorld:
        """Compare everything with the batch program; raises Violation."""
        end = self.ending()
        self._check_quarantine(end)
        self._check_what_partners_heard()
        self._cover(end, self._compared("a live reader", end, self.readers))
        for topic in self.plan.tables:
            self.content(topic)
        fresh = [PublicReader(reader.topic, reader.partition) for reader in self.readers]
        for reader in fresh:
            self._read(reader)
        self._compared("a fresh reader", end, fresh)
        self._truncate()
        check_residue(self, end)
        for task in self.tasks:
            self._check_state(task)
        return self

    def ending(self) -> Ending:
        """Say what counts of its history."""
        return ending(self.history, self.said, self.began_ms, self.first_days)

    def _check_quarantine(self, end: Ending) -> None:
        found = Counter(
            ((message.key or b"").decode(), records_reason(message.value))
            for message in self.broker.log(QUARANTINE, 0).committed()
            if message.value is not None
        )
        wanted = Counter(end.refused.items())
        if found != wanted:
            raise Violation(f"quarantine: unexpected {found - wanted}, missing {wanted - found}")

    def _check_what_partners_heard(self) -> None:
        partner = Partner()
        hears = {
            RECORDS: partner.hear_record,
            IDENTITIES: partner.hear_identity,
            ASSOCIATIONS: partner.hear_update,
        }
        for topic, key, value in self.told:
            if value is None and topic == IDENTITIES:
                partner.hear_dropped(key.decode())
            if value is not None:
                said = read(topic, value)
                try:
                    hears[topic](said)
                except Unfollowable as error:
                    raise Violation(f"{topic}: a partner cannot follow: {error}") from None
                self._count(topic, said)

    def _count(self, topic: str, said: Fields) -> None:
        if topic == ASSOCIATIONS:
            self.counts[f"said {said['reason'] or said['status']}"] += 1
        elif topic == IDENTITIES and said["previous_entity_id"] is not None:
            self.counts["said moved"] += 1

    def _compared(self, who: str, end: Ending, readers: Iterable[PublicReader]) -> Outcome:
        return compare(who, Held(readers), end, self.now(), self.limits)

    def now(self) -> datetime:
        """Give the time that was told last."""
        heard = {id(published.event) for published in self.history}
        return max(each.at for each in self.said if each.at and id(each.event) in heard)

    def _cover(self, end: Ending, outcome: Outcome) -> None:
        """Count what this world was about, so that a run can say what it tried."""
        count = self.counts
        count["several meeting partitions"] += self.broker.partitions(MEETINGS) > 1
        lapsed = [each for each in end.judged.values() if not in_force(each, self.now())]
        count["judgements lapsed"] += len(lapsed)
        for kind, each in outcome.entities.items():
            count[f"{kind} mentions"] += len(each.who)
            count[f"{kind} entities"] += len({who.entity_id for who in each.who.values()})
            count[f"{kind} suspended blocks"] += len(each.suspended)
            count[f"{kind} default values"] += len(each.defaults)
            count[f"{kind} vetoes"] += sum(bool(v.vetoes) for v in each.verdicts.values())
        count["suspended matters"] += len(outcome.suspended_matters)
        count["standing"] += len(outcome.content.associations)
        count["frozen"] += len(outcome.content.frozen)
        for reason in outcome.content.fallen.values():
            count[f"fallen {reason}"] += 1


def records_reason(value: bytes) -> str:
    """Give the reason in a message of quarantine."""
    found = re.search(rb'"reason":"([^"]*)"', value)
    assert found is not None
    return found[1].decode()


def ask_for_tombstones(world: World) -> list[Any]:
    """Ask intake to erase the markers that everybody has passed."""
    asked = []
    for partition in range(world.broker.partitions(RECORDS)):
        newest = {m.key or b"": m for m in world.broker.log(RECORDS, partition).committed()}
        for key, message in newest.items():
            if message.value is None:
                continue
            record = read(RECORDS, message.value)
            if record["status"] != "live" and _everybody_passed(world, key):
                asked.append(request(key.decode(), record["version"], partition))
    return asked


def _everybody_passed(world: World, key: bytes) -> bool:
    """Say whether every stage and reader has read all that was said of a record."""
    for (topic, partition), log in world.broker.logs.items():
        if topic in world.plan.tables:
            passed = world.passed(topic, partition)
            if any((m.key or b"").startswith(key) for m in log.committed(passed)):
                return False
    return True


def world_of(
    seed: int,
    faults: Faults | None = None,
    *,
    size: int = 0,
    kind: type[BusWorld] = BusWorld,
) -> BusWorld:
    """Make a seed's world."""
    random = Random(seed * 9973 + 11)
    partitions, meeting_partitions = random.choice((1, 1, 2)), random.choice((1, 2, 4))
    limits = random.choice(SMALL)
    said = Talk(random, partitions, size).run()
    plan = plan_of(said, limits, partitions, meeting_partitions)
    world = kind(seed, plan, faults or FAULTS)
    world.said, world.limits = said, limits
    return world


def plan_of(
    said: Sequence[Said], limits: Limits, partitions: int, meeting_partitions: int, epoch: int = 0
) -> Plan:
    """Give the plan of a world in which this is said."""
    return Plan(
        stages=stages(limits, meeting_partitions),
        logs=dict.fromkeys(LOGS, partitions),
        tables=dict.fromkeys((*PUBLIC, RELATIONS, VERIFICATIONS), partitions)
        | {MEETINGS: meeting_partitions, VERDICTS: 1},
        events=[each.event for each in said],
        oracle=lambda _history: Expected({}, {}),
        upkeep=ask_for_tombstones,
        epoch=epoch,
    )
