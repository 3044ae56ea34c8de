"""A bus, a policy and a partner for tests of feeds: everything by hand, no stage and no network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from consumers.feeds.channels.interface import DELIVERED, Outcome, Parcel, Result
from consumers.feeds.dispatcher import Dispatcher
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.ledger.register import Registered
from consumers.feeds.saying import Part, Said
from consumers.feeds.sink import REVIEW_SECONDS, FeedSink
from consumers.feeds.subscription import Standing, Subscription
from consumers.sink import Change, Progress, Removal
from recordbus import ids
from recordbus.policy import Policies
from recordbus.policy.testing import policies_of
from recordbus.testing import records
from recordbus.testing.audit import MemoryAudit
from recordbus.testing.clock import EPOCH, ManualClock
from recordbus.testing.ids import SequenceIds
from recordbus.testing.records import part

OWNER = "harbor-city-pd"
AGENCY = "metro-task-force"
PURPOSE = "criminal_investigation"
KIND = "arrest"


def agreement(rules: str, version: int = 1, **fields: str) -> str:
    """Give the text of an agreement between the two, with these rules."""
    said = {
        "agreement": "harbor-to-metro", "version": str(version), "title": "For tests",
        "legal_authority": "Council resolution 2026-114", "owners": f"[{OWNER}]",
        "recipient": AGENCY, "start": "2025-01-01", "end": "2027-12-31",
    } | fields  # fmt: skip
    return "\n".join([*(f"{name}: {value}" for name, value in said.items()), f"rules: {rules}"])


def rules(level: str = "full", purpose: str = PURPOSE, *, bases: str = "", masks: str = "") -> str:
    """Give the one rule of an agreement."""
    said = {
        "level": level, "purposes": f"[{purpose}]", "record_kinds": f"[{KIND}]",
        "bases": f"[{bases or 'arrest, conviction'}]", "evidence_kinds": "[fact, assessment]",
    }  # fmt: skip
    given = said | ({"masks": f"[{masks}]"} if masks else {})
    return "{all: {" + ", ".join(f"{name}: {value}" for name, value in given.items()) + "}}"


FULL = rules()
MASKED = rules(masks="body.narrative, association.verdicts")
POINTER = rules("pointer")
CONVICTIONS = rules(bases="conviction")
NOTHING = rules(purpose="missing_person")


def subscription(subscription_id: str = "metro-1", **fields: Any) -> Subscription:
    """Give a subscription of the agency to all that it may have."""
    said: dict[str, Any] = {
        "subscription_id": subscription_id, "agency": AGENCY, "agency_ori": "MA0130000",
        "requester": "det. Alvarez", "purpose": PURPOSE, "case_number": "2026-00117",
        "channel": {"kind": "memory"}, "start": EPOCH, "end": EPOCH + timedelta(days=300),
        "revalidate_days": 366,
    }  # fmt: skip
    return Subscription.model_validate(said | fields)


def record_key(number: int) -> str:
    """Give the key of the record of this number."""
    return ids.record_key(records.SECRET, KIND, f"A-{number}")


def record(number: int, version: int, narrative: str = "", status: str = "live") -> dict[str, Any]:
    """Give a value of `records.v1`."""
    live = status == "live"
    body = records.body(KIND, record_id=f"A-{number}", narrative=narrative) if live else None
    return part(
        "Record", record_key=record_key(number), record_kind=KIND, department=OWNER,
        owner_ori=records.ORI, version=version, source_seq=version, status=status,
        content_hash=hashlib.sha256(narrative.encode()).hexdigest() if live else None,
        published_at=EPOCH, recorded_at=EPOCH, dissemination_level="law_enforcement",
        contact=part("Contact", unit="Records desk"), body=body,
        normalised=part("NormalisedRecord") if live else None, relations=[],
    )  # fmt: skip


def association(
    number: int, version: int, basis: str = "arrest", entity: str = "e1", **fields: Any
) -> dict[str, Any]:
    """Give a value of `associations.v1`: the one association of a record with this basis."""
    key = record_key(number)
    said = part(
        "Association", type="co_arrested", basis=basis, evidence_kind="fact",
        from_mention_id=f"{key}.p1", to_mention_id=f"{key}.p2", from_kind="person",
        to_kind="person", from_entity_id=entity, to_entity_id=f"other-{number}",
        source=part(
            "SourceRecord", record_key=key, record_kind=KIND, department=OWNER,
            owner_ori=records.ORI, version=version, content_hash="ab" * 32,
        ),
        first_date="2026-01-01", dissemination_level="law_enforcement", verdicts=["v1"],
        contact=part("Contact", unit="Records desk"),
    )  # fmt: skip
    stated = {
        "association_id": hashlib.sha256(f"{key}{basis}".encode()).hexdigest(),
        "record_key": key, "version": version, "sequence": version, "status": "asserted",
        "association": said,
    }  # fmt: skip
    return part("AssociationUpdate", **(stated | fields))


class Partner:
    """A subscriber that keeps what it is told; `mood` says how its next answers will be.

    It holds every message to the contract: numbers never fall, one number is one message.
    """

    kind = "memory"

    def __init__(self) -> None:
        self.mood = "well"
        self.copy: dict[str, Any] = {}
        self.last: dict[str, tuple[int, bytes]] = {}
        self.received: list[dict[str, Any]] = []
        self.most_parcels = 3

    def deliver(self, parcels: Sequence[Parcel]) -> list[Outcome]:
        """Take parcels in, or not."""
        return [self._deliver(parcel) for parcel in parcels]

    def close(self) -> None:
        """Nothing is open."""

    def _deliver(self, parcel: Parcel) -> Outcome:
        if self.mood == "away":
            return Outcome(Result.LATER, "http_503")
        if self.mood == "unwilling":
            return Outcome(Result.REFUSED, "http_422")
        if self.mood == "gone":
            return Outcome(Result.GONE, "http_410")
        for each in parcel.deliveries:
            self._take(each.delivery_id, json.loads(each.body))
        return Outcome(Result.LATER, "timeout") if self.mood == "mute" else DELIVERED

    def _take(self, delivery_id: str, envelope: dict[str, Any]) -> None:
        data, subject = envelope["data"], envelope["subject"]
        number, content = self.last.get(subject, (0, b""))
        told = json.dumps([data["status"], data["content"]]).encode()
        assert data["sequence"] >= number, "a number fell"
        assert data["sequence"] > number or _same(told, content), "one number, two messages"
        assert envelope["id"] == delivery_id
        self.last[subject] = (data["sequence"], told)
        self.received.append(envelope)
        if data["status"] == "retracted":
            self.copy.pop(subject, None)
        else:
            self.copy[subject] = data["content"]


def _same(told: bytes, content: bytes) -> bool:
    """Compare two messages, numbering of the bus apart."""
    first, second = json.loads(told), json.loads(content)
    for each in (first[1], second[1]):
        if each is not None:
            for name in ("version", "sequence", "source_seq", "status"):
                each.pop(name, None)
            if each.get("association"):
                each["association"]["source"].pop("version", None)
    return bool(first == second)


class Executor:
    """Does its work at once, or when it is told to: then a partner answers late."""

    def __init__(self) -> None:
        self.is_late = False
        self._waiting: list[tuple[Future[list[Outcome]], Callable[[], list[Outcome]]]] = []

    def submit(
        self, subscription_id: str, work: Callable[[], list[Outcome]]
    ) -> Future[list[Outcome]]:
        """Take work on."""
        future: Future[list[Outcome]] = Future()
        self._waiting.append((future, work))
        if not self.is_late:
            self.work()
        return future

    def work(self) -> None:
        """Do all that was taken on."""
        for future, work in self._waiting:
            future.set_result(work())
        self._waiting.clear()

    def forget(self) -> None:
        """Lose what was taken on, as a killed process does."""
        self._waiting.clear()


class Bus:
    """A ledger with a dispatcher, fed by hand; can be ended at any time and begun anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = ManualClock()
        self.audit = MemoryAudit()
        self.partner = Partner()
        self.executor = Executor()
        self.policies: Policies = policies_of(agreement(FULL))
        self._values: list[Any] = []
        self._offset = 0
        self.start()

    def start(self) -> None:
        """Begin, with what the file holds and nothing else."""
        decoders = dict.fromkeys(Part, self._value)
        self.ledger = Ledger(self.path, decoders)
        dispatcher = Dispatcher(
            self.ledger, lambda: self.policies, self._channel, self.executor, self.audit,
            self.clock, SequenceIds(), source="urn:recordbus:test",
        )  # fmt: skip
        self.sink = FeedSink(self.ledger, dispatcher, lambda: self.policies, self.clock)

    def restart(self) -> None:
        """End as a killed process does, and begin anew."""
        self.ledger.close()
        self.executor.forget()
        self.start()

    def subscribe(self, subscription: Subscription) -> None:
        """Register a subscription."""
        with self.ledger.transaction():
            assert self.ledger.register.add(subscription, Standing(validated_at=subscription.start))

    def decide_by(self, *texts: str) -> None:
        """Put these agreements in the place of all that were."""
        self.policies = policies_of(*texts)

    def say(self, *values: dict[str, Any]) -> None:
        """Let the bus say these values in one batch."""
        self.apply([self.change(value) for value in values])

    def apply(self, changes: Sequence[Change[Said]]) -> None:
        """Take changes in as a batch of its own."""
        self.ledger.apply(changes, {("records.v1", 0): Progress(self._offset, 0)})

    def change(self, value: dict[str, Any]) -> Change[Said]:
        """Give the change that a value makes."""
        self._offset += 1
        self._values.append(value)
        stored = str(len(self._values) - 1).encode()
        key = value["record_key"]
        if "association_id" in value:
            name = value["association_id"]
            said = Said(key, Part.ASSOCIATION, name, stored)
        elif "mention_id" in value:
            name = value["mention_id"]
            local_id = name.partition(".")[2]
            said = Said(key, Part.IDENTITY, local_id, stored, entity=value["entity_id"])
        else:
            name = key
            said = Said(key, Part.RECORD, "", stored, value["department"], value["record_kind"])
        return Change(
            name.encode(), "bus/0", self._offset, said, None, None, said.part.name.lower(),
            within=key.encode(),
        )  # fmt: skip

    def tombstone(self, key: str, part: Part) -> Change[Said]:
        """Give the change by which a key's writer ends it."""
        self._offset += 1
        table = part.name.lower()
        return Change(key.encode(), "bus/0", 0, Removal.TOMBSTONE, None, None, table)

    def settle(self, rounds: int = 1) -> bool:
        """Let the dispatcher work; True when nothing was left to do."""
        return all([self.sink.settle() for _ in range(rounds)][-1:])

    def work(self) -> None:
        """Let what was handed over late arrive."""
        self.executor.work()

    def rest(self) -> None:
        """Let the dispatcher work until nothing is due any more and nobody is waited for."""
        self.clock.advance(2 * REVIEW_SECONDS)
        self.executor.is_late = False
        for _ in range(200):
            self.executor.work()
            if self.sink.settle() and not self._waits():
                return
            self.clock.advance(3600)
        raise AssertionError("the feed never came to rest")

    def identity(self, number: int, local_id: str, entity: str | None) -> dict[str, Any]:
        """Give a value of `identities.v1`."""
        key = record_key(number)
        return part(
            "Identity", mention_id=f"{key}.{local_id}", record_key=key, version=1, kind="person",
            entity_id=entity,
        )  # fmt: skip

    def _waits(self) -> bool:
        found = self.ledger.register.all()
        return any(self.ledger.due.count(subscription_id) for subscription_id in found)

    def _channel(self, _registered: Registered) -> Partner:
        return self.partner

    def _value(self, stored: bytes | None) -> object:
        return self._values[int(stored or b"")]


def after(**passed: float) -> datetime:
    """Give an instant so long after the beginning."""
    return EPOCH + timedelta(**passed)
