"""What messages of the topics beside `records.v1` mean for the index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import orjson
import pytest

from consumers.search.answers import ANSWERS, Answers
from consumers.search.changes import (
    ASSOCIATIONS_TOPIC,
    DESIGNATIONS_TOPIC,
    IDENTITIES_TOPIC,
    TOPICS,
    VERDICTS_TOPIC,
    Changes,
    is_passed_over,
)
from consumers.search.reading import decoders
from consumers.search.ties import (
    DEFAULT_VALUES,
    IDENTITIES,
    TIES,
    DefaultValue,
    Identity,
    Judged,
    Tie,
)
from consumers.sink import Change, Removal
from recordbus.errors import Rejected
from recordbus.kafka.codec import Encoder
from recordbus.kafka.message import Message
from recordbus.kafka.registry import SchemaRegistry
from recordbus.testing.records import part
from recordbus.testing.registry import MemoryRegistry
from recordbus.verification import VERIFICATIONS
from tests.unit.consumers.told import association, entity_id, record_key, update

ANN, BO = entity_id("ann"), entity_id("bo")
KEY = record_key(1)
MENTION = f"{KEY}.p1"
HEADERS = (("origin", b"associate/2"), ("version", (77).to_bytes(8, "big")))


class Bus:
    """Topics in memory, as the registry has them."""

    def __init__(self) -> None:
        topics = MemoryRegistry()
        for topic in TOPICS:
            topics.add_topic(topic)
        registry = cast(SchemaRegistry, topics)
        self.encoders = {topic: Encoder(registry, f"{topic}-value") for topic in TOPICS}
        self.read = Changes(decoders(registry, TOPICS))

    def change(self, topic: str, key: str, said: Mapping[str, Any] | None) -> Change[Any]:
        value = None if said is None else self.encoders[topic].encode(said)
        return self.read(Message(topic, 2, 9, key.encode(), value, 0, HEADERS))


@pytest.fixture
def bus() -> Bus:
    return Bus()


def said_identity(**fields: Any) -> dict[str, Any]:
    stated = {"mention_id": MENTION, "record_key": KEY, "version": 5, "kind": "person",
              "entity_id": ANN, "verdicts": ["ab"]}  # fmt: skip
    return part("Identity", **(stated | fields))


def test_an_identity_carries_the_version_of_its_writer(bus: Bus) -> None:
    change = bus.change(IDENTITIES_TOPIC, MENTION, said_identity())

    assert change.payload == Identity(bytes.fromhex(KEY), "p1", "person", ANN, ("ab",))
    assert (change.table, change.origin, change.version) == (IDENTITIES, "associate/2", 77)


def test_an_identity_that_is_gone_is_a_marker(bus: Bus) -> None:
    said = said_identity(entity_id=None, reason="expunged")

    assert bus.change(IDENTITIES_TOPIC, MENTION, said).payload is Removal.MARKER
    assert bus.change(IDENTITIES_TOPIC, MENTION, None).payload is Removal.TOMBSTONE


def said_answers(*outcomes: str | None) -> dict[str, Any]:
    questions = [
        part("Verification", subject=f"record/{KEY}", requester="det. Alvarez", reason="a raid",
             answer=outcome and part("VerificationReply", outcome=outcome, note="as it was"))
        for outcome in outcomes
    ]  # fmt: skip
    return part("RecordVerifications", record_key=KEY, verifications=questions)


def test_of_questions_to_owners_only_the_answers_are_kept(bus: Bus) -> None:
    """R-34: what was answered is told to everybody; who asked and why is in the audit."""
    change = bus.change(VERIFICATIONS, KEY, said_answers(None, "refused"))

    assert isinstance(change.payload, Answers)
    assert (change.table, change.key, change.version) == (ANSWERS, KEY.encode(), 77)
    assert b"refused" in change.payload.told
    for word in (b"Alvarez", b"raid", b"as it was"):
        assert word not in change.payload.told


def test_what_nobody_answered_about_is_a_marker(bus: Bus) -> None:
    for said in (said_answers(), said_answers(None)):
        assert bus.change(VERIFICATIONS, KEY, said).payload is Removal.MARKER
    assert bus.change(VERIFICATIONS, KEY, None).payload is Removal.TOMBSTONE
    with pytest.raises(Rejected, match="its record's"):
        bus.change(VERIFICATIONS, record_key(2), said_answers("verified"))


@pytest.mark.parametrize("topic", [ASSOCIATIONS_TOPIC, DESIGNATIONS_TOPIC])
def test_an_association_keeps_all_that_it_rests_on(bus: Bus, topic: str) -> None:
    """R-01, R-02, R-21, R-34: nothing of it gets lost on the way."""
    message = update(association(ANN, BO, juvenile=True))

    change = bus.change(topic, message["association_id"], message)

    assert isinstance(change.payload, Tie)
    assert (change.table, change.within.hex()) == (TIES, KEY)
    told = orjson.loads(change.payload.told)
    assert (told["basis"], told["evidence_kind"], told["juvenile"]) == ("arrest", "fact", True)
    assert told["source"]["content_hash"] == "ab" * 32
    assert told["contact"]["phone"] == "617-555-0100"
    assert (change.payload.from_local, change.payload.to_local) == ("p1", "p2")


@pytest.mark.parametrize("reason", ["withdrawn", "sealed", "expunged", "expired", "disposition"])
def test_a_retraction_leaves_nothing(bus: Bus, reason: str) -> None:
    message = update(association(ANN, BO), status="retracted", reason=reason, association=None)

    change = bus.change(ASSOCIATIONS_TOPIC, message["association_id"], message)

    assert (change.payload, change.within.hex()) == (Removal.MARKER, KEY)


def test_content_of_a_retraction_for_another_reason_than_a_dispute_is_not_kept(bus: Bus) -> None:
    for reason, is_kept in (("dispute", True), ("corrected", False)):
        message = update(association(ANN, BO), status="retracted", reason=reason)
        change = bus.change(ASSOCIATIONS_TOPIC, message["association_id"], message)
        assert isinstance(change.payload, Tie) is is_kept


def test_what_supports_nothing_is_not_taken(bus: Bus) -> None:
    """R-02: an association without content, or between mentions of another record."""
    empty = update(association(ANN, BO), association=None)
    foreign = update(association(ANN, BO, from_mention_id=f"{record_key(2)}.p1"))
    for message in (empty, foreign):
        with pytest.raises(Rejected) as refused:
            bus.change(ASSOCIATIONS_TOPIC, message["association_id"], message)
        assert refused.value.reason == "unsupported_association"


def test_a_key_must_be_its_messages_own(bus: Bus) -> None:
    message = update(association(ANN, BO))
    wrong = [
        (IDENTITIES_TOPIC, f"{KEY}.p9", said_identity()),
        (IDENTITIES_TOPIC, MENTION, said_identity(record_key=record_key(2))),
        (ASSOCIATIONS_TOPIC, "ab" * 32, message),
        (ASSOCIATIONS_TOPIC, "no key", message),
    ]
    for topic, key, said in wrong:
        with pytest.raises(Rejected) as refused:
            bus.change(topic, key, said)
        assert refused.value.reason == "key_mismatch"


def verdict(bus: Bus, key: str, name: str, **fields: Any) -> Change[Any]:
    content = (f"recordbus.v1.{name}", part(name, **fields))
    return bus.change(VERDICTS_TOPIC, key, {"content": content})


def test_default_values_and_judgements_are_taken_from_verdicts(bus: Bus) -> None:
    value = verdict(bus, "value/phone:ab", "DefaultValue", value="phone:ab", is_default=True)
    judged = verdict(bus, "judgement/a~b", "Judgement", a="a", b="b", outcome="same")

    assert (value.table, value.payload) == (DEFAULT_VALUES, DefaultValue("phone:ab", True))
    assert isinstance(judged.payload, Judged)
    assert orjson.loads(judged.payload.told)["outcome"] == "same"
    assert bus.change(VERDICTS_TOPIC, "judgement/a~b", None).payload is Removal.TOMBSTONE
    with pytest.raises(Rejected):
        verdict(bus, "value/phone:cd", "DefaultValue", value="phone:ab", is_default=True)


@pytest.mark.parametrize(
    ("topic", "key", "is_passed"),
    [
        (VERDICTS_TOPIC, f"{KEY}/0", True),
        (VERDICTS_TOPIC, "tick/0", True),
        (VERDICTS_TOPIC, "value/phone:ab", False),
        (VERDICTS_TOPIC, "judgement/a~b", False),
        (IDENTITIES_TOPIC, "tick/0", True),
        (IDENTITIES_TOPIC, MENTION, False),
        (ASSOCIATIONS_TOPIC, "tick/1", True),
    ],
)
def test_evidence_is_passed_over_without_decoding(topic: str, key: str, is_passed: bool) -> None:
    assert is_passed_over(Message(topic, 0, 1, key.encode(), b"x", 0)) is is_passed
