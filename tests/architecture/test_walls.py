"""The walls of pyproject.toml hold here, and each of them would fall if somebody broke it."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("recordbus", "schemas", "producers", "streams", "consumers")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]

BREACHES = {
    "layers": ("recordbus/breach.py", "import producers"),
    "faust": ("consumers/breach.py", "import faust"),
    "kafka": ("streams/breach.py", "import confluent_kafka"),
    "metrics": ("streams/breach.py", "import prometheus_client"),
    "training": ("streams/breach.py", "import splink"),
    "sqlite": ("consumers/search/breach.py", "import apsw"),
    "web": ("producers/breach.py", "import fastapi"),
    "policy": ("consumers/search/breach.py", "import cedarpy"),
    "pictures": ("consumers/search/breach.py", "import networkx"),
    "settings": ("producers/breach.py", "import pydantic_settings"),
    "pure": ("recordbus/normalize/breach.py", "import time"),
}
"""For each contract one line that breaks it."""


def test_the_walls_hold() -> None:
    ended = _lint(ROOT)

    assert ended.returncode == 0, ended.stdout


def test_every_wall_is_tried() -> None:
    assert {contract["id"] for contract in CONTRACTS} == BREACHES.keys()


def test_a_project_without_breaches_passes(tmp_path: Path) -> None:
    _project(tmp_path)

    ended = _lint(tmp_path)

    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("contract", sorted(BREACHES))
def test_a_breach_brings_its_own_wall_down(tmp_path: Path, contract: str) -> None:
    _project(tmp_path)
    path, line = BREACHES[contract]
    (tmp_path / path).write_text(f"{line}\n", encoding="utf-8")

    ended = _lint(tmp_path)

    broken = [text for text in ended.stdout.splitlines() if " BROKEN" in text]
    assert ended.returncode == 1, ended.stdout
    assert len(broken) == 1, ended.stdout


def _project(root: Path) -> None:
    """Write empty packages with the modules that the contracts name."""
    named = {
        module.replace("*", "intake")
        for contract in CONTRACTS
        for key in ("source_modules", "forbidden_modules")
        for module in contract.get(key, ())
        if module.partition(".")[0] in PACKAGES
    }
    others = {"recordbus.metrics", "recordbus.settings.model", "consumers.search.engines"}
    for module in {*named, *others, *PACKAGES}:
        root.joinpath(*module.split(".")).mkdir(parents=True, exist_ok=True)
    for folder in [path for path in root.rglob("*") if path.is_dir()]:
        (folder / "__init__.py").touch()
    allowed = {
        "recordbus/metrics": "prometheus_client",
        "recordbus/settings/model": "pydantic_settings",
    }
    for path, module in allowed.items():
        (root / path / "__init__.py").write_text(f"import {module}\n", encoding="utf-8")
    (root / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())


def _lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=root,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
