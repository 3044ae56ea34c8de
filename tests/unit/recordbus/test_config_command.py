"""`recordbus config`: for people in a table or lines, for programs as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console

from recordbus import cli, config_command
from recordbus.settings.origins import MASK, setting_fields


@pytest.fixture(autouse=True)
def _one_secret(monkeypatch: pytest.MonkeyPatch, clean_settings: Path, own_logs: None) -> None:
    """Set one secret, and nothing else."""
    monkeypatch.setenv("RECORDBUS_KAFKA__SASL_PASSWORD", "hunter2")


def test_show_prints_every_setting_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["config", "show", "--json"]) == 0

    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(rows) == {field.name for field in setting_fields()}
    assert rows["kafka.sasl_password"] == {
        "name": "kafka.sasl_password",
        "variable": "RECORDBUS_KAFKA__SASL_PASSWORD",
        "value": MASK,
        "origin": "RECORDBUS_KAFKA__SASL_PASSWORD",
    }


def test_show_prints_one_line_a_setting_when_piped(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["config", "show"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert "stage.gather_ms\t20\tdefault" in lines
    assert len(lines) == len(list(setting_fields()))


def test_show_prints_a_table_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Console(force_terminal=True, width=200, color_system=None)
    monkeypatch.setattr(config_command, "Console", lambda: terminal)

    assert cli.run(["config", "show"]) == 0

    text = capsys.readouterr().out
    assert "setting" in text.splitlines()[0]
    assert "hunter2" not in text


def test_check_accepts_good_settings(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["config", "check"]) == 0
    assert capsys.readouterr().out == "The settings are valid; 1 of them are not the default.\n"


def test_check_names_a_variable_that_sets_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECORDBUS_STAGGE__GATHER_MS", "3")

    assert cli.run(["config", "check"]) == 78
    assert "RECORDBUS_STAGGE__GATHER_MS" in capsys.readouterr().err


def test_check_names_a_wrong_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECORDBUS_STAGE__GATHER_MS", "soon")

    assert cli.run(["config", "check"]) == 78
    assert "RECORDBUS_STAGE__GATHER_MS" in capsys.readouterr().err
