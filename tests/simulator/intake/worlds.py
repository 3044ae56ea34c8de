"""Worlds in which intake's `handle` runs under faults, and what is looked at when they rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any, Final

from recordbus.canonical import canonical_json
from recordbus.testing import records
from streams.intake.topics import (
    MEETINGS,
    QUARANTINE,
    RECORDS,
    RELATIONS,
    VERDICTS,
    VERIFICATIONS,
)
from streams.runtime.contract import SetAside
from streams.runtime.effects import Quarantined
from streams.runtime.tenure import Tenure, Terms, transactional_id
from streams.upkeep.markers import Marker, PendingMarkers
from tests.simulator.broker import Message
from tests.simulator.incarnation import Incarnation, Task
from tests.simulator.intake.offered import OfferReader, check_offers
from tests.simulator.intake.office import (
    LOGS,
    MEETING_PARTITIONS,
    Sabotage,
    Said,
    Talk,
    office,
    read_record,
    request,
)
from tests.simulator.intake.oracle import Ending, ending
from tests.simulator.judge import Event, Expected, PublicReader, Violation, compare_tables
from tests.simulator.world import Faults, Plan, World

MARKED: Final = (RELATIONS, MEETINGS)
_TEXT: Final = re.compile(rb"content \d{4} of it")


class IntakeWorld(World):
    """A world of intake alone; `said` is what its events mean."""

    said: Sequence[Said] = ()
    began_ms = int((records.MOMENT + timedelta(days=90)).timestamp() * 1000)

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.readers = [
            OfferReader(r.topic, r.partition) if r.topic in MARKED else r for r in self.readers
        ]
        self.pending = PendingMarkers()
        self.followed = Counter[int]()

    def _new_owner(self, task: Task) -> Incarnation:
        store = self._store_for(task)
        writer = self.producer_type(self.broker, transactional_id(task.stage, task.partition), self)
        terms = Terms(self.plan.stages[0], encode_quarantined)
        tenure = Tenure(terms, task.partition, store, writer)
        return self.incarnation_type(
            task, tenure, store, self.broker, self.random, self._acknowledge
        )

    def _is_at_rest(self) -> bool:
        """Rest only when nothing is left to erase, now that every reader has read everything."""
        if not super()._is_at_rest():
            return False
        asked = self.plan.upkeep(self)
        for event in asked:
            self.publish(event)
        return not asked

    def check(self) -> IntakeWorld:
        """Compare everything with the oracle, and look for content that must be gone."""
        end = ending(self.history, {id(said.event): said for said in self.said})
        self._check_quarantine(end)
        wanted = {key: _as_compared(text) for key, text in end.texts.items()}
        expected = Expected({RECORDS: wanted}, {})
        compare_tables(expected, "a live reader", self.readers, tidy)
        check_offers("a live reader", self.readers, end)
        self._check_residue(end)
        rebuilt = [PublicReader(reader.topic, reader.partition) for reader in self.readers]
        for reader in rebuilt:
            self._read(reader)
        compare_tables(expected, "a rebuild", rebuilt, tidy)
        check_offers("a rebuild", rebuilt, end)
        for task in self.tasks:
            self._check_state(task)
        return self

    def _check_quarantine(self, end: Ending) -> None:
        """Each bad message was set aside once, for its reason; nothing else was."""
        log = self.broker.log(QUARANTINE, 0).committed()
        found = Counter(
            ((message.key or b"").decode(), message.value.split(b"|", 1)[0].decode())
            for message in log
            if message.value is not None
        )
        wanted = Counter(end.reasons.items())
        if found != wanted:
            raise Violation(f"quarantine: unexpected {found - wanted}, missing {wanted - found}")

    def _check_residue(self, end: Ending) -> None:
        """No text is anywhere but the newest of a live record, and what quarantine may keep."""
        self._truncate()
        allowed = {RECORDS: set(end.texts.values()), QUARANTINE: end.kept}
        for topic in {topic for topic, _ in self.broker.logs}:
            texts = set()
            for message in self.content(topic):
                found = _TEXT.findall((message.key or b"") + (message.value or b""))
                texts |= {text.decode() for text in found}
            wanted = allowed.get(topic, set())
            if topic == QUARANTINE:
                texts -= end.may_be_kept() - wanted
            if texts != wanted:
                raise Violation(f"{topic}: left {texts - wanted}, missing {wanted - texts}")


def encode_quarantined(aside: Quarantined) -> bytes:
    """Give a set-aside input as its reason and its bytes."""
    return aside.reason.encode() + b"|" + (aside.value or b"")


def tidy(_topic: str, value: bytes) -> bytes | None:
    """Give what of a record is compared; a marker stands for none."""
    record = read_record(value)
    if record["status"] == "live":
        return _as_compared(record["body"]["narrative"])
    if record["body"] or record["normalised"] or record["relations"] or record["content_hash"]:
        raise Violation("a marker has content")
    return None


def _as_compared(text: str) -> bytes:
    return canonical_json(["live", text])


def ask_for_tombstones(world: World) -> list[Event]:
    """Ask intake to erase the markers that every reader has passed, as upkeep finds them."""
    assert isinstance(world, IntakeWorld)
    _follow(world)
    others = [at for at in world.broker.logs if at[0] in MARKED]
    world.pending.other_tables_end({at: world.broker.log(*at).end for at in others})
    passed = {p: world.passed(RECORDS, p) for p in range(world.broker.partitions(RECORDS))}
    elsewhere = {at: world.passed(*at) for at in others}
    return [
        request(marker.record_key.encode(), marker.version, marker.partition).event
        for marker in world.pending.passed(passed, elsewhere)
    ]


def _follow(world: IntakeWorld) -> None:
    for partition in range(world.broker.partitions(RECORDS)):
        log = world.broker.log(RECORDS, partition)
        for message in log.committed(world.followed[partition]):
            _note(world.pending, message)
        world.followed[partition] = log.end


def _note(pending: PendingMarkers, message: Message) -> None:
    record_key = (message.key or b"").decode()
    record = None if message.value is None else read_record(message.value)
    if record is None or record["status"] == "live":
        pending.saw_other(record_key)
    else:
        at = (message.partition, message.offset)
        pending.saw_marker(Marker(record_key, record["version"], *at))


def world_of(
    seed: int,
    faults: Faults | None = None,
    *,
    sabotage: Sabotage | None = None,
    set_aside: SetAside | None = None,
    kind: type[IntakeWorld] = IntakeWorld,
) -> IntakeWorld:
    """Make a seed's world; `sabotage` and `set_aside` plant bugs."""
    random = Random(seed * 6007 + 5)
    partitions = random.choice((1, 1, 2))
    said = Talk(random, partitions).run()
    plan = Plan(
        stages=(office().stage(sabotage, set_aside),),
        logs=dict.fromkeys(LOGS, partitions),
        tables={
            RECORDS: partitions,
            RELATIONS: partitions,
            MEETINGS: MEETING_PARTITIONS,
            VERDICTS: 1,
            VERIFICATIONS: partitions,
        },
        events=[each.event for each in said],
        oracle=lambda _history: Expected({}, {}),
        upkeep=ask_for_tombstones,
        tidy=tidy,
        outage=office().turn,
    )
    world = kind(seed, plan, faults or Faults())
    world.said = said
    return world
