"""Everything in `examples/` works: mappings, exports, programs; the bus accepts what they say."""

from __future__ import annotations

import importlib.util
import re
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from fastavro import parse_schema, schemaless_reader

from consumers.search.cases import CaseFile
from consumers.search.gates import CaseState
from producers.connectors.csv_snapshot import DifferState, Options, publish_snapshot
from producers.connectors.csv_snapshot.account import Account
from producers.mapping import DepartmentMapping, load
from producers.publisher import Owner, Publisher
from producers.publisher.encoding import ChangeEncoder
from recordbus import departments
from recordbus.policy import read_agreement
from recordbus.testing.clock import ManualClock
from recordbus.testing.registry import KnownSchema, MemoryRegistry
from schemas import catalog
from streams.intake.handle import Publisher as Speaker
from streams.intake.stage import make_intake
from streams.intake.topics import WRITTEN
from streams.runtime.contract import Input

EXAMPLES = Path(__file__).parents[2] / "examples"
OTHERS = {"departments.yaml", "cases.yaml"}
AGREEMENTS = sorted((EXAMPLES / "agreements").glob("*.yaml"))
MAPPINGS = sorted({p for p in EXAMPLES.rglob("*.yaml") if p.name not in OTHERS} - {*AGREEMENTS})
YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)
NOW = datetime(2024, 3, 7, tzinfo=UTC)


class Bus:
    """A publisher whose messages are kept, and an intake that judges them."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.messages: list[tuple[str, bytes, bytes]] = []
        self.waiting: list[Any] = []
        registry = MemoryRegistry()
        for topic in (owner.topic, *WRITTEN):
            registry.add_topic(topic)
        speakers = {owner.topic: Speaker(owner.name, owner.ori)}
        self._intake = make_intake(registry, speakers, b"i" * 32)
        self.publisher = Publisher(
            owner, ChangeEncoder(_Versions(registry), owner.topic), self, clock=ManualClock(NOW)
        )

    def produce(self, topic: str, key: Any, value: Any, *, on_delivery: Any) -> None:
        self.messages.append((topic, key, value))
        self.waiting.append(on_delivery)

    def poll(self, timeout_seconds: float = 0.0) -> int:
        reports, self.waiting = self.waiting, []
        for report in reports:
            report(None, self.owner.topic, 0, len(self.messages))
        return len(reports)

    def flush(self, timeout_seconds: float = 60.0) -> None:
        self.poll()

    def relations(self) -> list[set[tuple[str, str, str]]]:
        """Let intake judge every message; give each record's relations as (type, basis, kind)."""
        return [self._judged(at, *message) for at, message in enumerate(self.messages)]

    def _judged(self, at: int, topic: str, key: bytes, value: bytes) -> set[tuple[str, str, str]]:
        moment = int(NOW.timestamp() * 1000)
        handled = self._intake.handle(Input(topic, 0, at, key, value, moment, at), None)
        assert handled.quarantined is None, handled.quarantined
        schema = parse_schema(dict(catalog.avro_schema("recordbus.v1.Record")))
        written = BytesIO((handled.outputs[0].value or b"")[5:])
        options: dict[str, Any] = dict(catalog.READ_OPTIONS)
        record: Any = schemaless_reader(written, schema, None, **options)
        return {(r["type"], r["basis"], r["evidence_kind"]) for r in record["relations"]}


class _Versions:
    """The registry in memory, asked for all versions of a subject: there is one of each."""

    def __init__(self, registry: MemoryRegistry) -> None:
        self._registry = registry

    def texts_of(self, subject: str) -> list[KnownSchema]:
        return [self._registry.schema_by_id(self._registry.id_of(subject))]


def owner() -> Owner:
    (department,) = departments.load(EXAMPLES / "citations" / "departments.yaml")
    contact = department.contact.model_dump(mode="json")
    return Owner(department.name, department.ori, department.topic, contact, b"k" * 32)


def publish_csv(bus: Bus, state: DifferState, name: str, mapping: DepartmentMapping) -> Account:
    (export,) = mapping.exports.values()
    path = EXAMPLES / "citations" / name
    clock = ManualClock(NOW)
    return publish_snapshot(export, path, bus.owner, bus.publisher, state, clock, Options())


