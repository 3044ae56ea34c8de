"""`recordbus verify`, as far as it goes without a broker: who may ask, and who answers (R-34)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from consumers.verification import cli as command
from consumers.verification.answering import questions_in
from consumers.verification.sending import Sender
from consumers.verification.table import standing
from recordbus.audit import Outcome
from recordbus.cli import run
from recordbus.errors import ExitCode, Retryable
from recordbus.kafka.message import Message
from recordbus.policy.testing import policies_of
from recordbus.settings import Settings
from recordbus.testing import records
from recordbus.testing.audit import MemoryAudit, entries_in
from recordbus.testing.clock import ManualClock
from recordbus.verification import QUESTIONS, VERIFICATIONS
from schemas.types import RecordVerifications
from tests.unit.consumers.feeds import bus as made
from tests.unit.consumers.feeds.bus import Bus

KEY = made.record_key(1)
ID = f"vrf_{'7' * 24}"
WHY = ("--reason", "an arrest is planned")


class Log:
    """Takes what is sent, as if a broker were there; `failure` makes it refuse."""

    def __init__(self) -> None:
        self.audit = MemoryAudit()
        self.sent: list[tuple[str, bytes, dict[str, Any]]] = []
        self.failure: Exception | None = None
        self._queued: list[tuple[str, bytes, dict[str, Any]]] = []

    def encode(self, value: Mapping[str, Any]) -> bytes:
        return json.dumps(value, default=str).encode()

    def produce(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        self._queued.append((topic, key or b"", json.loads(value or b"{}")))

    def flush(self, timeout_seconds: float = 60.0) -> None:
        if self.failure is not None:
            raise self.failure
        self.sent += self._queued

    @contextmanager
    def open(self, _settings: Settings, topic: str) -> Iterator[Sender]:
        yield Sender(topic, self, self, self.audit, ManualClock())

    @property
    def outcomes(self) -> list[tuple[str, Outcome]]:
        return [(entry.command, entry.outcome) for entry in self.audit.entries]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Log:
    """Give the log that commands write to; the table has one question of the task force."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("RECORDBUS_FEEDS__LEDGER", str(tmp_path / "feeds.sqlite"))
    log = Log()
    monkeypatch.setattr(command, "_sender", log.open)
    monkeypatch.setattr(command, "_questions", lambda _settings: questions_in([table()]))
    policies = policies_of(made.agreement(made.FULL, end="2999-12-31"))
    monkeypatch.setattr(command, "_policies", lambda _settings: policies)
    return log


@pytest.fixture
def ledger(tmp_path: Path) -> None:
    """Leave a ledger whose subscriber holds a record that names the entity e1, and its tie."""
    bus = Bus(tmp_path / "feeds.sqlite")
    bus.subscribe(made.subscription())
    bus.say(made.record(1, 1), made.association(1, 1), bus.identity(1, "p1", "e1"))
    bus.say(made.record(2, 1, status="withdrawn"))
    bus.rest()
    bus.ledger.close()


def table(**fields: Any) -> RecordVerifications:
    asked = records.part(
        "Verification", verification_id=ID, subject=f"record/{KEY}", agency="metro-task-force",
        requester="det. Alvarez", purpose=made.PURPOSE, case_number="2026-00117",
        reason="an arrest is planned", source_seq=3,
    )  # fmt: skip
    said: RecordVerifications = records.part(  # type: ignore[assignment]
        "RecordVerifications", record_key=KEY, department=made.OWNER, verifications=[asked | fields]
    )
    return said


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("subject", [f"record/{KEY}", "e1"])
def test_a_subscriber_asks_about_what_it_holds(log: Log, subject: str) -> None:
    assert run(["verify", "ask", subject, "--subscription", "metro-1", *WHY]) == 0
    ((topic, key, said),) = log.sent
    assert (topic, key) == (QUESTIONS, KEY.encode())
    assert said["subject"] == f"record/{KEY}"
    assert (said["agency"], said["purpose"], said["case_number"]) == (
        made.AGENCY, made.PURPOSE, "2026-00117",
    )  # fmt: skip
    assert log.outcomes == [("verify.ask", Outcome.SENDING), ("verify.ask", Outcome.SENT)]


@pytest.mark.usefixtures("ledger")
def test_a_tie_is_asked_about_under_the_key_of_its_record(
    log: Log, capsys: pytest.CaptureFixture[str]
) -> None:
    subject = f"association/{made.association(1, 1)['association_id']}"
    assert run(["verify", "ask", subject, "--subscription", "metro-1", *WHY, "--json"]) == 0
    ((_, key, said),) = log.sent
    assert (key, said["subject"]) == (KEY.encode(), subject)
    assert json.loads(capsys.readouterr().out) == [said["verification_id"]]


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    "subject", [f"record/{made.record_key(2)}", "record/" + "0" * 64, "e9", "association/x", "a/b"]
)
def test_nobody_asks_about_what_they_do_not_hold(log: Log, tmp_path: Path, subject: str) -> None:
    """Whether there is such a thing at all is not told either."""
    asked = run(["verify", "ask", subject, "--subscription", "metro-1", *WHY])
    assert (asked, log.sent) == (ExitCode.REFUSED, [])
    (denied,) = entries_in(tmp_path / "audit")
    assert (denied["outcome"], denied["reasons"]) == ("refused", ["not_held"])


