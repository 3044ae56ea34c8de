"""Only composition roots read the environment or the settings; every variable of ours is known."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from recordbus.settings.origins import OTHER_VARIABLES, setting_fields

ROOT = Path(__file__).parents[2]
PACKAGES = ("recordbus", "schemas", "producers", "streams", "consumers")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

READS_SETTINGS = re.compile(
    r"recordbus/(settings/.*|cli\.py|config_command\.py|local/.*)"
    r"|(.*/)?(cli|app|main)\.py|.*/(cli|commands)/.*\.py|.*_command\.py"
)
"""Composition roots: command lines, workers' apps, and what starts them."""

KNOWN = {field.variable for field in setting_fields()} | OTHER_VARIABLES.keys()
VARIABLE = re.compile(r"RECORDBUS_[A-Z0-9_]*[A-Z0-9]")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_composition_roots_load_settings(path: Path) -> None:
    name = str(path.relative_to(ROOT))
    if READS_SETTINGS.fullmatch(name):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    loads = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module in {"recordbus.settings", "recordbus.settings.model"}
        and any(alias.name == "load" for alias in node.names)
    ]
    assert loads == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_variable_that_the_code_names_is_a_known_one(path: Path) -> None:
    named = set(VARIABLE.findall(path.read_text(encoding="utf-8")))

    assert named <= KNOWN