def program(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("path", MAPPINGS, ids=lambda path: path.name)
def test_every_mapping_is_sound_and_uses_all_its_tables(path: Path) -> None:
    assert load(path.read_text(encoding="utf-8"), name=path.name).warnings == ()


def test_the_citations_of_two_days_do_what_the_tutorial_tells() -> None:
    bus = Bus(owner())
    mapping = load((EXAMPLES / "citations" / "citations.yaml").read_text(encoding="utf-8"))
    with DifferState(None, ManualClock(NOW)) as state:
        monday = publish_csv(bus, state, "monday.csv", mapping)
        again = publish_csv(bus, state, "monday.csv", mapping)
        tuesday = publish_csv(bus, state, "tuesday.csv", mapping)

    assert (monday.read, monday.accepted, dict(monday.refused)) == (7, 6, {"ambiguous_date": 1})
    assert (again.accepted, again.unchanged) == (0, 6)
    assert (tuesday.accepted, tuesday.unchanged, dict(tuesday.refused)) == (2, 5, {})
    fact = ("citation", "fact")
    assert bus.relations() == [{("drives", *fact), ("subject_of", *fact)}] * 8


def test_the_program_that_publishes_is_accepted_and_ties_nobody_as_an_associate(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bus = Bus(owner())
    example = program("publish_from_python")
    monkeypatch.setattr(example, "load", lambda: None)
    monkeypatch.setattr(example, "owner_of", lambda _settings, _name: bus.owner)
    monkeypatch.setattr(example, "connect", lambda *_: (bus.publisher, lambda: None))

    example.main("maple-grove-pd")

    assert capsys.readouterr().out.count(f"is in {bus.owner.topic}") == 2
    seen = {("seen_with", "field_contact", "fact"), ("seen_in", "field_contact", "fact"),
            ("seen_at", "field_contact", "fact")}  # fmt: skip
    assert bus.relations() == [seen, seen]


def test_a_card_that_does_not_fit_is_named_and_the_next_one_is_sent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bus = Bus(owner())
    example = program("publish_from_python")
    too_long = "x" * 3_000_000
    cards = [SimpleNamespace(number="FC-1"), SimpleNamespace(number="FC-2")]

    def record(card: Any) -> dict[str, Any]:
        narrative = too_long if card.number == "FC-1" else "short"
        body = {"record_id": card.number, "narrative": narrative,
                "details": ("recordbus.v1.ServiceCallDetails", {})}  # fmt: skip
        return {"record_kind": "service_call", "source_seq": 1, "recorded_at": NOW, "body": body}

    example.record = record  # type: ignore[attr-defined]
    assert len(list(example.publish(bus.publisher, cards))) == 1
    assert "FC-1 was not sent" in capsys.readouterr().err


def test_the_worked_example_of_a_mapping_is_the_one_that_is_shipped() -> None:
    page = (EXAMPLES.parent / "docs" / "how-to" / "write-a-mapping.md").read_text(encoding="utf-8")
    worked = page.partition("## A worked example")[2].partition("## Rules for one field")[0]
    shipped = (EXAMPLES / "citations" / "citations.yaml").read_text(encoding="utf-8")
    shown = [line for block in YAML.findall(worked) for line in block.splitlines() if line.strip()]

    assert shown
    assert [line for line in shown if line not in shipped.splitlines()] == []


def test_the_departments_file_of_the_tutorial_is_the_one_that_is_shipped() -> None:
    page = (EXAMPLES.parent / "docs" / "tutorial" / "first-records.md").read_text(encoding="utf-8")
    shipped = (EXAMPLES / "citations" / "departments.yaml").read_text(encoding="utf-8")

    (shown,) = YAML.findall(page)
    assert shown in shipped


def test_the_register_of_cases_knows_its_cases() -> None:
    cases = CaseFile(EXAMPLES / "cases.yaml")
    asked = [("T-0001", "A. Marin"), ("T-0001", "X"), ("T-0002", "J. Rowe"), ("T-9", "J. Rowe")]

    assert [cases.state(*case) for case in asked] == [
        CaseState.OPEN, CaseState.SOMEBODY_ELSES, CaseState.CLOSED, CaseState.UNKNOWN,
    ]  # fmt: skip


@pytest.mark.parametrize("path", AGREEMENTS, ids=lambda path: path.name)
def test_every_agreement_is_sound_and_named_as_its_file(path: Path) -> None:
    found = read_agreement(path.read_bytes(), name=path.name)

    assert found.agreement.id == path.stem
    assert found.warnings == ()
