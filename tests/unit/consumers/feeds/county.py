"""A whole bus in one process, for tests of a rule from end to end: stages, feeds, two agencies.

What a department publishes passes the real stages and the real reader of feeds; every agency has an
agreement and a purpose of its own. Nothing is on a network, and time is a test's.
"""

from __future__ import annotations

import secrets
from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from consumers.feeds.dispatcher import Dispatcher
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.ledger.register import Registered
from consumers.feeds.saying import decoders_of, reader, topics
from consumers.feeds.selector import Selector
from consumers.feeds.sink import REVIEW_SECONDS, FeedSink
from consumers.feeds.subscription import Standing, Subscription
from consumers.sink import Progress
from recordbus.departments import Contact, Department, Departments
from recordbus.ids import record_key
from recordbus.kafka.catalogue import register_all
from recordbus.kafka.codec import Decoder
from recordbus.kafka.message import Message
from recordbus.kafka.registry import SchemaRegistry
from recordbus.kafka.wire import frame
from recordbus.policy import Policies
from recordbus.policy.testing import policies_of
from recordbus.testing import records
from recordbus.testing.audit import MemoryAudit
from recordbus.testing.clock import ManualClock
from recordbus.testing.ids import SequenceIds
from recordbus.verification import QUESTIONS
from streams.associate.stage import associate_stage
from streams.identify.stage import identify_stage
from streams.intake.stage import intake_stage
from streams.intake.topics import UPKEEP
from streams.meet.stage import meet_stage
from streams.runtime.contract import Handled, Input, Note, Output, Stage
from tests.unit.consumers.feeds.bus import Executor, Partner

OWNER, OTHER = records.DEPARTMENT, "millbrook-pd"
METRO, COURT = "metro-task-force", "state-court-services"
INVESTIGATION, REVIEW = "criminal_investigation", "prosecution"
QUESTION = f"vrf_{'a' * 24}"
_OWNERS = Departments(
    Department(name=name, title=name, ori=ori, contact=Contact(unit="Records desk"))
    for name, ori in ((OWNER, records.ORI), (OTHER, "MA0140200"))
)


def agreement(recipient: str, rules: Mapping[str, Mapping[str, str]], version: int = 1) -> str:
    """Give the text of an agreement between the owner and an agency."""
    lines = [
        f"agreement: harbor-to-{recipient}", f"version: {version}", "title: For tests",
        "legal_authority: Council resolution 2026-114", f"owners: [{OWNER}]",
        f"recipient: {recipient}", "start: 2020-01-01", "end: 2099-12-31", "rules:",
    ]  # fmt: skip
    for name, words in rules.items():
        lines += [f"  {name}:", *(f"    {word}: {said}" for word, said in words.items())]
    return "\n".join(lines) + "\n"


def rule(level: str, purpose: str, **words: str) -> dict[str, str]:
    """Give a rule for everything that the tests publish, juveniles included."""
    said = {
        "level": level, "purposes": f"[{purpose}]",
        "record_kinds": "[arrest, incident, intelligence_report]",
        "bases": "[arrest, victim_or_witness_report, officer_assessment, informant]",
        "evidence_kinds": "[fact, assessment]", "juveniles": "true",
    }  # fmt: skip
    return said | words


def subscription(agency: str, purpose: str, ori: str, at: ManualClock) -> Subscription:
    """Give an agency's subscription to all that it may have."""
    return Subscription.model_validate(
        {
            "subscription_id": f"{agency}-1", "agency": agency, "agency_ori": ori,
            "requester": "det. Alvarez", "purpose": purpose, "case_number": "2026-00117",
            "channel": {"kind": "memory"}, "start": at.now(),
            "end": at.now() + timedelta(days=360), "revalidate_days": 366,
        }
    )  # fmt: skip


class _Room:
    """One stage at work on its only partition."""

    def __init__(self, stage: Stage) -> None:
        self.sources = stage.sources
        self._machine = stage.machine(0)
        self.values: dict[bytes, bytes] = {}

    def take(self, message: Input) -> Handled:
        key = self._machine.state_key(message)
        old = self.values.get(key)
        handled = self._machine.handle(message, old)
        if isinstance(handled.state, bytes):
            self._machine.changed(key, old, handled.state)
            self.values[key] = handled.state
        return handled


