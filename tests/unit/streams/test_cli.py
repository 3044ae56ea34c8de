"""`recordbus stage`: what there is to run, and what it says when it cannot."""

from __future__ import annotations

import json

import pytest

from recordbus.cli import run
from recordbus.errors import ExitCode
from schemas import catalog
from streams.catalogue import STAGES
from streams.runtime.tenure import changelog_topic


def test_the_stages_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["stage", "list"]) == ExitCode.OK
    assert capsys.readouterr().out.startswith("intake ")
    assert run(["stage", "list", "--json"]) == ExitCode.OK
    assert set(json.loads(capsys.readouterr().out)) == set(STAGES)


def test_an_unknown_stage_is_named_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["stage", "run", "nonsense"]) == ExitCode.MISCONFIGURED
    said = capsys.readouterr().err
    assert "nonsense" in said
    assert "intake" in said


def test_an_unknown_crash_point_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECORDBUS_CRASH_AT", "nowhere:1")
    assert run(["stage", "run", "intake"]) == ExitCode.MISCONFIGURED
    assert "nowhere" in capsys.readouterr().err


@pytest.mark.parametrize("stage", STAGES)
def test_every_stage_has_its_changelog_in_the_catalogue(stage: str) -> None:
    assert catalog.topics().spec(changelog_topic(stage)).kind == "table"