@pytest.mark.usefixtures("ledger")
def test_an_unknown_subscription_or_an_unsound_reason_asks_nothing(log: Log) -> None:
    subject = f"record/{KEY}"
    assert run(["verify", "ask", subject, "--subscription", "no", *WHY]) == ExitCode.MISCONFIGURED
    two_lines = ("--reason", "one\ntwo")
    asked = run(["verify", "ask", subject, "--subscription", "metro-1", *two_lines])
    assert (asked, log.sent) == (ExitCode.REJECTED, [])


def test_after_a_search_who_asks_says_for_whom_and_why(log: Log) -> None:
    who = ("--agency", made.AGENCY, "--requester", "det. Alvarez")
    assert run(["verify", "ask", KEY, *WHY, *who]) == ExitCode.MISCONFIGURED
    what = ("--purpose", made.PURPOSE, "--case", "2026-00117")
    assert run(["verify", "ask", KEY, *WHY, *who, *what]) == 0
    assert run(["verify", "ask", "A-1", *WHY, *who, *what]) == ExitCode.REJECTED
    housing = ("--purpose", "housing", "--case", "1")
    assert run(["verify", "ask", KEY, *WHY, *who, *housing]) == ExitCode.REFUSED
    assert [said["subject"] for _, _, said in log.sent] == [f"record/{KEY}"]


def test_r39_nothing_is_sent_that_the_audit_does_not_have(log: Log) -> None:
    who = ("--agency", made.AGENCY, "--requester", "det. Alvarez", "--purpose", made.PURPOSE)
    log.audit.failure = Retryable("no room")
    asked = run(["verify", "ask", KEY, *WHY, *who, "--case", "1"])
    assert (asked, log.sent) == (ExitCode.UNAVAILABLE, [])
    log.audit.failure, log.failure = None, Retryable("the broker is away")
    assert run(["verify", "ask", KEY, *WHY, *who, "--case", "1"]) == ExitCode.UNAVAILABLE
    assert log.outcomes[-1] == ("verify.ask", Outcome.FAILED)


def test_an_owner_answers_on_its_own_topic_about_the_version_it_was_asked(log: Log) -> None:
    by = ("--department", made.OWNER, "--author", "records clerk 4")
    assert run(["verify", "answer", ID, "refused", *by, "--note", "another man"]) == 0
    ((topic, key, said),) = log.sent
    assert (topic, key) == (f"ingest.{made.OWNER}.answers.v1", KEY.encode())
    assert (said["source_seq"], said["outcome"], said["note"]) == (3, "refused", "another man")
    first = log.audit.entries[0]
    assert (first.command, first.requester, first.owners) == (
        "verify.answer", "records clerk 4", (made.OWNER,),
    )  # fmt: skip


def test_what_is_no_answer_or_nobody_s_question_is_not_sent(log: Log) -> None:
    by = ("--department", made.OWNER, "--author", "records clerk 4")
    assert run(["verify", "answer", ID, "perhaps", *by]) == ExitCode.MISCONFIGURED
    assert run(["verify", "answer", "vrf_1", "verified", *by]) == ExitCode.MISCONFIGURED
    others = ("--department", "millbrook-pd", "--author", "x")
    assert run(["verify", "answer", ID, "verified", *others]) == ExitCode.MISCONFIGURED
    assert log.sent == []


@pytest.mark.usefixtures("log")
def test_an_owner_sees_what_it_is_asked_and_an_agency_what_it_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for whose in (("--department", made.OWNER), ("--agency", made.AGENCY)):
        assert run(["verify", "list", *whose, "--json"]) == 0
        (found,) = json.loads(capsys.readouterr().out)
        assert (found["verification_id"], found["department"]) == (ID, made.OWNER)
    for nobody in (("--department", "millbrook-pd"), ("--agency", "other")):
        assert run(["verify", "list", *nobody, "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == []
    assert run(["verify", "list", "--department", made.OWNER]) == 0
    assert "det. Alvarez" in capsys.readouterr().out
    assert run(["verify", "list"]) == ExitCode.MISCONFIGURED


def test_what_is_answered_is_listed_when_it_is_asked_for(
    log: Log, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = records.part("VerificationReply", outcome="refused", note="another man")
    questions = questions_in([table(answer=answer)])
    monkeypatch.setattr(command, "_questions", lambda _settings: questions)
    assert run(["verify", "list", "--department", made.OWNER]) == 0
    assert capsys.readouterr().out == "no question\n"
    assert run(["verify", "list", "--department", made.OWNER, "--answered", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["answer"]["note"] == "another man"
    assert log.sent == []


def test_only_the_last_word_on_a_record_counts() -> None:
    def message(offset: int, key: bytes, value: bytes | None) -> Message:
        return Message(VERIFICATIONS, 0, offset, key, value, 0)

    messages = [message(0, b"a", b"1"), message(1, b"b", b"2"), message(2, b"a", b"3"),
                message(3, b"b", None), message(4, b"tick/0", None)]  # fmt: skip
    found: list[object] = list(standing(messages, lambda value: value))
    assert found == [b"3"]
