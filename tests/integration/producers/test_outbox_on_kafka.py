"""F7 on a real Kafka: a relay that is killed, and a drop folder, as commands."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from producers.connectors.outbox import STEPS, ddl
from recordbus.cli import run
from recordbus.crashpoints import EXIT_CODE
from tests.contract.outbox.conftest import payload
from tests.integration.producers.conftest import MAPPING, Publishing

if TYPE_CHECKING:
    from recordbus.local.servers import LocalServers

ROWS_EACH = 40
KILLED_AT = STEPS[1:3]
"""Sent, and acknowledged but not marked: these need a broker; all are tried without one."""


class Office(Publishing):
    """A department whose system keeps an outbox in SQLite."""

    def __init__(self, servers: LocalServers, folder: Path, name: str) -> None:
        super().__init__(servers, folder, name)
        self.path = folder / "records.sqlite"
        self.database = sqlite3.connect(self.path, isolation_level=None)
        self.database.executescript(ddl("sqlite"))

    def write(self, prefix: str) -> set[str]:
        names = {f"{prefix}-{number}" for number in range(ROWS_EACH)}
        self.database.execute("BEGIN")
        for name in sorted(names):
            self.database.execute(
                "INSERT INTO recordbus_outbox(record_kind, record_id, payload) "
                "VALUES ('service_call', ?, ?)",
                (name, payload(name, "text")),
            )
        self.database.execute("COMMIT")
        return names

    def relay(self, **environment: str) -> int:
        """Run the command once as a process of its own and give how it ended."""
        command = ["publish", "outbox", "run", "--once", "--department", self.name]
        ended = subprocess.run(
            [sys.executable, "-m", "recordbus", *command, "--database", str(self.path)],
            env=os.environ | {"RECORDBUS_OUTBOX__BATCH_ROWS": "15"} | environment,
            check=False,
            capture_output=True,
            timeout=120,
        )
        return ended.returncode


@pytest.fixture
def office(publishing: Publishing) -> Office:
    return Office(publishing.servers, publishing.folder, publishing.name)


def test_a_killed_relay_loses_nothing_and_repeats_only_itself(office: Office) -> None:
    """O1: every committed row is on the bus; what came twice has one event id."""
    written: set[str] = set()
    for number, step in enumerate(KILLED_AT):
        written |= office.write(f"C{number}")
        assert office.relay(RECORDBUS_CRASH_AT=f"{step}:2") == EXIT_CODE
    command = ["publish", "outbox", "run", "--once", "--department", office.name]
    assert run([*command, "--database", str(office.path)]) == 0
    states = office.database.execute("SELECT DISTINCT state FROM recordbus_outbox").fetchall()
    assert states == [("published",)]
    held = office.held()
    assert {change["body"]["record_id"] for change in held} == written
    assert len({change["event_id"] for change in held}) == len(written)
    assert len(held) > len(written), "no kill left anything to be sent again"
    office.database.close()


def test_a_dropped_export_reaches_the_bus_with_one_command(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping, place = tmp_path / "mine.yaml", tmp_path / "place"
    mapping.write_text(MAPPING)
    use = ("--mapping", str(mapping), "--department", office.name)
    watch = ["publish", "watch", "run", str(place), *use, "--once", "--quiet-seconds", "0"]
    assert run(watch) == 0
    (place / "incoming" / "calls.csv").write_text("NO,AT,TEXT\nW-1,2020-01-02,one\n")
    (place / "incoming" / "calls.zip").write_bytes(b"no zip")
    assert run(watch) == 0
    assert "1 done, 1 refused" in capsys.readouterr().out
    assert [change["body"]["record_id"] for change in office.held()] == ["W-1"]
    office.database.close()
