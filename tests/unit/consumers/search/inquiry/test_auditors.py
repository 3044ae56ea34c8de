"""Whoever reads the audit cannot search, by any command and by nobody's account (R-42)."""

from __future__ import annotations

from pathlib import Path

import pytest

from recordbus.audit.roles import AUDITOR_CANNOT_SEARCH
from recordbus.cli import run
from recordbus.errors import ExitCode
from recordbus.testing.audit import entries_in
from tests.unit.consumers.search.inquiry.conftest import County
from tests.unit.consumers.search.inquiry.test_inquiry_cli import ASK, COMMANDS, town

__all__ = ["town"]

SEARCHES = {**COMMANDS, "search": ["search", "Leigh"], "search --json": ["search", "x", "--json"]}
AS_AUDITOR = {
    "by name": [*ASK[:-1], "auditor.weiss"],
    "however it is written": [*ASK[:-1], " Auditor.WEISS "],
    "through somebody else": [*ASK, "--on-behalf-of", "auditor.weiss"],
}


@pytest.fixture
def auditors(town: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDBUS_AUDIT__AUDITORS", "auditor.weiss")


@pytest.mark.usefixtures("auditors")
@pytest.mark.parametrize("who", AS_AUDITOR)
@pytest.mark.parametrize("command", SEARCHES)
def test_an_auditor_searches_by_no_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: str, who: str
) -> None:
    assert run([*SEARCHES[command], *AS_AUDITOR[who]]) == ExitCode.REFUSED

    told = capsys.readouterr()
    assert told.out == ""
    assert "an auditor reads the audit and cannot search" in told.err
    (entry,) = entries_in(tmp_path / "audit")
    assert (entry["outcome"], entry["reasons"]) == ("refused", [AUDITOR_CANNOT_SEARCH])
    assert not {"records", "entities", "total"} & entry.keys()
    assert not (tmp_path / "net.html").exists()


@pytest.mark.usefixtures("auditors")
def test_what_an_investigator_asked_is_what_the_auditor_reads(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The two roles meet in the log only: one leaves entries there, the other reads them."""
    assert run([*SEARCHES["search"], *ASK]) == ExitCode.OK
    capsys.readouterr()
    weiss = ["--requester", "auditor.weiss"]

    assert run(["audit", "sample", "1", "--seed", "1", *weiss]) == ExitCode.OK
    assert "asked text: Leigh" in capsys.readouterr().out
    assert run(["audit", "checkpoint"]) == ExitCode.OK
    assert run(["audit", "verify"]) == ExitCode.OK
    assert run(["audit", "export", "--output", "all.jsonl", *weiss]) == ExitCode.OK
    commands = [entry["command"] for entry in entries_in(tmp_path / "audit")]
    assert commands == ["search", "audit.sample", "audit.export"]
