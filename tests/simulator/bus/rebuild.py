"""The bus made anew from `records.v1`, under a new epoch and with other numbers of partitions.

What intake knows of each record stays, but for the record itself: that is published again from its
value in `records.v1`, in any order; so are the judgements in force. All other state is empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from recordbus.testing import records
from streams.intake.state import decode
from streams.intake.topics import JUDGEMENTS, RECORDS
from streams.runtime.envelope import POSITION_KEY, seal, unseal
from streams.runtime.tenure import changelog_topic
from tests.oracle.accepted import Change
from tests.simulator.broker import Message, chosen
from tests.simulator.bus.content import read
from tests.simulator.bus.talk import Said, framed, published_again, ticks, topic_of_owner
from tests.simulator.bus.worlds import BusWorld, plan_of
from tests.simulator.judge import Event
from tests.simulator.world import Faults


def rebuilt(world: BusWorld, faults: Faults) -> BusWorld:
    """Make a world that begins with what is left of another one."""
    random = Random(world.seed)
    partitions, meeting_partitions = random.choice((1, 2)), random.choice((1, 2, 3))
    said = [*_published_again(world), *_judged_again(world)]
    random.shuffle(said)
    said += ticks(world.now(), partitions)
    plan = plan_of(said, world.limits, partitions, meeting_partitions, world.plan.epoch + 1)
    again = BusWorld(world.seed + 1_000_000, plan, faults, earlier=list(_known(world, partitions)))
    again.said, again.limits = said, world.limits
    again.first_days = {k: held.first_recorded_on for k, held in world.ending().held.items()}
    return again


def _published_again(world: BusWorld) -> Iterator[Said]:
    for message in world.content(RECORDS):
        record = _live(message)
        if record is not None:
            topic = topic_of_owner(record["owner_ori"])
            fields = published_again(record, record["source_seq"])
            written = framed(topic, fields, records.CHANGE)
            change = Change(record["record_key"], "live", record["source_seq"], written, fields)
            yield Said(Event(topic, message.key, written), change)


def _judged_again(world: BusWorld) -> Iterator[Said]:
    judged: dict[bytes | None, Said] = {}
    meaning = {id(each.event): each for each in world.said}
    for published in world.history:
        said = meaning.get(id(published.event))
        if said is not None and said.judgement is not None:
            judged[said.event.key] = said
    for said in judged.values():
        yield Said(Event(JUDGEMENTS, said.event.key, said.event.value), judgement=said.judgement)


def _live(message: Message) -> Mapping[str, Any] | None:
    record = read(RECORDS, message.value) if message.value is not None else None
    return record if record is not None and record["status"] == "live" else None


def _known(world: BusWorld, partitions: int) -> Iterator[Message]:
    """What intake remembers, in which the present change of a live record is yet to come."""
    topic = changelog_topic("intake")
    for message in world.content(topic):
        key, value = message.key or b"", message.value or b""
        payload = None if key == POSITION_KEY else unseal(value).payload
        if payload is not None and len(key) == len("0" * 64):
            known = decode(payload)
            earlier = known._replace(source_seq=known.source_seq - 1, parts=())
            state = (earlier if known.status == "live" else known).encode()
            at = chosen(key, partitions)
            yield message._replace(partition=at, value=seal(0, state, {}))
