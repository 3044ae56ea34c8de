"""The numbers of commands that end: nothing is lost between them, and nothing else is in there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus import metrics
from recordbus.cli import command_named, run
from recordbus.errors import ExitCode
from recordbus.metrics import Sample, exposition, read_exposition
from recordbus.testing.clock import ManualClock
from recordbus.textfile import FILE, OF_COMMANDS, add_to_textfile, merged

RECORDS = "recordbus_ingest_records_total"
HELD = "recordbus_snapshot_rows_held"
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget a page that another test of this process opened."""
    monkeypatch.setattr(exposition, "_served", [])


def value(samples: Iterable[Sample], name: str, **labels: str) -> float:
    (found,) = [each.value for each in samples if (each.name, each.labels) == (name, labels)]
    return found


def in_file(directory: Path) -> list[Sample]:
    return read_exposition((directory / FILE).read_text())


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=8))
def test_counts_of_many_commands_add_up_and_the_last_gauge_stands(counts: list[int]) -> None:
    kept: list[Sample] = []
    for count in counts:
        said = [Sample(RECORDS, {"department": "d", "outcome": "durable"}, count),
                Sample(HELD, {"department": "d"}, count)]  # fmt: skip
        kept = [each for family in merged(kept, said).values() for each in family]

    assert value(kept, RECORDS, department="d", outcome="durable") == sum(counts)
    assert value(kept, HELD, department="d") == counts[-1]


def test_the_order_of_labels_means_nothing_and_workers_numbers_stay_out() -> None:
    earlier = [Sample(RECORDS, {"outcome": "durable", "department": "d"}, 2)]
    now = [
        Sample(RECORDS, {"department": "d", "outcome": "durable"}, 3),
        Sample("recordbus_stage_events_total", {"stage": "intake", "outcome": "done"}, 4),
        Sample("process_open_fds", {}, 5),
    ]

    (family,) = merged(earlier, now).values()
    assert [each.value for each in family] == [5]


def test_every_name_is_of_the_catalogue() -> None:
    assert {spec.name for spec in metrics.CATALOGUE} >= OF_COMMANDS


def test_a_file_is_read_back_added_to_and_says_when_a_command_ended(tmp_path: Path) -> None:
    """Histograms add up, too, and stay histograms for whoever reads the file."""
    before = metrics.sample("recordbus_search_seconds_count") or 0
    metrics.SEARCH_SECONDS.observe(0.02)
    metrics.INGEST_RECORDS_TOTAL.labels(department="d", outcome="durable").inc()
    for _ in range(2):
        add_to_textfile(tmp_path, "search", ExitCode.OK, ManualClock(NOW))

    found = in_file(tmp_path)
    assert value(found, "recordbus_search_seconds_count") == 2 * (before + 1)
    ended = {"command": "search", "exit_code": "0"}
    assert value(found, "recordbus_command_ended_timestamp_seconds", **ended) == NOW.timestamp()
    text = (tmp_path / FILE).read_text()
    assert "# TYPE recordbus_search_seconds histogram" in text
    assert "# TYPE recordbus_ingest_records_total counter" in text
    assert "process_" not in text
    assert sorted(path.name for path in tmp_path.iterdir()) == [f".{FILE}.lock", FILE]


def test_a_file_that_cannot_be_read_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("recordbus_search_seconds_count not a number\n")
    add_to_textfile(tmp_path, "search", ExitCode.OK, ManualClock(NOW))

    assert in_file(tmp_path)


def test_a_process_with_a_page_of_its_own_writes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "is_served", lambda: True)
    add_to_textfile(tmp_path, "index run", ExitCode.OK, ManualClock(NOW))

    assert list(tmp_path.iterdir()) == []


def test_commands_that_end_at_the_same_moment_are_all_counted(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from recordbus import metrics, textfile\n"
        "from recordbus.clock import SystemClock\n"
        "metrics.SEARCH_REQUESTS_TOTAL.labels(purpose='training', outcome='answered').inc()\n"
        "textfile.add_to_textfile(Path(sys.argv[1]), 'search', 0, SystemClock())\n"
    )
    commands = [[sys.executable, "-c", script, str(tmp_path)] for _ in range(4)]
    for process in [subprocess.Popen(command) for command in commands]:
        assert process.wait(60) == 0

    asked = {"purpose": "training", "outcome": "answered"}
    assert value(in_file(tmp_path), "recordbus_search_requests_total", **asked) == 4


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["publish", "csv", "search", "--mapping", "m"], "publish csv"),
        (["--config", "search", "topics", "list"], "topics list"),
        (["version"], "version"),
        (["no-such"], ""),
        ([], ""),
    ],
)
def test_a_command_is_named_by_its_words_and_never_by_what_it_was_given(
    arguments: list[str], name: str
) -> None:
    assert command_named(arguments) == name


def test_a_command_that_ends_leaves_its_numbers_where_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECORDBUS_METRICS__TEXTFILE_DIRECTORY", str(tmp_path))
    assert run(["version"]) == ExitCode.OK
    assert run(["search"]) != ExitCode.OK

    ended = {s.labels["command"]: s.labels["exit_code"] for s in in_file(tmp_path)
             if s.name == "recordbus_command_ended_timestamp_seconds"}  # fmt: skip
    assert ended["version"] == "0"
    assert ended["search"] != "0"


def test_a_folder_that_is_not_there_is_no_failure_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECORDBUS_METRICS__TEXTFILE_DIRECTORY", str(tmp_path / "gone"))
    assert run(["version"]) == ExitCode.OK

    (line,) = [json.loads(text) for text in capsys.readouterr().err.splitlines()]
    assert line["error"] == "FileNotFoundError"
