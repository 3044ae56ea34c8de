"""Identify as the runtime sees it: its topics, what it counts, and that no input stops it."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from recordbus import metrics
from schemas import catalog
from streams.identify.entries import VERDICTS
from streams.identify.publish import RELATIONS
from streams.identify.stage import observe
from streams.identify.testing import DAY, Desk, evidence, framed, key_of, mention, record_key, stage
from streams.runtime.contract import Note
from streams.runtime.envelope import START
from streams.runtime.step import Stepper
from streams.runtime.tenure import changelog_topic
from tests.simulator.broker import Message


def test_the_stage_reads_and_writes_what_the_catalogue_says() -> None:
    built = stage()
    assert (built.name, built.sources) == ("identify", (VERDICTS,))
    assert built.tables == {VERDICTS}
    specs = {spec.name: spec for spec in catalog.topics().specs}
    assert {name for name, spec in specs.items() if "identify" in spec.writers} == {
        RELATIONS, "quarantine.v1", changelog_topic("identify"),
    }  # fmt: skip
    assert "identify" in specs[VERDICTS].readers
    assert specs[VERDICTS].partitions == 1


def test_what_a_batch_did_to_entities_is_counted() -> None:
    notes = {
        Note("entity", ("merged",)): "recordbus_entities_moved_total",
        Note("alarm", ("component_over_cap",)): "recordbus_entity_alarms_total",
        Note("calmed", ("component_over_cap",)): "recordbus_entity_alarms_ended_total",
        Note("lead"): "recordbus_leads_total",
        Note("dropped", ("superseded",)): "recordbus_identify_dropped_total",
    }
    over = {"alarm": "component_over_cap"}
    labels = [{"how": "merged"}, over, over, {}, {"why": "superseded"}]
    named = list(zip(notes.values(), labels, strict=True))
    before = [metrics.sample(name, **each) or 0.0 for name, each in named]
    observe(Counter(dict.fromkeys(notes, 3)))
    assert [metrics.sample(name, **each) for name, each in named] == [n + 3 for n in before]


def test_judgements_in_force_are_shown() -> None:
    desk = Desk()
    desk.judge(mention(1), mention(2))
    desk.judge(mention(1), mention(3), expires_at=DAY)
    desk.tick(DAY)
    desk.stage.observe(Counter())
    assert metrics.sample("recordbus_judgements_in_force") == 1


KEYS = ("", "x", "tick/0", "value/phone:AAAAAAAAAAA", f"{record_key()}/0", f"{record_key()}/")


@settings(max_examples=200)
@given(st.sampled_from(KEYS), st.binary(max_size=60))
def test_no_bytes_whatever_stop_the_stage(key: str, value: bytes) -> None:
    machine = stage().machine(0)
    held: dict[bytes, bytes] = {}
    stepper = Stepper("identify", 0, machine, held.get, START)
    good = evidence(2)
    messages = [
        (key.encode(), value),
        (key_of("RecordEvidence", good), framed("RecordEvidence", good)),
    ]
    batch = stepper.step(
        Message(VERDICTS, 0, offset, each, said, 0, ())
        for offset, (each, said) in enumerate(messages)
    )
    assert [said.reason != "unhandled" for said in batch.quarantined] == [True]
    assert [written.key for written in batch.outputs] == [f"{record_key(2)}/identify".encode()]
