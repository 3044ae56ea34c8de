"""An agency gets files: what is asserted, corrected and expunged, through kills at every step."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from consumers.crashpoints import NAMES
from consumers.runner import is_tick
from recordbus.crashpoints import EXIT_CODE
from recordbus.ids import record_key
from recordbus.kafka.codec import Decoder
from recordbus.kafka.connection import Connection
from recordbus.kafka.consumer import EARLIEST, LogReader
from recordbus.kafka.registry import SchemaRegistry
from recordbus.local.servers import LocalServers
from recordbus.testing import records
from recordbus.testing.audit import entries_in
from recordbus.testing.pytest_plugin import QUICK
from tests.integration.intake.bus import Bus, wait_for

pytestmark = pytest.mark.kafka

COMMAND = Path(sys.executable).with_name("recordbus")
KIND = "arrest"
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
AGREEMENT = f"""\
agreement: to-metro
version: 1
title: For tests
legal_authority: Council resolution 2026-114
owners: [{records.DEPARTMENT}]
recipient: metro-task-force
start: 2020-01-01
end: 2099-12-31
rules:
  facts:
    level: full
    purposes: [criminal_investigation]
    record_kinds: [{KIND}]
    bases: [arrest]
    evidence_kinds: [fact, assessment]
    juveniles: true
    masks: [body.people.person.race]
"""


class Agency:
    """A bus with intake running, its feeds, and the folder of one agency."""

    def __init__(self, servers: LocalServers, directory: Path) -> None:
        self.bus = Bus(servers, directory)
        self.directory, self.folder = directory, directory / "out"
        self.worker: subprocess.Popen[bytes] | None = None
        self.seq = 0

    def environment(self, **more: str) -> dict[str, str]:
        return os.environ | {
            "RECORDBUS_KAFKA__BOOTSTRAP_SERVERS": self.bus.servers.bootstrap_servers,
            "RECORDBUS_REGISTRY__URL": self.bus.servers.registry_url,
            "RECORDBUS_RUN_DIRECTORY": str(self.directory),
            "RECORDBUS_POLICY__SIGNATURES_REQUIRED": "1",
            "RECORDBUS_FEEDS__SCHEDULE_SCALE": "0.001",
        } | more  # fmt: skip

    def start(self, **more: str) -> subprocess.Popen[bytes]:
        with (self.directory / "feeds.log").open("ab") as log:
            self.worker = subprocess.Popen(
                [COMMAND, "feeds", "run"], env=self.environment(**more), stdout=log, stderr=log,
                cwd=self.directory,
            )  # fmt: skip
        return self.worker

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [COMMAND, *arguments], env=self.environment(), capture_output=True, text=True,
            check=False, cwd=self.directory, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def agree(self) -> None:
        """Put a signed agreement into force."""
        key = self.directory / "chief.key"
        public = json.loads(self.run("policy", "keys", "make", str(key), "--json"))["public_key"]
        (self.directory / "agreement-signers.yaml").write_text(
            f"signers:\n  - name: chief\n    role: approver\n    public_key: {public}\n"
        )
        agreements = self.directory / "agreements"
        agreements.mkdir()
        file = agreements / "to-metro.yaml"
        file.write_text(AGREEMENT)
        self.run("policy", "sign", str(file), "--key", str(key), "--signer", "chief")

    def subscribe(self, subscription_id: str = "metro-1", channel: str = "") -> None:
        channel = channel or f"kind: file_drop\n  folder: {self.folder}"
        file = self.directory / f"{subscription_id}.yaml"
        file.write_text(
            f"subscription_id: {subscription_id}\nagency: metro-task-force\n"
            "agency_ori: MA0130000\nrequester: det. Alvarez\npurpose: criminal_investigation\n"
            f"case_number: 2026-00117\nchannel:\n  {channel}\n"
            f"start: {TODAY.isoformat()}\nend: {(TODAY + timedelta(days=300)).isoformat()}\n"
        )
        self.run("feeds", "subscribe", str(file))

    def publish(self, number: str, **fields: Any) -> str:
        """Publish a record, or a removal when a status is given; give its key."""
        self.seq += 1
        key = record_key(records.SECRET, KIND, number)
        if "status" not in fields:
            fields = {"body": records.body(KIND, record_id=number, **fields)}
        self.bus.say(records.change(KIND, record_key=key, source_seq=self.seq, **fields))
        return key

    def received(self) -> list[dict[str, Any]]:
        """Give all envelopes of whole files, in order."""
        manifests = sorted(self.folder.glob("*.manifest.json"))
        files = [self.folder / json.loads(path.read_bytes())["file"] for path in manifests]
        return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]

    def copy(self) -> dict[str, str]:
        """Give the narrative of every record that the agency now holds, by key."""
        held: dict[str, str] = {}
        for each in self.received():
            kind, _, key = each["subject"].partition("/")
            if each["data"]["status"] == "retracted":
                held.pop(key, None)
            elif kind == "record":
                held[key] = each["data"]["content"]["body"]["narrative"]
        return held

    def verification(self, subject: str) -> str | None:
        """Give what the newest message about a subject says of its owner's answer."""
        told = [each["data"] for each in self.received() if each["subject"] == subject]
        return told[-1]["verification"] if told else None

    def on_topic(self) -> dict[str, str]:
        """Give the status of every record that the agency's topic now says, by key."""
        servers = self.bus.servers
        registry = SchemaRegistry(servers.registry_url)
        decode = Decoder(registry, "feed.metro-task-force.v1-value").decode
        reader = LogReader(Connection(servers.bootstrap_servers))
        reader.assign({("feed.metro-task-force.v1", 0): EARLIEST})
        messages = [each for each in reader.consume(10_000, 2.0) if not is_tick(each)]
        last = {each.key: decode(each.value) for each in messages}
        reader.close()
        registry.close()
        assert all(key == f"metro-2/{said['subject']}".encode() for key, said in last.items())
        kinds = {said["subject"]: said["status"] for said in last.values()}
        return {subject.removeprefix("record/"): status for subject, status in kinds.items()
                if subject.startswith("record/") and status != "retracted"}  # fmt: skip


