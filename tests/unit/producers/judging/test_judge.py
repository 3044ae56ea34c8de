"""A judgement on its way: nothing is sent that the audit does not have (R-09, R-38, R-39)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from producers.judging.judge import JsonLinesAudit, Judge, Place
from producers.judging.judgement import judgement_of
from recordbus.errors import Retryable
from recordbus.judgements import TOPIC
from recordbus.kafka.producer import DeliveryError, OnDelivery
from recordbus.mentions import FoundMention
from recordbus.testing.clock import EPOCH, ManualClock
from recordbus.testing.ids import SequenceIds
from schemas.types import Judgement

A, B = f"{'a' * 64}.p1", f"{'b' * 64}.p2"


class Log:
    """A broker on paper; `failure` is what it answers instead of a place."""

    def __init__(self, audit: Path) -> None:
        self.audit = audit
        self.sent: list[tuple[str, bytes | None, Any]] = []
        self.audited_before: list[int] = []
        self.failure: Exception | None = None

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, on_delivery: OnDelivery
    ) -> None:
        self.audited_before.append(len(lines(self.audit)))
        self.sent.append((topic, key, orjson.loads(value or b"")))
        if self.failure is None:
            on_delivery(None, topic, 3, 17)

    def flush(self, timeout_seconds: float = 60.0) -> None:
        if self.failure is not None:
            raise self.failure

    def encode(self, value: Mapping[str, Any]) -> bytes:
        return orjson.dumps(dict(value))


def lines(path: Path) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


@pytest.fixture
def audit(tmp_path: Path) -> Path:
    return tmp_path / "audit" / "judgements.jsonl"


@pytest.fixture
def log(audit: Path) -> Log:
    return Log(audit)


def judge(log: Log) -> Judge:
    return Judge(log, log, JsonLinesAudit(log.audit), ManualClock(), SequenceIds())


def judgement() -> Judgement:
    return judgement_of(
        FoundMention(B, 4), FoundMention(A, 7), "same", reason="one licence", author="examiner 7",
        decided_at=EPOCH, expires_at=EPOCH + timedelta(days=1),
    )  # fmt: skip


def test_a_judgement_is_audited_then_sent_and_its_place_noted(log: Log, audit: Path) -> None:
    assert judge(log).send(judgement()) == Place(TOPIC, 3, 17)
    ((topic, key, value),) = log.sent
    assert (topic, key) == (TOPIC, f"{A}~{B}".encode())
    assert (value["a"], value["a_version"], value["b"], value["b_version"]) == (A, 7, B, 4)
    assert log.audited_before == [1]
    said = {
        "a": A, "b": B, "a_version": 7, "b_version": 4, "outcome": "same",
        "reason": "one licence", "author": "examiner 7",
        "decided_at": "2026-01-01T00:00:00.000Z", "expires_at": "2026-01-02T00:00:00.000Z",
    }  # fmt: skip
    head = {"entry_id": "id-1", "at": "2026-01-01T00:00:00.00Z", "command": "judge"}
    place = {"topic": TOPIC, "partition": 3, "offset": 17}
    assert lines(audit) == [
        head | {"audited": "sending"} | said,
        head | {"audited": "sent"} | place,
    ]
    assert audit.stat().st_mode & 0o077 == 0


def test_without_its_audit_line_nothing_is_sent(log: Log, tmp_path: Path) -> None:
    (tmp_path / "audit").write_text("in the way")
    with pytest.raises(Retryable, match="the audit of judgements cannot be written"):
        judge(log).send(judgement())
    assert log.sent == []


@pytest.mark.parametrize(
    "failure", [DeliveryError(TOPIC, Retryable("no leader")), Retryable("the broker is away")]
)
def test_what_did_not_arrive_is_noted_and_told(log: Log, audit: Path, failure: Retryable) -> None:
    log.failure = failure
    with pytest.raises(type(failure)):
        judge(log).send(judgement())
    assert [entry["audited"] for entry in lines(audit)] == ["sending", "failed"]
    assert lines(audit)[1]["error"] == type(failure).__name__
