"""The whole bus on real servers: all stages with two workers each, as `recordbus up` runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from recordbus import departments
from recordbus.kafka.admin import Admin
from recordbus.kafka.topics import Topic
from recordbus.local.servers import LocalServers
from schemas import catalog
from schemas.topics import TopicSpec
from streams.catalogue import STAGES
from streams.intake.testing import PUBLISHERS, SECRET
from tests.integration.stage.chain import COMPACT_AT_ONCE, SESSION_SECONDS, Crew, Worker

PARTITIONS: Final = 2
MEETING_PARTITIONS: Final = 2
NAMES: Final = tuple(publisher.name for publisher in PUBLISHERS.values())


class Fleet(Crew):
    """Two workers of every stage over fixed topics; `directory` holds what is on disk.

    `epoch` and `meeting_partitions` are those of the settings.
    """

    def __init__(self, servers: LocalServers, directory: Path) -> None:
        self.epoch = 0
        self.meeting_partitions = MEETING_PARTITIONS
        self.workers = [
            Worker(stage, number, directory / f"{stage}-{number}.log")
            for stage in STAGES
            for number in range(2)
        ]
        self._servers = servers
        self.directory = directory
        self._departments()
        self.schema_ids = self._schemas()
        self.make_topics()

    def command(self, worker: Worker, *, leased: bool) -> list[str]:
        assert leased, "the command has no other way to run"
        recordbus = str(Path(sys.executable).with_name("recordbus"))
        return [recordbus, "stage", "run", worker.stage]

    def environment(self, worker: Worker) -> Mapping[str, str]:
        who = f"{worker.stage}-{worker.number}"
        return {
            "RECORDBUS_KAFKA__BOOTSTRAP_SERVERS": self._servers.bootstrap_servers,
            "RECORDBUS_REGISTRY__URL": self._servers.registry_url,
            "RECORDBUS_RUN_DIRECTORY": str(self._run_directory(who)),
            "RECORDBUS_IDENTIFIERS__KEY": SECRET.hex(),
            "RECORDBUS_STAGE__PARTITIONS": str(PARTITIONS),
            "RECORDBUS_STAGE__MEETING_PARTITIONS": str(self.meeting_partitions),
            "RECORDBUS_STAGE__EPOCH": str(self.epoch),
            "RECORDBUS_STAGE__SESSION_TIMEOUT_SECONDS": str(SESSION_SECONDS),
        }

    def _run_directory(self, who: str) -> Path:
        own = self.directory / f"{who}.{self.epoch}"
        own.mkdir(exist_ok=True)
        (own / "departments.yaml").write_text((self.directory / "departments.yaml").read_text())
        return own

    def _departments(self) -> None:
        contact = departments.Contact(unit="Records desk")
        known = [
            departments.Department(name=each.name, title=each.name, ori=each.ori, contact=contact)
            for each in PUBLISHERS.values()
        ]
        departments.save(self.directory / "departments.yaml", known)

    def specs(self) -> list[TopicSpec]:
        """Give every topic with as many partitions as it has here."""
        counts = {"records": PARTITIONS, "meetings": self.meeting_partitions}
        return list(catalog.topics().concrete(NAMES, counts))

    def make_topics(self) -> None:
        """Create every topic; what only its owner reads back is compacted as often as can be."""
        wanted = [Topic(s.name, s.partitions, config=_config(s)) for s in self.specs()]
        Admin(self._servers.connection).apply_topics(wanted)

    def rebuild(self, crash_at: str = "") -> int:
        """Run the command that rebuilds to the epoch of the settings; gives its exit code."""
        worker = Worker("rebuild", 0, self.directory / "rebuild.log")
        given = {**self.environment(worker), "RECORDBUS_CRASH_AT": crash_at}
        recordbus = str(Path(sys.executable).with_name("recordbus"))
        with worker.log.open("ab") as log:
            done = subprocess.run(
                [recordbus, "stage", "rebuild"],
                env={**os.environ, **given}, stdout=log, stderr=log, timeout=120, check=False,
            )  # fmt: skip
        return done.returncode

    def _schemas(self) -> dict[str, int]:
        registry = self._servers.schema_registry()
        found = {}
        for spec in self.specs():
            if spec.subject and spec.value_schema:
                text = catalog.self_contained_text(spec.value_schema)
                found[spec.name] = registry.register(spec.subject, text)
        registry.close()
        return found


def _config(spec: TopicSpec) -> dict[str, str]:
    own = {name: str(value) for name, value in spec.config.items()}
    return own | COMPACT_AT_ONCE if spec.name.endswith("-changelog") else own
