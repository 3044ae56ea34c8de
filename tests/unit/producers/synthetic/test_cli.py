"""`recordbus synth` says what it wrote, for people and for programs."""

from __future__ import annotations

import csv
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


def test_people_csv_has_a_row_and_a_truth_for_every_named_person(tmp_path: Path) -> None:
    out = tmp_path / "county"
    arguments = ["--people", "300", "--out", str(out), "--people-csv", "--json"]
    result = CliRunner().invoke(synth, arguments)
    assert result.exit_code == 0
    rows = list(csv.DictReader((out / "people.csv").read_text("utf-8").splitlines()))
    truth = list(csv.DictReader((out / "truth" / "people-truth.csv").read_text().splitlines()))
    assert len(rows) == len(truth) == json.loads(result.stdout)["people_rows"] > 300
    assert [(r["source"], r["record_id"]) for r in rows] == [
        (t["source"], t["record_id"]) for t in truth
    ]
    assert {row["sex"] for row in rows} == {"F", "M"}
    assert {"race", "ethnicity", "country_of_birth"} & rows[0].keys() == set()