class County:
    """A bus with one owner's records, told to two agencies under different agreements."""

    def __init__(self, path: Path, *, designations: bool = False) -> None:
        self._path, self.clock = path, ManualClock(records.MOMENT + timedelta(days=1))
        self.registry = SchemaRegistry(f"mock://county-{secrets.token_hex(8)}")
        register_all(self.registry, _OWNERS.names)
        secret = bytes(32)
        self.rooms = [
            _Room(intake_stage(self.registry, _OWNERS, secret, designations=designations)),
            _Room(meet_stage(self.registry)),
            _Room(identify_stage(self.registry)),
            _Room(associate_stage(self.registry, designations=designations)),
        ]
        self._readers = {topic: room for room in self.rooms for topic in room.sources}
        self.read = topics(designations=designations)
        decoders = {each: Decoder(self.registry, f"{each}-value").decode for each in self.read}
        self._change_of = reader(decoders)
        self.ledger = Ledger(path, decoders_of(decoders))
        self.audit, self.partners = MemoryAudit(), defaultdict[str, Partner](Partner)
        self.policies: Policies = policies_of()
        dispatcher = Dispatcher(
            self.ledger, lambda: self.policies, self._channel, Executor(), self.audit, self.clock,
            SequenceIds(), source="urn:recordbus:test",
        )  # fmt: skip
        self.sink = FeedSink(self.ledger, dispatcher, lambda: self.policies, self.clock)
        self._offset = 0
        self.reasons: list[str] = []
        self.notes: list[Note] = []
        self.last: dict[tuple[str, bytes], bytes | None] = {}

    def agree(self, **rules: Mapping[str, Mapping[str, str]]) -> None:
        """Put agreements into force in the place of all others; `metro` and `court` name whose."""
        named = {"metro": METRO, "court": COURT}
        self._offset += 1
        self.policies = policies_of(
            *(agreement(named[each], said, self._offset) for each, said in rules.items())
        )

    def subscribe(self) -> None:
        """Let both agencies subscribe, each for its own purpose."""
        for agency, purpose, ori in ((METRO, INVESTIGATION, "MA0130000"),
                                     (COURT, REVIEW, "MA0150000")):  # fmt: skip
            said = subscription(agency, purpose, ori, self.clock)
            with self.ledger.transaction():
                assert self.ledger.register.add(said, Standing(validated_at=said.start))

    def subscribe_again(self, agency: str, purpose: str, selector: Mapping[str, Any]) -> None:
        """Let an agency subscribe once more, under the number 2, later than others."""
        said = subscription(agency, purpose, "MA0160000", self.clock)
        late = said.model_copy(
            update={
                "subscription_id": f"{agency}-2", "selector": Selector.model_validate(selector),
            }
        )  # fmt: skip
        with self.ledger.transaction():
            assert self.ledger.register.add(late, Standing(validated_at=late.start))
        self.rest()

    def publish(self, kind: str, number: str, source_seq: int, **fields: Any) -> str:
        """Let the owner publish a record, or with a status its removal; give its key."""
        key = record_key(records.SECRET, kind, number)
        status = fields.setdefault("status", "live")
        if status != "live":
            fields.setdefault("status_reason", "court_order")
            fields["body"] = None
        change = records.change(kind, record_key=key, source_seq=source_seq, **fields)
        self.offer(f"ingest.{OWNER}.v1", key, change, records.CHANGE)
        return key

    def ask(self, agency: str, key: str, subject: str = "", **fields: Any) -> None:
        """Let an agency ask the owner about something of a record that it holds."""
        question = records.part(
            "VerificationRequest", verification_id=QUESTION, record_key=key,
            subject=subject or f"record/{key}", agency=agency, requester="det. Alvarez",
            purpose=INVESTIGATION, case_number="2026-00117", reason="an arrest is planned",
            asked_at=self.clock.now(),
        )  # fmt: skip
        self.offer(QUESTIONS, key, question | fields, "recordbus.v1.VerificationRequest")

    def answer(self, key: str, source_seq: int, outcome: str, by: str = OWNER) -> None:
        """Let a department answer about one version of a record."""
        answer = records.part(
            "VerificationAnswer", verification_id=QUESTION, record_key=key, source_seq=source_seq,
            outcome=outcome, author="records clerk 4", answered_at=self.clock.now(),
        )  # fmt: skip
        topic = _OWNERS.named(by).answers_topic
        self.offer(topic, key, answer, "recordbus.v1.VerificationAnswer")

    def tick(self) -> None:
        """Tell the stages the time."""
        asked = {"kind": "tick", "at": self.clock.now(), "record_key": None, "version": None}
        self.offer(UPKEEP, "tick", asked, "recordbus.v1.Upkeep")

    def offer(self, topic: str, key: str, value: Mapping[str, Any], name: str) -> None:
        """Put one message into a log, let it pass all stages, and let feeds come to rest."""
        schema_id = self.registry.id_of(f"{topic}-value")
        waiting = deque(
            [Output(topic, key.encode(), frame(schema_id, records.encode(value, name)))]
        )
        while waiting:
            waiting.extend(self._pass_on(waiting.popleft()))
        self.rest()

    def rest(self) -> None:
        """Let feeds work until nothing is due any more."""
        self.clock.advance(2 * REVIEW_SECONDS)
        for _ in range(100):
            due = any(map(self.ledger.due.count, self.ledger.register.all()))
            if self.sink.settle() and not due:
                return
        raise AssertionError("the feeds never came to rest")

    def told(self, agency: str, number: int = 1) -> list[dict[str, Any]]:
        """Give all envelopes of an agency's subscription since this was asked last."""
        partner = self.partners[f"{agency}-{number}"]
        found = list(partner.received)
        partner.received.clear()
        return found

    def holds(self, agency: str) -> dict[str, Any]:
        """Give what an agency's own copy has, by subject."""
        return self.partners[f"{agency}-1"].copy

    def owed(self, agency: str) -> list[str]:
        """Give the subjects of which an agency owes a receipt."""
        return sorted(each.subject for each in self.ledger.held.awaited(f"{agency}-1"))

    def ledger_bytes(self) -> bytes:
        """Give all bytes of the ledger's file, with its log written back."""
        self.ledger._connection.pragma("wal_checkpoint(truncate)")
        return self._path.read_bytes()

    def said(self, topic: str) -> list[dict[str, Any]]:
        """Give the last value of every key of a topic that has one."""
        decode = Decoder(self.registry, f"{topic}-value").decode
        found = [value for (name, _), value in self.last.items() if name == topic]
        return [decode(value) for value in found if value is not None]

    def receipt_all(self, agency: str) -> None:
        """Let an agency say that it has carried out all that it was asked to."""
        with self.ledger.transaction():
            for each in self.ledger.held.awaited(f"{agency}-1"):
                assert self.ledger.held.receipted(f"{agency}-1", each.delivery_id)
        self.rest()

    def _pass_on(self, said: Output) -> tuple[Output, ...]:
        self._offset += 1
        self.last[said.topic, said.key] = said.value
        if said.topic in self.read and not said.key.startswith(b"tick"):
            self._feed(said)
        room = self._readers.get(said.topic)
        if room is None:
            return ()
        now_ms = self.clock.epoch_ms()
        handled = room.take(
            Input(said.topic, 0, self._offset, said.key, said.value, now_ms, self._offset)
        )
        if handled.quarantined is not None:
            self.reasons.append(handled.quarantined.reason)
        self.notes += handled.notes
        return tuple(handled.outputs)

    def _feed(self, said: Output) -> None:
        headers = (("origin", b"stage/0"), ("version", self._offset.to_bytes(8, "big")))
        at = self.clock.epoch_ms()
        message = Message(said.topic, 0, self._offset, said.key, said.value, at, headers)
        change = self._change_of(message)
        self.ledger.apply([change], {(said.topic, 0): Progress(self._offset + 1, 0)})

    def _channel(self, registered: Registered) -> Partner:
        return self.partners[registered.subscription.subscription_id]
