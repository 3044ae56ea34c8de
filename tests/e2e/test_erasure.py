"""R-25, R-27 and the oracle of no residue: what leaves the bus leaves every file of it.

Records of several kinds with a canary in every field are published by hand and through the CSV
connector, corrected, contradicted and sent broken; then one of each kind is withdrawn, one
sealed, one expunged, and one stays. The files are searched for any part of any canary.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest

from consumers.search.criteria import Criteria
from recordbus.errors import RecordbusError
from recordbus.kafka.wire import frame
from tests.e2e.canaries import Canaries, body, change_fields
from tests.e2e.erasing import CSV, DEPARTMENT, OTHER, ErasingBus, erasing_bus, eventually, record

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(600)]

KINDS: Final = ("incident", "arrest", "field_contact")
FATES: Final = ("expunged", "sealed", "withdrawn", "kept")
NOT_FOUND_WITHIN_SECONDS: Final = 5.0
GONE_WITHIN_SECONDS: Final = 120.0

MAPPING: Final = """
mapping: erasure
title: One export of incidents
source:
  dates: ["%Y-%m-%d"]
exports:
  incidents:
    record_kind: incident
    key: [NO]
    recorded_at: {column: AT, dates: ["%Y-%m-%d"]}
    body:
      people:
        - local_id: =victim
          role: =victim
          subject_category: =victim
          person:
            names:
              - {type: =primary, given: GIVEN, surname: SURNAME}
      narrative: TEXT
"""
COLUMNS: Final = ("NO", "AT", "GIVEN", "SURNAME", "TEXT")


@dataclass
class Planted:
    """A record with canaries, published by hand; `body` is its newest accepted content."""

    kind: str
    fate: str
    canaries: Canaries
    source_seq: int = 0
    body: dict[str, Any] = field(default_factory=dict)
    key: str = ""

    def version(self, label: str, record_id: str = "") -> dict[str, Any]:
        """Give another content of this record."""
        name = f"{label}/{self.kind}"
        given = record_id or self.body.get("record_id", "")
        made = body(self.kind, self.canaries, name, given)
        now = datetime.now(UTC)
        contact = {part: self.canaries.plant(f"{name}:{part}") for part in ("unit", "phone")}
        contact["email"] = self.canaries.plant(f"{name}:email")
        more = {"occurred_at": now, "contact": contact, **change_fields(self.canaries, name, now)}
        return record(self.kind, self.source_seq, made, **more)

    def publish(self, bus: ErasingBus, label: str) -> None:
        """Publish a new version."""
        self.source_seq += 1
        value = self.version(label)
        self.body = value["body"]
        self.key = bus.publisher.publish(value).record_key

    def remove(self, bus: ErasingBus) -> None:
        """Withdraw, seal or expunge the record."""
        verbs = {"withdrawn": "withdraw", "sealed": "seal", "expunged": "expunge"}
        self.source_seq += 1
        verb = getattr(bus.publisher, verbs[self.fate])
        verb(self.kind, self.body["record_id"], self.source_seq, "court_order")

    def send_unacceptable(self, bus: ErasingBus, label: str) -> list[str]:
        """Send versions that quarantine takes in; gives where they stand."""
        positions = []
        for spoil in (_contradicting, _cut_short, _of_no_schema, _not_framed, _of_later_schema):
            key, value = bus.framed(self.version(f"{label}/{spoil.__name__}"))
            positions.append(bus.send(key, spoil(value)))
        for name, other, department in (
            ("no key", None, DEPARTMENT),
            ("no such key", "someone", DEPARTMENT),
            ("another record's key", "0" * 64, DEPARTMENT),
            ("another department", self.key, OTHER),
        ):
            _, value = bus.framed(self.version(f"{label}/{name}"))
            positions.append(bus.send(other, value, department))
        return positions

    def questions(self) -> list[Criteria]:
        """Give searches of which each finds this record and no other."""
        person = self.body["people"][0]["person"]
        asked = [
            Criteria(text=self.body["narrative"]),
            Criteria(name=person["names"][0]["surname"]),
            Criteria(number=self.body["record_id"]),
            Criteria(email=person["emails"][0]),
        ]
        for entry in self.body["locations"]:
            asked += [Criteria(address=entry["location"]["address"]["street"])]
        for entry in self.body["organisations"]:
            asked += [Criteria(organisation=entry["organisation"]["name"])]
        return asked


def _contradicting(value: bytes) -> bytes:
    return value


def _cut_short(value: bytes) -> bytes:
    return value[:-7]


def _of_no_schema(value: bytes) -> bytes:
    return frame(2**31 - 1, value[5:])


def _of_later_schema(value: bytes) -> bytes:
    return value + b"\0"


def _not_framed(value: bytes) -> bytes:
    return b"\x01" + value[1:]


STAGES = ("meet", "identify", "associate")
OF_LIVE_RECORDS = {
    *(f"{name}.v1" for name in ("records", "quarantine", "meetings", "verdicts", "relations")),
    *(f"{name}.v1" for name in ("identities", "associations")),
    *(f"recordbus-{stage}-state-changelog" for stage in STAGES),
}
"""Topics that may hold what a live record says; departments' own logs are truncated."""
HOLDERS = ("kafka", "index", "state")


