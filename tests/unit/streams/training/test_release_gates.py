"""A model that breaks a release gate is named with the gate, and is not used for a release."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from recordbus.errors import Misconfigured
from streams.resolution.model import Model
from streams.resolution.model_gates import U_FLOORS, broken_gates
from streams.shipped_models import shipped
from streams.training.cli import resolution


def changed(*path: str, to: float) -> Model:
    raw: dict[str, Any] = deepcopy(shipped("person").raw)
    part = raw
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = to
    return Model(raw)


def test_the_shipped_model_passes_and_says_how_it_was_made() -> None:
    model = shipped("person")

    assert broken_gates(model) == []
    assert model.raw["gates"]["parity"]["pairs"] >= 10_000
    assert model.raw["trained_on"]["records"] > 50_000
    assert model.raw["trained_on"]["splink"].startswith("4.")


@pytest.mark.parametrize("kind", ["vehicle", "organisation"])
def test_the_models_set_by_hand_pass(kind: str) -> None:
    assert broken_gates(shipped(kind)) == []


@pytest.mark.parametrize(("field", "level"), sorted(U_FLOORS))
def test_a_coincidence_rarer_than_its_floor_is_not_believed(field: str, level: str) -> None:
    floor = U_FLOORS[field, level]

    broken = broken_gates(changed("fields", field, level, "u", to=floor / 2))

    assert any(each.startswith(f"{field}.{level} has u = ") for each in broken)


def test_near_agreement_never_weighs_more_than_agreement() -> None:
    broken = broken_gates(changed("fields", "surname", "near", "m", to=0.99))

    assert "surname.near weighs more than the level before it" in broken


def test_a_rare_name_is_no_proof() -> None:
    broken = broken_gates(changed("term_frequency", "surname", "minimum_u", to=1e-6))

    assert broken == ["the least frequency of surname is 1e-06, under 0.0001"]


def test_thresholds_come_in_their_order() -> None:
    broken = broken_gates(changed("thresholds", "possible", to=50.0))

    assert broken == ["the thresholds are not possible < same, and same above 0"]


def test_check_says_what_is_broken_and_fails(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps(shipped("person").raw))
    bad.write_text(json.dumps(changed("thresholds", "possible", to=50.0).raw))

    passed = CliRunner().invoke(resolution, ["check", str(good)])
    failed = CliRunner().invoke(resolution, ["check", str(bad), "--json"])

    assert (passed.exit_code, failed.exit_code) == (0, 1)
    assert passed.stdout.endswith("passes the release gates\n")
    assert shipped("person").hash in passed.stdout
    assert json.loads(failed.stdout)["broken"] == [
        "the thresholds are not possible < same, and same above 0"
    ]


def test_training_without_splink_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.training.cli.importlib.util.find_spec", lambda _: None)
    out = tmp_path / "model.json"
    arguments = ["train", "x.csv", "--output", str(out), "--version", "v", "--says", "s"]

    ended = CliRunner().invoke(resolution, arguments)

    assert isinstance(ended.exception, Misconfigured)
    assert "`train`" in str(ended.exception)
    assert not out.exists()
