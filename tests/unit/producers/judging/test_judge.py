"""A judgement on its way: nothing is sent that the audit does not have (R-09, R-38, R-39)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson
import pytest

from producers.judging.judge import Judge, Place
from producers.judging.judgement import judgement_of
from recordbus.audit import Outcome, Private
from recordbus.errors import Retryable
from recordbus.judgements import TOPIC
from recordbus.kafka.producer import DeliveryError, OnDelivery
from recordbus.mentions import FoundMention
from recordbus.testing.audit import MemoryAudit
from recordbus.testing.clock import EPOCH, ManualClock
from recordbus.testing.ids import SequenceIds
from schemas.types import Judgement

A, B = f"{'a' * 64}.p1", f"{'b' * 64}.p2"


class Log:
    """A broker on paper; `failure` is what it answers instead of a place."""

    def __init__(self, audit: MemoryAudit) -> None:
        self.audit = audit
        self.sent: list[tuple[str, bytes | None, Any]] = []
        self.audited_before: list[int] = []
        self.failure: Exception | None = None

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, on_delivery: OnDelivery
    ) -> None:
        self.audited_before.append(len(self.audit.entries))
        self.sent.append((topic, key, orjson.loads(value or b"")))
        if self.failure is None:
            on_delivery(None, topic, 3, 17)

    def flush(self, timeout_seconds: float = 60.0) -> None:
        if self.failure is not None:
            raise self.failure

    def encode(self, value: Mapping[str, Any]) -> bytes:
        return orjson.dumps(dict(value))


@pytest.fixture
def audit() -> MemoryAudit:
    return MemoryAudit()


@pytest.fixture
def log(audit: MemoryAudit) -> Log:
    return Log(audit)


def judge(log: Log) -> Judge:
    return Judge(log, log, log.audit, ManualClock(), SequenceIds())


def judgement() -> Judgement:
    return judgement_of(
        FoundMention(B, 4), FoundMention(A, 7), "same", reason="one licence", author="examiner 7",
        decided_at=EPOCH, expires_at=EPOCH + timedelta(days=1),
    )  # fmt: skip


def test_a_judgement_is_audited_then_sent_and_its_place_noted(log: Log, audit: MemoryAudit) -> None:
    assert judge(log).send(judgement()) == Place(TOPIC, 3, 17)
    ((topic, key, value),) = log.sent
    assert (topic, key) == (TOPIC, f"{A}~{B}".encode())
    assert (value["a"], value["a_version"], value["b"], value["b_version"]) == (A, 7, B, 4)
    assert log.audited_before == [1]
    sending, sent = audit.entries
    assert (sending.outcome, sent.outcome) == (Outcome.SENDING, Outcome.SENT)
    assert {each.entry_id for each in audit.entries} == {"id-1"}
    assert (sending.command, sending.requester) == ("judge.same", "examiner 7")
    assert sending.records == (f"{A}@7", f"{B}@4")
    assert sending.asked == {
        "reason": Private("one licence"),
        "decided_at": "2026-01-01T00:00:00.000Z",
        "expires_at": "2026-01-02T00:00:00.000Z",
    }
    assert sent.asked == {"topic": TOPIC, "partition": 3, "offset": 17}


def test_without_its_audit_entry_nothing_is_sent(log: Log, audit: MemoryAudit) -> None:
    audit.failure = Retryable("the audit cannot be written")
    with pytest.raises(Retryable, match="audit"):
        judge(log).send(judgement())
    assert log.sent == []


@pytest.mark.parametrize(
    "failure", [DeliveryError(TOPIC, Retryable("no leader")), Retryable("the broker is away")]
)
def test_what_did_not_arrive_is_noted_and_told(
    log: Log, audit: MemoryAudit, failure: Retryable
) -> None:
    log.failure = failure
    with pytest.raises(type(failure)):
        judge(log).send(judgement())
    assert [entry.outcome for entry in audit.entries] == ["sending", "failed"]
    assert audit.entries[1].reasons == (type(failure).__name__,)
