"""`recordbus publish` from the first snapshot to an expunge, on a real Kafka."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from recordbus.cli import run
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


class Desk:
    """A department's desk: its files, its settings and what its topic holds."""

    def __init__(self, servers: LocalServers, folder: Path, name: str) -> None:
        self._servers = servers
        self.folder, self.name = folder, name
        (folder / "mine.yaml").write_text(MAPPING)

    def write(self, **texts: str) -> Path:
        path = self.folder / "calls.csv"
        rows = [f"{number},2020-01-02,{text}" for number, text in texts.items()]
        path.write_text("\n".join(["NO,AT,TEXT", *rows]) + "\n")
        return path

    def run(self, *arguments: str) -> int:
        return run(["publish", *arguments, "--department", self.name])

    def held(self) -> list[dict[str, Any]]:
        topic = f"ingest.{self.name}.v1"
        registry = self._servers.schema_registry()
        decoder = Decoder(registry, f"{topic}-value")
        reader = LogReader(self._servers.connection)
        reader.assign({(topic, 0): 0})
        found = []
        while not reader.at_end():
            found += [decoder.decode(message.value) for message in reader.consume(1000, 0.5)]
        reader.close()
        registry.close()
        return found


@pytest.fixture
def desk(
    local_servers: LocalServers,
    topic_names: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    name = topic_names("desk").replace(".", "-")
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
    return Desk(local_servers, tmp_path, name)


def test_a_department_publishes_corrects_seals_disputes_and_expunges(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(desk.write(A="one", B="two", C="three"))
    use = ("--mapping", "mine.yaml")
    record = ("--kind", "service_call")
    assert desk.run("csv", path, *use, "--json") == 0
    account = json.loads(capsys.readouterr().out)["accounts"][0]
    assert (account["read"], account["accepted"], account["ending"]) == (3, 3, "published")

    desk.write()
    assert desk.run("csv", path, *use) == 77
    assert "--approve" in capsys.readouterr().err

    desk.write(A="one", B="two", C="three")
    assert desk.run("seal", "A", *record, "--reason", "court_order", "--json") == 0
    assert desk.run("csv", path, *use) == 0
    assert desk.run("unseal", "A", *record, *use, "--from", path) == 0
    about = ("--statement", "S-1", "--dispute-id", "d1")
    assert desk.run("dispute", "B", *record, *use, "--from", path, *about) == 0
    resolve = ("--dispute-id", "d1")
    assert desk.run("resolve-dispute", "B", *record, *use, "--from", path, *resolve) == 0
    assert desk.run("withdraw", "C", *record, "--reason", "published_by_mistake") == 0
    assert desk.run("expunge", "A", *record, "--reason", "court_order") == 0
    assert desk.run("seal", "A", *record, "--reason", "court_order") == 77

    statuses = [(c["status"], c["body"] and c["body"]["record_id"]) for c in desk.held()]
    assert statuses == [
        ("live", "A"),
        ("live", "B"),
        ("live", "C"),
        ("sealed", None),
        ("live", "A"),
        ("live", "B"),
        ("live", "B"),
        ("withdrawn", None),
        ("expunged", None),
    ]
    by_key: dict[str, list[int]] = {}
    for change in desk.held():
        by_key.setdefault(change["record_key"], []).append(change["source_seq"])
    assert all(numbers == sorted(set(numbers)) for numbers in by_key.values())


def test_a_list_of_actions_may_be_carried_out_twice(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(desk.write(A="one", B="two"))
    use = ("--mapping", "mine.yaml")
    assert desk.run("csv", path, *use) == 0
    actions = desk.folder / "actions.jsonl"
    verbs = [("seal", "A"), ("unseal", "A"), ("expunge", "B")]
    actions.write_text(
        "\n".join(
            json.dumps({"verb": verb, "record_kind": "service_call", "record_id": number})
            for verb, number in verbs
        )
    )
    for _ in range(2):
        assert desk.run("actions", str(actions), *use, "--from", path) == 0
    newest = {c["record_key"]: c["status"] for c in desk.held()}
    assert sorted(newest.values()) == ["expunged", "live"]
    assert desk.run("csv", path, *use) == 0
    assert "resurrection_attempt" in capsys.readouterr().out
