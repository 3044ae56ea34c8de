"""`recordbus publish` from the first snapshot to an expunge, on a real Kafka."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recordbus.cli import run
from tests.integration.producers.conftest import MAPPING, Publishing


class Desk(Publishing):
    """A department's desk: its files, its settings and what its topic holds."""

    def write(self, **texts: str) -> Path:
        path = self.folder / "calls.csv"
        rows = [f"{number},2020-01-02,{text}" for number, text in texts.items()]
        path.write_text("\n".join(["NO,AT,TEXT", *rows]) + "\n")
        return path

    def run(self, *arguments: str) -> int:
        return run(["publish", *arguments, "--department", self.name])


@pytest.fixture
def desk(publishing: Publishing) -> Desk:
    (publishing.folder / "mine.yaml").write_text(MAPPING)
    return Desk(publishing.servers, publishing.folder, publishing.name)


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
