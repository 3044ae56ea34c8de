"""`recordbus quarantine` as people and programs meet it, without a bus."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer

from consumers.quarantined import cli
from consumers.quarantined.entry import Entry, standing
from recordbus import departments, metrics
from recordbus.cli import run
from recordbus.errors import ExitCode
from recordbus.kafka.message import Message
from recordbus.testing.audit import entries_in

TOPIC = "ingest.maple-grove-pd.v1"
CONTENT = b"jane roe, 12 elm street"


def as_it_is(value: Any) -> Any:
    return value


@pytest.fixture(autouse=True)
def log(
    said: Callable[..., Message], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[Message]:
    """Put three entries into the quarantine that the command reads."""
    messages = [
        said(24, key=b"5" * 64, value=CONTENT, detail="body.people.0.role is no role"),
        said(25, after_ms=1000, reason="truncated", detail="at byte 7"),
        said(26, after_ms=2000, department=None, reason="decoder_crash"),
    ]

    def read(_connection: Any, _registry: Any, *, bytes_of: str = "") -> list[Entry]:
        return standing(messages, as_it_is, bytes_of=bytes_of)

    monkeypatch.setattr(cli, "read_standing", read)
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("RECORDBUS_REGISTRY__URL", "mock://quarantine-command")
    return messages


def test_people_read_one_line_an_entry_when_piped(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quarantine", "list", "--department", "maple-grove-pd"]) == ExitCode.OK

    first, second, total = capsys.readouterr().out.splitlines()
    assert f"{TOPIC}/0/24  maple-grove-pd  unknown_role  body.people.0.role is no role" in first
    assert "truncated  at byte 7" in second
    assert total == "2 set aside"


def test_only_the_newest_are_listed_and_the_rest_are_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["quarantine", "list", "--limit", "1"]) == ExitCode.OK

    (line, total) = capsys.readouterr().out.splitlines()
    assert "decoder_crash" in line
    assert total == "3 set aside; these are the newest 1"


def test_programs_read_one_json_object_without_content(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quarantine", "list", "--reason", "unknown_role", "--json"]) == ExitCode.OK

    out = capsys.readouterr().out
    told = json.loads(out)
    assert told["total"] == 1
    (entry,) = told["entries"]
    assert (entry["position"], entry["record_key"]) == (f"{TOPIC}/0/24", "5" * 64)
    assert entry["size_bytes"] == len(CONTENT)
    assert entry["next"].startswith("Use a role")
    assert "jane" not in out


def test_a_summary_counts_by_department_and_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quarantine", "summary", "--json"]) == ExitCode.OK
    told = json.loads(capsys.readouterr().out)
    assert told["total"] == 3
    assert {(c["department"], c["reason"], c["entries"]) for c in told["counts"]} == {
        ("maple-grove-pd", "unknown_role", 1),
        ("maple-grove-pd", "truncated", 1),
        (None, "decoder_crash", 1),
    }
    assert run(["quarantine", "summary"]) == ExitCode.OK
    assert "maple-grove-pd  truncated  1" in capsys.readouterr().out


def test_a_summary_says_what_to_do_next_about_each_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["quarantine", "summary"]) == ExitCode.OK
    (line,) = [each for each in capsys.readouterr().out.splitlines() if "unknown_role" in each]
    assert line.endswith("Use a role of schemas/associations for this record kind.")
    assert run(["quarantine", "summary", "--json"]) == ExitCode.OK
    assert all(each["next"] for each in json.loads(capsys.readouterr().out)["counts"])


def test_a_summary_of_everything_is_left_as_a_number(
    tmp_path: Path, log: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A department whose entries are gone shows 0; a narrower question changes nothing."""
    folder = tmp_path / "textfile"
    folder.mkdir()
    monkeypatch.setenv("RECORDBUS_METRICS__TEXTFILE_DIRECTORY", str(folder))
    contact = departments.Contact(unit="Records desk")
    known = departments.Department(
        name="maple-grove-pd", title="Maple Grove", ori="ZZ0010100", contact=contact
    )
    departments.save(tmp_path / "departments.yaml", [known])

    assert run(["quarantine", "summary"]) == ExitCode.OK
    assert depth(folder) == {"maple-grove-pd": 2, "": 1}
    assert run(["quarantine", "summary", "--reason", "truncated"]) == ExitCode.OK
    assert depth(folder) == {"maple-grove-pd": 2, "": 1}
    log.clear()
    assert run(["quarantine", "summary"]) == ExitCode.OK
    assert depth(folder) == {"maple-grove-pd": 0, "": 0}


def depth(folder: Path) -> dict[str, float]:
    samples = metrics.read_exposition((folder / "recordbus-commands.prom").read_text())
    return {
        each.labels["department"]: each.value
        for each in samples
        if each.name == "recordbus_quarantine_entries"
    }


def test_one_entry_says_what_to_do_and_shows_no_content(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["quarantine", "show", f"{TOPIC}/0/24"]) == ExitCode.OK

    told = capsys.readouterr().out
    assert "reason       unknown_role" in told
    assert "next         Use a role of schemas/associations for this record kind." in told
    assert f"message      {len(CONTENT)} bytes, see --bytes" in told
    assert "jane" not in told


def test_bytes_are_saved_where_asked_and_read_by_whom_is_audited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "message"
    asked = ["quarantine", "show", f"{TOPIC}/0/24", "--bytes", str(file)]

    assert run(asked) == ExitCode.REFUSED
    assert "--requester" in capsys.readouterr().err
    assert not file.exists()

    assert run([*asked, "--requester", "J. Rowe"]) == ExitCode.OK
    assert file.read_bytes() == CONTENT
    captured = capsys.readouterr()
    assert "jane" not in captured.out + captured.err
    assert [each["requester"] for each in entries_in(tmp_path / "audit")] == ["J. Rowe"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["show", f"{TOPIC}/0/99"], ExitCode.MISCONFIGURED, "quarantine list"),
        (["list", "--reason", "no_such"], ExitCode.USAGE, "no_such"),
        (["list", "--since", "yesterday"], ExitCode.USAGE, "36h"),
        (["list", "--limit", "0"], ExitCode.USAGE, "limit"),
    ],
)
def test_what_cannot_be_answered_says_what_to_write_instead(
    arguments: list[str], code: ExitCode, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["quarantine", *arguments]) == code
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "ago"), [("30m", timedelta(minutes=30)), ("36h", timedelta(hours=36)),
                      ("7d", timedelta(days=7)), ("2w", timedelta(weeks=2))]
)  # fmt: skip
def test_since_may_be_a_while_ago(text: str, ago: timedelta) -> None:
    before = datetime.now(UTC)

    assert before - ago <= cli.since(text) <= datetime.now(UTC) - ago


def test_since_may_be_a_day_and_nothing_else() -> None:
    assert cli.since("2026-11-01") == datetime(2026, 11, 1, tzinfo=UTC)
    with pytest.raises(typer.BadParameter):
        cli.since("1.11.2026")
