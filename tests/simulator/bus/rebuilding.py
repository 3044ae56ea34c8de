"""`recordbus stage rebuild` in a world: killed anywhere, run again, with stages in its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from recordbus import crashpoints
from recordbus.errors import Misconfigured
from schemas import catalog
from streams.intake.decode import GuardedDecoder
from streams.intake.stage import make_intake
from streams.intake.testing import PUBLISHERS, SECRET
from streams.intake.topics import MEETINGS, RECORDS, VERDICTS
from streams.rebuild.progress import Progress
from streams.rebuild.rebuild import Rebuild
from streams.rebuild.restating import Restating
from streams.runtime.tenure import changelog_topic
from streams.runtime.worker import Clients
from tests.simulator.broker import Broker, Log, Reader, SimulatedFailure
from tests.simulator.bus.talk import registry
from tests.simulator.bus.worlds import FAULTS, BusWorld, plan_of, world_of
from tests.simulator.incarnation import Incarnation, Task
from tests.simulator.judge import PublicReader, Violation
from tests.simulator.world import NO_FAULTS, Crashed, Faults

_MADE_ANEW: Final = (MEETINGS, changelog_topic("meet"), changelog_topic("identify"))
OFTEN_KILLED: Final = replace(FAULTS, crash=0.1)
_MOST_RUNS: Final = 200
_MOST_STEPS: Final = 50


@dataclass(slots=True)
class WorldCluster:
    """The cluster of a world, in which nobody is a member of any group."""

    world: BusWorld
    meeting_partitions: int
    running: int = 0

    def members(self, stage: str) -> int:
        return self.running

    def partitions(self, topic: str) -> int:
        return sum(at[0] == topic for at in self.world.broker.logs)

    def empty_tables(self) -> None:
        """Make topics anew, any of which may be missing after a crash in the middle."""
        broker = self.world.broker
        for topic in _MADE_ANEW:
            for at in [at for at in broker.logs if at[0] == topic]:
                del broker.logs[at]
            crashpoints.crashpoint("rebuild.emptied")
            count = 1 if topic == _MADE_ANEW[-1] else self.meeting_partitions
            broker.logs |= {(topic, p): Log((topic, p), broker_time(broker)) for p in range(count)}
            broker._partitions[topic] = count
        verdicts = broker.log(VERDICTS, 0)
        verdicts.delete_records(verdicts.end)


def broker_time(broker: Broker) -> int:
    """Give the time at which the logs of a broker began."""
    return broker.log(RECORDS, 0).began_ms


def rebuild_of(world: BusWorld, meeting_partitions: int, batch_keys: int) -> Rebuild:
    """Give one run of the command in a world, which raises the world's epoch by one."""
    intake = make_intake(registry(), PUBLISHERS, SECRET, meeting_partitions=meeting_partitions)
    records = GuardedDecoder(registry(), catalog.avro_schema("recordbus.v1.Record"), "")

    def count(progress: Progress) -> None:
        world.counts[f"rebuild {progress.step}"] += 1

    return Rebuild(
        world.plan.epoch + 1,
        world.broker.partitions(RECORDS),
        meeting_partitions,
        Restating(intake, records),
        Clients(
            lambda name: world.producer_type(world.broker, name, world),
            lambda: Reader(world.broker),
        ),
        WorldCluster(world, meeting_partitions),
        count,
        batch_keys=batch_keys,
    )


def left_in_the_middle(seed: int, faults: Faults) -> BusWorld:
    """Give a world that was told everything, and has worked through a part of it only."""
    world, random = world_of(seed, faults), Random(seed)
    events = world.plan.events
    cut = random.randint(0, len(events))
    world.plan = replace(world.plan, events=events[:cut])
    world.run()
    for event in events[cut:]:
        world.publish(event)
    calm, world.faults = world.faults, NO_FAULTS
    for _ in range(random.choice((0, 5, 30, 100))):
        world._one_step()
    world.faults = calm
    return world


def rebuilt(world: BusWorld, faults: Faults, seed: int, meeting_partitions: int = 0) -> BusWorld:
    """Rebuild a world and give the one that goes on from there, under the next epoch.

    What the world has begun and not finished stays as it is in the logs; its processes live on as
    zombies, some of which wake up between two runs of the rebuild.
    """
    random = Random(seed)
    meeting_partitions = meeting_partitions or random.choice((1, 2, 3))
    batch_keys = random.choice((1, 2, 7, 500))
    zombies = list(world.owners.items())
    crashpoints.arm(world._at_crashpoint)
    calm, world.faults = world.faults, faults
    try:
        for _ in range(_MOST_RUNS):
            if _runs_to_its_end(rebuild_of(world, meeting_partitions, batch_keys), world):
                break
            world.faults = replace(faults, crash=world.faults.crash * 0.8)
            crashpoints.arm(None)
            _wake_up(zombies, random)
            _start_too_early(world, random)
            crashpoints.arm(world._at_crashpoint)
        else:
            raise Violation("the rebuild does not come to its end")
    finally:
        crashpoints.arm(None)
        world.faults = calm
    return _goes_on(world, meeting_partitions)


def _runs_to_its_end(rebuild: Rebuild, world: BusWorld) -> bool:
    try:
        rebuild.run()
    except (Crashed, SimulatedFailure) as error:
        world.counts[f"rebuild {type(error).__name__}"] += 1
        return False
    return True


def _wake_up(zombies: Sequence[tuple[Task, Incarnation]], random: Random) -> None:
    """Let a process of the older epoch go on for as long as it can."""
    _, owner = random.choice(zombies)
    try:
        for _ in range(_MOST_STEPS):
            owner.step()
    except (SimulatedFailure, KeyError):
        pass  # fenced, or its log is gone


def _start_too_early(world: BusWorld, random: Random) -> None:
    """Start a stage before the rebuild has ended."""
    task = random.choice(world.tasks)
    at = (changelog_topic(task.stage), task.partition)
    if at in world.broker.logs and random.random() < 0.5:
        try:
            world._new_owner(task).tenure.begin(Reader(world.broker))
        except Misconfigured:
            world.counts["refused to start"] += 1


def _goes_on(world: BusWorld, meeting_partitions: int) -> BusWorld:
    """Give the world of the next epoch over the same broker, with the same readers."""
    partitions = world.broker.partitions(RECORDS)
    plan = plan_of([], world.limits, partitions, meeting_partitions, world.plan.epoch + 1)
    again = type(world)(world.seed + 1_000_000, plan, world.faults)
    again.broker, again.history, again.told = world.broker, world.history, world.told
    again.said, again.limits, again.first_days = world.said, world.limits, world.first_days
    again.counts = world.counts
    kept = [each for each in world.readers if each.topic != MEETINGS]
    again.readers = kept + [PublicReader(MEETINGS, p) for p in range(meeting_partitions)]
    again._acknowledged = {
        at: offset for at, offset in world._acknowledged.items() if at[1] != MEETINGS
    }
    again._stores = dict(world._stores)
    again.owners = {task: again._new_owner(task) for task in again.tasks}
    return again
