"""The bus made anew from `records.v1`, under a new epoch and with other numbers of partitions.

What intake knows of each record stays, but for the record itself: that is published again from its
value in `records.v1`, in any order; so are the judgements in force. All other state is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random
from typing import Final, Protocol

from recordbus.testing import records
from streams.intake.state import decode
from streams.intake.topics import JUDGEMENTS, RECORDS
from streams.runtime.envelope import POSITION_KEY, seal, unseal
from streams.runtime.tenure import changelog_topic
from tests.oracle.accepted import Change
from tests.simulator.broker import chosen
from tests.simulator.bus.content import read
from tests.simulator.bus.talk import Said, framed, published_again, ticks, topic_of_owner
from tests.simulator.bus.worlds import BusWorld, plan_of
from tests.simulator.judge import Event, Published
from tests.simulator.world import Faults

_RECORD_KEY_DIGITS: Final = 64


def rebuilt(world: BusWorld, faults: Faults) -> BusWorld:
    """Make a world that begins with what is left of another one."""
    random = Random(world.seed)
    partitions, meeting_partitions = random.choice((1, 2)), random.choice((1, 2, 3))
    said = [
        *published_once_more(world.content(RECORDS)),
        *judged_once_more(world.history, world.said),
    ]
    random.shuffle(said)
    said += ticks(world.now(), partitions)
    plan = plan_of(said, world.limits, partitions, meeting_partitions, world.plan.epoch + 1)
    known = [
        message._replace(partition=chosen(message.key, partitions), value=value)
        for message in world.content(changelog_topic("intake"))
        if (value := remembered(message.key or b"", message.value or b"")) is not None
    ]
    again = BusWorld(world.seed + 1_000_000, plan, faults, earlier=known)
    again.said, again.limits = said, world.limits
    again.first_days = {k: held.first_recorded_on for k, held in world.ending().held.items()}
    return again


class Kept(Protocol):
    """A message of a table."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...


def published_once_more(messages: Iterable[Kept]) -> Iterator[Said]:
    """Publish every live record of `records.v1` as it stands there."""
    for message in messages:
        record = read(RECORDS, message.value) if message.value is not None else {}
        if record.get("status") == "live":
            topic = topic_of_owner(record["owner_ori"])
            fields = published_again(record, record["source_seq"])
            written = framed(topic, fields, records.CHANGE)
            change = Change(record["record_key"], "live", record["source_seq"], written, fields)
            yield Said(Event(topic, message.key, written), change)


def judged_once_more(history: Iterable[Published], told: Iterable[Said]) -> Iterator[Said]:
    """Send the last judgement on every pair again; `told` is what the history means."""
    judged: dict[bytes | None, Said] = {}
    meaning = {id(each.event): each for each in told}
    for published in history:
        said = meaning.get(id(published.event))
        if said is not None and said.judgement is not None:
            judged[said.event.key] = said
    for said in judged.values():
        yield Said(Event(JUDGEMENTS, said.event.key, said.event.value), judgement=said.judgement)


def remembered(key: bytes, value: bytes) -> bytes | None:
    """Give what intake is to remember of a record, None for anything else in its changelog.

    The present change of a live record is yet to come.
    """
    if key == POSITION_KEY or len(key) != _RECORD_KEY_DIGITS:
        return None
    payload = unseal(value).payload
    if payload is None:
        return None
    known = decode(payload)
    if known.status == "live":
        known = known._replace(source_seq=known.source_seq - 1)
    return seal(0, known._replace(parts=()).encode(), {})
