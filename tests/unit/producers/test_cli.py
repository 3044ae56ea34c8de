"""`recordbus publish` and `recordbus mapping`, as far as they go without a broker."""

from __future__ import annotations

import json
import socket
import urllib.request
from pathlib import Path

import pytest

from producers.connectors.csv_snapshot import DifferState
from recordbus.cli import run
from recordbus.clock import SystemClock

HEADER = "fc_num,contact_date,street,city,state,zip,stop_duration,circumstance,basis,vehicle_year,"
HEADER += (
    "vehicle_state,vehicle_model,vehicle_color,vehicle_style,vehicle_type,key_situations,weather"
)


@pytest.fixture
def department(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of one department; gives the run directory."""
    monkeypatch.chdir(tmp_path)
    settings = {"NAME": "test-pd", "ORI": "ZZ0000100", "SECRET": "5" * 64, "CONTACT_UNIT": "Unit"}
    for name, value in settings.items():
        monkeypatch.setenv(f"RECORDBUS_DEPARTMENT__{name}", value)
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path / "run"))
    return tmp_path


def export(folder: Path, *numbers: int) -> Path:
    path = folder / "contacts.csv"
    rows = [f"FC{n:08d},2020-01-01 00:00:00,,BOSTON,MA,02128,,,Encounter,,,,,,,," for n in numbers]
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def publish(path: Path, *options: str) -> int:
    names = ("--mapping", "boston-field-contacts", "--department", "test-pd")
    return run(["publish", "csv", str(path), *names, *options])


def test_a_dry_run_gives_the_account_as_json(
    department: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish(export(department, 1, 2, 2, 3), "--dry-run", "--json") == 0
    account = json.loads(capsys.readouterr().out)["accounts"][0]
    assert (account["read"], account["accepted"], account["duplicates"]) == (4, 3, 1)
    assert account["ending"] == "dry_run"
    assert not (department / "run").exists()


def test_a_dry_run_names_what_is_refused(
    department: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = export(department, 1)
    path.write_text(path.read_text().replace("Encounter", "Hunch"))
    assert publish(path, "--dry-run") == 0
    told = capsys.readouterr().out
    assert "read 1 = accepted 0 + unchanged 0 + duplicates 0 + refused 1" in told
    assert "contacts.csv:2 unknown_basis" in told
    assert "Hunch" not in told


def test_a_refused_file_ends_with_its_code(
    department: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = export(department, 1)
    path.write_text('fc_num\n"1\n')
    assert publish(path, "--dry-run") == 65
    assert "missing_column" in capsys.readouterr().err


def test_a_second_run_at_the_same_time_is_told_to_wait(
    department: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = department / "run" / "producers" / "test-pd.sqlite"
    with DifferState(state, SystemClock()):
        assert publish(export(department, 1), "--dry-run") == 69
    assert "another process is publishing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--mapping", "nothing", "--department", "test-pd"], "boston-field-contacts"),
        (["--mapping", "boston-field-contacts", "--department", "other"], "RECORDBUS_DEPARTMENT"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(
    department: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    path = export(department, 1)
    assert run(["publish", "csv", str(path), *arguments, "--dry-run"]) == 78
    assert says in capsys.readouterr().err


def test_an_unknown_kind_lists_the_kinds(
    department: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--department", "test-pd", "--kind", "party", "--reason", "x"]
    assert run(["publish", "seal", "C-1", *arguments]) == 78
    assert "service_call" in capsys.readouterr().err


def test_a_mapping_is_checked_with_line_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mapping: mine\ntitle: Mine\nexports:\n  a:\n    record_kind: arest\n")
    assert run(["mapping", "check", str(path)]) == 78
    told = capsys.readouterr().err
    assert f"{path}:4: `exports.a.key` is missing" in told
    assert run(["mapping", "check", "boston-field-contacts"]) == 0
    assert "is sound: field-contacts (field_contact)" in capsys.readouterr().out


def test_every_shipped_mapping_is_sound(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["mapping", "list"]) == 0
    names = [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]
    assert "boston-field-contacts" in names
    for name in names:
        assert run(["mapping", "check", name]) == 0
        assert "warning" not in capsys.readouterr().out


def test_a_list_of_actions_is_read_whole_before_the_first(
    department: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = department / "actions.jsonl"
    good = '{"verb": "seal", "record_kind": "arrest", "record_id": "A-1"}'
    path.write_text(f'{good}\n{{"verb": "burn", "record_kind": "arrest", "record_id": "A-2"}}\n')
    names = ["--mapping", "boston-field-contacts", "--department", "test-pd"]
    assert run(["publish", "actions", str(path), *names]) == 65
    assert "line 2 of the list is wrong: verb" in capsys.readouterr().err


def test_a_long_run_shows_its_metrics_while_it_lasts(
    department: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    pages: list[str] = []

    def read_page(*_arguments: object) -> list[object]:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            pages.append(answer.read().decode())
        return []

    monkeypatch.setattr("producers.session.Session.publish_path", read_page)
    assert publish(export(department, 1), "--dry-run", "--metrics-port", str(port)) == 0

    assert "recordbus_ingest_ack_seconds_count" in pages[0]
    with socket.create_server(("127.0.0.1", port)):
        """The port is free again."""