@pytest.fixture
def agency(tmp_path: Path) -> Iterator[Agency]:
    with LocalServers(kafka_overrides=QUICK) as servers:
        made = Agency(servers, tmp_path)
        try:
            made.bus.start()
            yield made
        finally:
            if made.worker is not None:
                made.worker.kill()
                made.worker.wait()
            made.bus.stop()


def test_an_agency_holds_what_it_may_have_through_kills_at_every_step(agency: Agency) -> None:
    """R-24, R-32, R-39: nothing lost, nothing twice but under its id, no file without its entry."""
    agency.agree()
    agency.subscribe()
    wanted = {agency.publish("A-0", narrative="before the first start"): "before the first start"}
    for number, name in enumerate((each for each in NAMES if each.startswith("feeds.")), 1):
        worker = agency.start(RECORDBUS_CRASH_AT=name)
        wanted[agency.publish(f"A-{number}", narrative=name)] = name
        assert worker.wait(60) == EXIT_CODE, name
    agency.start()
    corrected = agency.publish("A-1", narrative="corrected")
    wanted[corrected] = "corrected"
    wait_for("the agency to hold all", lambda: agency.copy() == wanted or None)
    expunged = agency.publish("A-2", status="expunged", status_reason="court_order")
    del wanted[expunged]
    wait_for("the agency to be told", lambda: agency.copy() == wanted or None)

    received = agency.received()
    by_id: dict[str, set[str]] = {}
    for each in received:
        by_id.setdefault(each["id"], set()).add(json.dumps(each["data"]["content"]))
    assert all(len(said) == 1 for said in by_id.values())
    people = [each["data"]["content"]["body"]["people"] for each in received if _is_record(each)]
    assert people
    assert all("race" not in role["person"] for roles in people for role in roles)
    told = next(each for each in received if each["subject"] == f"record/{expunged}"
                and each["data"]["status"] == "retracted")  # fmt: skip
    assert told["data"]["receipt_within_hours"] == 24
    agency.run("feeds", "receipt", "metro-1", told["id"])
    (listed,) = json.loads(agency.run("feeds", "list", "--json"))
    assert listed["state"] == "active"
    entries = [each for each in entries_in(agency.directory / "audit")
               if each["command"] == "feed.file_drop"]  # fmt: skip
    sending = [each for each in entries if each["outcome"] == "sending"]
    assert {key.partition("@")[0] for each in sending for key in each["records"]} >= set(wanted)
    assert b"before the first start" not in _all_bytes(agency.directory / "audit")
    _and_on_a_topic(agency)
    _an_owner_answers_and_seals(agency, corrected)


def _an_owner_answers_and_seals(agency: Agency, key: str) -> None:
    """R-34, R-25: through the commands of both sides, on the feed that runs already."""
    subject = f"record/{key}"
    because = ("--subscription", "metro-1", "--reason", "an arrest is planned")
    agency.run("verify", "ask", subject, *because)
    owner = ("--department", records.DEPARTMENT)

    def asked() -> list[dict[str, Any]] | None:
        return json.loads(agency.run("verify", "list", *owner, "--json")) or None

    (question,) = wait_for("the owner to be asked", asked)
    assert (question["subject"], question["case_number"]) == (subject, "2026-00117")
    agency.run("verify", "answer", question["verification_id"], "verified", *owner,
               "--author", "records clerk 4")  # fmt: skip
    wait_for("the copy to be verified", lambda: agency.verification(subject) == "verified" or None)
    assert agency.run("verify", "list", *owner) == "no question\n"
    agency.publish("A-1", narrative="corrected once more")
    wait_for("the answer to end", lambda: agency.verification(subject) == "unverified" or None)
    agency.publish("A-1", status="sealed", status_reason="court_order")
    wait_for("the copy to go", lambda: key not in agency.copy() or None)
    agency.publish("A-1", narrative="unsealed")
    wait_for("it to come back", lambda: agency.copy().get(key) == "unsealed" or None)
    commands = [each["command"] for each in entries_in(agency.directory / "audit")]
    assert commands.count("verify.ask") == commands.count("verify.answer") == 2


def _and_on_a_topic(agency: Agency) -> None:
    """R-25: another subscription, in Avro under opaque keys, taken back by a message of its own."""
    assert "create with 1 partitions" in agency.run("feeds", "topic", "metro-task-force")
    assert "0 changes" in agency.run("feeds", "topic", "metro-task-force")
    agency.subscribe("metro-2", "kind: topic")
    held = agency.copy().keys()
    wait_for("the topic to say all", lambda: agency.on_topic().keys() == held or None)
    gone = agency.publish("A-3", status="withdrawn", status_reason="entered_in_error")
    assert gone in held
    wait_for("the topic to take it back", lambda: gone not in agency.on_topic() or None)


def _is_record(envelope: dict[str, Any]) -> bool:
    content = envelope["data"]["content"]
    return envelope["subject"].startswith("record/") and content is not None


def _all_bytes(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())