@dataclass
class Export:
    """A department's CSV export, which lies outside of the bus."""

    directory: Path
    canaries: Canaries
    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    written: int = 0

    def fill(self, label: str, *, again: bool = False) -> None:
        """Give every record new content; with `again` as a correction."""
        for fate in FATES:
            name = f"{label or fate}/csv"
            number = self.rows[fate]["NO"] if again else self.canaries.plant(f"{fate}/csv:number")
            texts = {each: self.canaries.plant(f"{name}:{each}") for each in COLUMNS[2:]}
            self.rows[fate] = {"NO": number, "AT": "2024-03-05", **texts}

    def publish(self, bus: ErasingBus) -> dict[str, Any]:
        """Write the export and publish it through the connector; gives the account."""
        self.written += 1
        (self.directory / "erasure.yaml").write_text(MAPPING)
        path = self.directory / f"incidents-{self.written}.csv"
        lines = [",".join(COLUMNS)] + [
            ",".join(row[each] for each in COLUMNS) for row in self.rows.values()
        ]
        path.write_text("\n".join(lines) + "\n")
        where = ("--mapping", str(self.directory / "erasure.yaml"), "--department", CSV)
        (account,) = bus.bus.run_json("publish", "csv", str(path), *where)["accounts"]
        found: dict[str, Any] = account
        return found

    def remove(self, bus: ErasingBus) -> None:
        """Expunge, seal and withdraw one record each."""
        for fate, verb in (("expunged", "expunge"), ("sealed", "seal"), ("withdrawn", "withdraw")):
            number = self.rows[fate]["NO"]
            where = ("--department", CSV, "--kind", "incident", "--reason", "court_order")
            bus.bus.run("publish", verb, number, *where)

    def questions(self, fate: str) -> list[Criteria]:
        """Give searches that find the record of this fate."""
        row = self.rows[fate]
        return [Criteria(text=row["TEXT"]), Criteria(name=row["SURNAME"])]


@pytest.fixture
def canaries() -> Canaries:
    seed = time.time_ns()
    print(f"canaries of seed {seed}")  # noqa: T201 - shown with a failure
    return Canaries(Random(seed))


@pytest.mark.parametrize(
    ("store", "compression"), [("rocksdb", "producer"), ("memory", "uncompressed")]
)
def test_what_leaves_the_bus_leaves_every_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    canaries: Canaries,
    store: str,
    compression: str,
) -> None:
    root = tmp_path / "run"
    planted = [Planted(kind, fate, canaries) for kind in KINDS for fate in FATES]
    export = Export(tmp_path, canaries)
    with erasing_bus(root, monkeypatch, store=store, compression=compression) as bus:
        set_aside = _publish_all(bus, planted, export)
        _everything_is_found(bus, planted, export)
        eventually("quarantine", lambda: set(set_aside) <= set(bus.last_words("quarantine.v1")))
        seen = _labels(canaries.in_directory(root))
        assert {label.split("/")[0] for label in seen} >= set(FATES), "the scan sees nothing"

        began = time.monotonic()
        _remove_all(bus, planted, export)
        _nothing_removed_is_found(bus, planted, export)
        _only_markers_stand(bus, planted)
        _bytes_go(bus, canaries, began)
        _what_stays_is_found(bus, planted, export, canaries)

        _nothing_comes_back_uninvited(bus, planted, export)
        sealed = [each for each in planted if each.fate == "sealed"]
        for each in sealed:
            each.fate = "kept"
            canaries.note(each.body["record_id"], "kept/unsealed:record_id")
            each.publish(bus, "kept/unsealed")
        bus.publisher.flush()
        _everything_is_found(bus, sealed, export)
        _bytes_go(bus, canaries, time.monotonic())
    left = _removed(canaries.in_directory(root))
    assert not left, "stopping the bus brought bytes back"


def _publish_all(bus: ErasingBus, planted: list[Planted], export: Export) -> list[str]:
    set_aside = []
    for each in planted:
        each.publish(bus, f"replaced/{each.fate}")
        bus.publisher.flush()
        each.canaries.note(each.body["record_id"], f"{each.fate}/{each.kind}:record_id")
        set_aside += each.send_unacceptable(bus, f"{each.fate}/unacceptable")
        each.publish(bus, each.fate)
    bus.publisher.flush()
    export.fill("replaced")
    assert export.publish(bus)["accepted"] == len(FATES)
    export.fill("", again=True)
    assert export.publish(bus)["accepted"] == len(FATES)
    return set_aside


