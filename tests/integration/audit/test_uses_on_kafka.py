"""Owners read of every use on their topics, though the publisher is killed at every step (R-41)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from recordbus import departments
from recordbus.audit.assembly import open_store, open_watch
from recordbus.audit.crash import USES_NAMES
from recordbus.audit.entry import Entry, Operation, Outcome, Private
from recordbus.audit.use_messages import topic_of
from recordbus.crashpoints import EXIT_CODE
from recordbus.departments import Contact, Department
from recordbus.kafka.admin import Admin
from recordbus.kafka.catalogue import wanted_topics
from recordbus.local.servers import LocalServers
from recordbus.settings import load
from recordbus.testing.clock import EPOCH
from schemas import catalog
from tests.integration.intake.bus import wait_for

pytestmark = pytest.mark.kafka

COMMAND = Path(sys.executable).with_name("recordbus")
HARBOR, MILLBROOK = "uses-harbor-pd", "uses-millbrook-pd"


class Town:
    """A run directory with an audit and two departments, on the session's servers."""

    def __init__(self, servers: LocalServers, directory: Path) -> None:
        self.directory, self.count = directory, 0
        self.environment = os.environ | {
            "RECORDBUS_KAFKA__BOOTSTRAP_SERVERS": servers.bootstrap_servers,
            "RECORDBUS_REGISTRY__URL": servers.registry_url,
            "RECORDBUS_RUN_DIRECTORY": str(directory),
            "RECORDBUS_AUDIT__USES_SECONDS": "0.05",
        }
        departments.save(directory / "departments.yaml", [
            Department(name=name, title=name, ori=f"ZZ000010{at}", contact=Contact(unit="Records"))
            for at, name in enumerate((HARBOR, MILLBROOK))
        ])  # fmt: skip
        topics = [topic_of(HARBOR), topic_of(MILLBROOK)]
        wanted = wanted_topics([HARBOR, MILLBROOK])
        Admin(servers.connection).apply_topics([each for each in wanted if each.name in topics])
        registry = servers.schema_registry()
        for topic in topics:
            registry.register(f"{topic}-value", catalog.self_contained_text("recordbus.v1.Use"))
        registry.close()

    def use(self, count: int) -> None:
        """Append entries, each of a record of either owner, and sign them."""
        settings = load()
        store = open_store(settings)
        store.commit([self._entry(n) for n in range(self.count, self.count + count)], 2.0)
        store.close()
        open_watch(settings).checkpoint()
        self.count += count

    def _entry(self, number: int) -> Entry:
        return Entry(
            entry_id=f"id-{number}", at=EPOCH, operation=Operation.CONSULTATION, command="search",
            outcome=Outcome.ANSWERED, requester="det. Alvarez", purpose="criminal_investigation",
            case_number="2026-1", asked={"name": Private("Jane Canary")},
            records=(f"h{number}@1", f"m{number}@2"), owners=(HARBOR, MILLBROOK),
            levels=("full", "pointer"),
        )  # fmt: skip

    def start(self, **more: str) -> subprocess.Popen[bytes]:
        with (self.directory / "uses.log").open("ab") as log:
            return subprocess.Popen(
                [COMMAND, "audit", "publish-uses"], env=self.environment | more, stdout=log,
                stderr=log, cwd=self.directory,
            )  # fmt: skip

    def uses(self, department: str) -> list[dict[str, Any]]:
        """Read as the owner does."""
        done = subprocess.run(
            [COMMAND, "audit", "uses", "--department", department, "--json"], timeout=60,
            env=self.environment, capture_output=True, text=True, check=True, cwd=self.directory,
        )  # fmt: skip
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def town(local_servers: LocalServers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path))
    return Town(local_servers, tmp_path)


def test_owners_read_every_use_once_and_in_order_through_kills_at_every_step(town: Town) -> None:
    for name in USES_NAMES:
        town.use(3)
        assert town.start(RECORDBUS_CRASH_AT=name).wait(60) == EXIT_CODE, name
    town.use(2)
    worker = town.start()
    try:
        wait_for("the last uses", lambda: len(town.uses(MILLBROOK)) == town.count or None)
    finally:
        worker.terminate()
        assert worker.wait(30) == 0

    for department, level in ((HARBOR, "full"), (MILLBROOK, "pointer")):
        told = town.uses(department)
        assert [each["sequence"] for each in told] == list(range(town.count))
        assert [each["records"] for each in told] == [
            [{"record_key": f"{department[5]}{n}", "version": 1 + (level == "pointer"),
              "level": level}] for n in range(town.count)
        ]  # fmt: skip
        assert "Canary" not in json.dumps(told)
