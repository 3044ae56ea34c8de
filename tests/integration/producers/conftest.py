"""A department with a topic of its own, its settings in place, and what its topic holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from recordbus.kafka.admin import Admin
from recordbus.kafka.catalogue import register_all, wanted_topics
from recordbus.kafka.codec import Decoder
from recordbus.kafka.consumer import LogReader

if TYPE_CHECKING:
    from recordbus.local.servers import LocalServers

MAPPING = """
mapping: mine
title: Mine
source: {withdraw_ratio: 0.5}
exports:
  calls:
    record_kind: service_call
    key: [NO]
    recorded_at: {column: AT, dates: ["%Y-%m-%d"]}
    body: {narrative: TEXT}
"""


class Publishing:
    """A department that publishes: a folder of its own and its name on the bus."""

    def __init__(self, servers: LocalServers, folder: Path, name: str) -> None:
        self.servers, self.folder, self.name = servers, folder, name

    def held(self) -> list[dict[str, Any]]:
        """Give all that its topic holds, in order."""
        topic = f"ingest.{self.name}.v1"
        registry = self.servers.schema_registry()
        decoder = Decoder(registry, f"{topic}-value")
        reader = LogReader(self.servers.connection)
        reader.assign({(topic, 0): 0})
        found = []
        while not reader.at_end():
            found += [decoder.decode(message.value) for message in reader.consume(1000, 0.5)]
        reader.close()
        registry.close()
        return found


@pytest.fixture
def publishing(
    local_servers: LocalServers,
    topic_names: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Publishing:
    """Give a department nobody else has, which the commands of this process speak for."""
    name = topic_names("publishing").replace(".", "-")
    Admin(local_servers.connection).apply_topics(wanted_topics([name]))
    registry = local_servers.schema_registry()
    register_all(registry, [name])
    registry.close()
    settings = {
        "DEPARTMENT__NAME": name,
        "DEPARTMENT__ORI": "ZZ0000100",
        "DEPARTMENT__SECRET": "5" * 64,
        "DEPARTMENT__CONTACT_UNIT": "Records",
        "KAFKA__BOOTSTRAP_SERVERS": local_servers.bootstrap_servers,
        "REGISTRY__URL": local_servers.registry_url,
        "RUN_DIRECTORY": str(tmp_path / "run"),
    }
    for key, value in settings.items():
        monkeypatch.setenv(f"RECORDBUS_{key}", value)
    monkeypatch.chdir(tmp_path)
    return Publishing(local_servers, tmp_path, name)