def _everything_is_found(bus: ErasingBus, planted: list[Planted], export: Export) -> None:
    for each in planted:
        for criteria in each.questions():
            what = f"the {each.fate} {each.kind} by {criteria}"
            eventually(what, lambda criteria=criteria: bus.finds(criteria) == 1)  # type: ignore[misc]
    for criteria in export.questions("kept"):
        eventually("a row of the export", lambda criteria=criteria: bus.finds(criteria) == 1)  # type: ignore[misc]


def _remove_all(bus: ErasingBus, planted: list[Planted], export: Export) -> None:
    export.remove(bus)
    for each in planted:
        if each.fate != "kept":
            each.remove(bus)
    bus.publisher.flush()


def _nothing_removed_is_found(bus: ErasingBus, planted: list[Planted], export: Export) -> None:
    began = time.monotonic()
    gone = [c for each in planted if each.fate != "kept" for c in each.questions()]
    gone += [c for fate in FATES if fate != "kept" for c in export.questions(fate)]
    eventually(
        "removed records to be found no more",
        lambda: not any(bus.finds(criteria) for criteria in gone),
        NOT_FOUND_WITHIN_SECONDS,
    )
    print(f"not searchable after {time.monotonic() - began:.2f} s")  # noqa: T201 - a measure


def _only_markers_stand(bus: ErasingBus, planted: list[Planted]) -> None:
    said = bus.last_words("records.v1")
    for each in planted:
        last = said.get(each.key)
        if each.fate == "kept":
            assert last is not None
            assert last["status"] == "live"
        elif last is not None:  # else its marker was erased already
            assert last["status"] == each.fate
            content = ("body", "normalised", "relations", "disputes", "reviews", "content_hash")
            assert not any(last[part] for part in content)


def _bytes_go(bus: ErasingBus, canaries: Canaries, began: float) -> None:
    left: dict[str, set[str]] = {}

    def is_clean() -> bool:
        nonlocal left
        left = _removed(canaries.in_directory(bus.root))
        return not left

    try:
        eventually("bytes to go", is_clean, GONE_WITHIN_SECONDS, pace=0.3)  # a look is work
    except AssertionError:
        lines = [f"{path}: {len(labels)}: {sorted(labels)[:12]}" for path, labels in left.items()]
        pytest.fail("left behind:\n" + "\n".join(lines))
    print(f"bytes gone after {time.monotonic() - began:.1f} s")  # noqa: T201 - a measure


def _removed(found: dict[str, set[str]]) -> dict[str, set[str]]:
    """Leave out what may stay: the newest content of records that were kept."""
    gone = {path: {x for x in labels if not x.startswith("kept")} for path, labels in found.items()}
    return {path: labels for path, labels in gone.items() if labels}


def _labels(found: dict[str, set[str]]) -> set[str]:
    return set().union(*found.values())


def _what_stays_is_found(
    bus: ErasingBus, planted: list[Planted], export: Export, canaries: Canaries
) -> None:
    """The searches and the scan are able to fail."""
    kept = [each for each in planted if each.fate == "kept"]
    _everything_is_found(bus, kept, export)
    found = canaries.in_directory(bus.root)
    topics = {path.split("/")[2].rpartition("-")[0] for path in found if path.startswith("kafka/")}
    assert {"records.v1", "quarantine.v1"} <= topics <= OF_LIVE_RECORDS
    assert {"kafka", "index"} <= {path.split("/")[0] for path in found} <= {*HOLDERS}
    terms = " ".join(bus.indexed_terms()).encode()
    assert all(label.startswith("kept") for label in canaries.in_bytes(terms))
    assert canaries.in_bytes(terms)


def _nothing_comes_back_uninvited(bus: ErasingBus, planted: list[Planted], export: Export) -> None:
    """Content after an expunge or under a seal is refused, and its bytes are kept nowhere."""
    positions = {}
    for each in planted:
        if each.fate == "expunged":
            each.source_seq += 1
            key, value = bus.framed(each.version("returned"))
            positions[bus.send(key, value)] = "resurrection_attempt"
            positions[bus.send(key, value[:-9])] = "truncated"
        if each.fate == "sealed":
            key, value = bus.framed(each.version("returned"))
            positions[bus.send(key, value)] = "conflicting_duplicate"
    eventually("refusals", lambda: set(positions) <= set(bus.last_words("quarantine.v1")))
    aside = bus.last_words("quarantine.v1")
    for position, reason in positions.items():
        entry = aside[position]
        assert entry is not None
        assert (entry["reason"], entry["value"]) == (reason, None)
    for name, text in export.rows["withdrawn"].items():  # what the source has again comes back
        export.canaries.note(text, f"kept/csv:{name}")
    account = export.publish(bus)
    assert account["refused"] == {"resurrection_attempt": 1}, account
    assert account["accepted"] == 1, account
    with pytest.raises(RecordbusError):
        bus.bus.run(
            "publish", "seal", export.rows["expunged"]["NO"], "--department", CSV,
            "--kind", "incident", "--reason", "court_order",
        )  # fmt: skip
    criteria = export.questions("expunged") + export.questions("sealed")
    assert not any(bus.finds(each) for each in criteria)
