"""`recordbus synth` says what it wrote, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from producers.synthetic.cli import synth


def test_json_is_one_object_with_the_manifest(tmp_path: Path) -> None:
    out = tmp_path / "county"
    arguments = ["--people", "300", "--seed", "4", "--out", str(out), "--json"]
    result = CliRunner().invoke(synth, arguments)
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    manifest = json.loads((out / "truth" / "manifest.json").read_text("utf-8"))
    assert {key: printed[key] for key in manifest} == manifest
    assert printed["elapsed_seconds"] > 0


def test_people_get_a_table(tmp_path: Path) -> None:
    arguments = ["--people", "300", "--out", str(tmp_path / "county"), "--snapshots", "2"]
    result = CliRunner().invoke(synth, arguments)
    assert result.exit_code == 0
    for name in ("harbor-city-pd", "millbrook-pd", "alder-county-so", "alder-county-court"):
        assert name in result.stdout
    assert "records/s" in result.stdout


def test_nobody_is_a_usage_error(tmp_path: Path) -> None:
    result = CliRunner().invoke(synth, ["--people", "0", "--out", str(tmp_path / "county")])
    assert result.exit_code == 2
    assert not (tmp_path / "county").exists()
