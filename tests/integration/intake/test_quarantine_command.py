"""`recordbus quarantine` on a real Kafka: what intake set aside, without content unless asked."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from recordbus import ids
from recordbus.testing import records
from recordbus.testing.audit import entries_in
from tests.integration.intake.bus import Bus, Follower

COMMAND = Path(sys.executable).with_name("recordbus")
CANARY = "Xqzvkwyjbfmtrhpd"
_numbers = itertools.count(1)


class Operator:
    """Somebody who asks the quarantine of a bus from a folder of their own."""

    def __init__(self, bus: Bus, folder: Path) -> None:
        self.folder = folder
        self._environment = os.environ | {
            "RECORDBUS_KAFKA__BOOTSTRAP_SERVERS": bus.servers.bootstrap_servers,
            "RECORDBUS_REGISTRY__URL": bus.servers.registry_url,
            "RECORDBUS_RUN_DIRECTORY": str(folder),
        }

    def ask(self, *arguments: str) -> str:
        done = subprocess.run(
            [COMMAND, "quarantine", *arguments], env=self._environment, capture_output=True,
            text=True, check=False, cwd=self.folder, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert CANARY not in done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def operator(bus: Bus, tmp_path: Path) -> Operator:
    return Operator(bus, tmp_path)


def test_an_operator_finds_reads_and_loses_an_entry(
    bus: Bus, operator: Operator, quarantined: Follower
) -> None:
    """R-25, R-38: content comes only into a file, is audited, and is gone after an expunge."""
    number = f"QC-{next(_numbers)}"
    key = ids.record_key(records.SECRET, "field_contact", number)
    someone = records.person_role("field_contact", "p1", person=records.person(CANARY, "Roe"))
    body = records.body(record_id=number, people=[someone])
    sent = bus.framed(records.change(record_key=key, body=body))[:-5]
    position = bus.publish(key, sent)
    quarantined.wait(position)

    narrowed = ("--record-key", key, "--reason", "truncated", "--since", "1h")
    (entry,) = json.loads(operator.ask("list", *narrowed, "--json"))["entries"]
    assert (entry["position"], entry["department"]) == (position, records.DEPARTMENT)
    assert (entry["stage"], entry["size_bytes"]) == ("intake", len(sent))
    assert position in operator.ask("list", *narrowed)
    counts = json.loads(operator.ask("summary", "--json"))["counts"]
    assert (records.DEPARTMENT, "truncated") in {(c["department"], c["reason"]) for c in counts}
    assert entry["next"] in operator.ask("show", position)

    file = operator.folder / "message"
    operator.ask("show", position, "--bytes", str(file), "--requester", "J. Rowe")
    assert file.read_bytes() == sent
    (read,) = entries_in(operator.folder / "audit")
    assert read["asked"] == {"quarantined": position}

    bus.say(records.removal("expunged", 9, record_key=key))
    quarantined.wait(position, lambda value: value is None)
    assert json.loads(operator.ask("list", *narrowed, "--json")) == {"entries": [], "total": 0}
