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
from recordbus.crashpoints import EXIT_CODE
from recordbus.ids import record_key
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

    def subscribe(self) -> None:
        file = self.directory / "metro-1.yaml"
        file.write_text(
            "subscription_id: metro-1\nagency: metro-task-force\nagency_ori: MA0130000\n"
            "requester: det. Alvarez\npurpose: criminal_investigation\ncase_number: 2026-00117\n"
            f"channel:\n  kind: file_drop\n  folder: {self.folder}\n"
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


def _is_record(envelope: dict[str, Any]) -> bool:
    content = envelope["data"]["content"]
    return envelope["subject"].startswith("record/") and content is not None


def _all_bytes(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())
