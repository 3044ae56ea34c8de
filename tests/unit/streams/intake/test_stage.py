"""Intake as a stage: its sources, its metrics, and that no message whatever stops it."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from recordbus import metrics
from recordbus.departments import Contact, Department, Departments
from recordbus.testing import records
from recordbus.testing.registry import MemoryRegistry
from schemas import catalog
from streams.intake.stage import intake_stage, observe
from streams.intake.testing import ANSWERS, SECRET, TOPIC, Desk
from streams.intake.topics import JUDGEMENTS, QUESTIONS, UPKEEP, WRITTEN
from streams.runtime.contract import Note

HARBOR = Department(
    name=records.DEPARTMENT, title="Harbor", ori=records.ORI, contact=Contact(unit="Records")
)
DEPARTMENTS = Departments([HARBOR])
OUTCOMES = {"accepted", "duplicate", "superseded", "unknown_retraction", "quarantined"}


def test_the_stage_reads_every_department_and_upkeep() -> None:
    registry = MemoryRegistry()
    for topic in WRITTEN:
        registry.add_topic(topic)
    stage = intake_stage(registry, DEPARTMENTS, SECRET)
    assert stage.name == "intake"
    assert stage.sources == (TOPIC, ANSWERS, JUDGEMENTS, QUESTIONS, UPKEEP)
    assert stage.tables == frozenset()


NAMES = (
    "recordbus_accepted_records_total",
    "recordbus_quarantine_records_total",
    "recordbus_resurrection_attempts_total",
    "recordbus_source_seq_gaps_total",
)


def counts(labels: list[dict[str, str]]) -> list[float]:
    """Give what each metric counts for the department of the test."""
    return [
        metrics.sample(name, department="dept-x", **more) or 0.0
        for name, more in zip(NAMES, labels, strict=True)
    ]


def test_what_a_batch_did_is_counted_by_department() -> None:
    labels: list[dict[str, str]] = [{"record_kind": "arrest"}, {"reason": "truncated"}, {}, {}]
    before = counts(labels)
    notes = {
        Note("accepted", ("dept-x", "arrest")): 3,
        Note("quarantined", ("dept-x", "truncated")): 2,
        Note("resurrection", ("dept-x",)): 1,
        Note("source_seq_gap", ("dept-x",)): 4,
    }
    observe(Counter(notes))
    after = counts(labels)
    assert [b - a for a, b in zip(before, after, strict=True)] == [3.0, 2.0, 1.0, 4.0]


DESK = Desk(MemoryRegistry())
CHANGE = records.change("arrest")
FRAMED = DESK.framed(records.encode(CHANGE))


@settings(max_examples=400)
@given(
    at=st.integers(0, len(FRAMED) - 1), cut=st.integers(0, 6), put=st.binary(max_size=6),
    key=st.sampled_from([CHANGE["record_key"].encode(), b"", None, b"tick", b"\xff"]),
)  # fmt: skip
def test_no_message_stops_the_stage(at: int, cut: int, put: bytes, key: bytes | None) -> None:
    """R-46: whatever arrives is accepted, counted or set aside with a known reason."""
    DESK.states.clear()
    handled = DESK.send(FRAMED[:at] + put + FRAMED[at + cut :], key)
    assert handled.outcome in OUTCOMES
    if handled.quarantined is not None:
        assert handled.quarantined.reason in catalog.reasons()
        assert handled.outputs == ()
