"""What is installed from the wheel is complete, alone, and works without the checkout."""

from __future__ import annotations

import json
import zipfile
from typing import Any

import pytest

from recordbus.cli import GROUP
from tests.wheel.conftest import ROOT, UV, Installed, locked, needed_names

PACKAGES = ("recordbus", "schemas", "producers", "streams", "consumers")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),  # the first time, packages are downloaded
]


def test_the_wheel_holds_every_file_of_the_five_packages_and_nothing_else(
    installed: Installed,
) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    wanted = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    assert held == wanted
    assert {f"{package}/py.typed" for package in PACKAGES} <= held


def test_our_five_names_are_owned_once(installed: Installed) -> None:
    owners = _python(
        installed,
        "import json, importlib.metadata as m\nprint(json.dumps(m.packages_distributions()))",
    )

    assert {name: owners[name] for name in PACKAGES} == {name: ["recordbus"] for name in PACKAGES}


def test_what_is_installed_is_all_that_is_needed(installed: Installed) -> None:
    checked = installed.run(str(UV), "pip", "check", "--python", "bin/python")

    assert checked.returncode == 0, checked.stderr


def test_every_module_can_be_imported_without_the_tools_of_development(
    installed: Installed,
) -> None:
    failed = _python(installed, IMPORT_EVERYTHING)

    assert failed == {}


def test_data_files_can_be_read_from_where_they_are_installed(installed: Installed) -> None:
    counted = _python(installed, READ_THE_DATA)

    assert counted["at"].startswith(str(installed.environment.resolve()))
    assert counted["kinds"] == 14
    assert counted["schemas"] > 40
    assert min(counted.pop(key) for key in ("codes", "topics", "reasons", "bases", "yaml")) > 3


def test_the_command_runs_and_every_part_of_it_can_be_loaded(installed: Installed) -> None:
    ended = installed.run("recordbus", "--help")
    points = _python(
        installed,
        "import json, importlib.metadata as m\n"
        f"print(json.dumps([p.name for p in m.entry_points(group={GROUP!r})]))",
    )

    assert ended.returncode == 0, ended.stderr
    assert "Cannot be loaded" not in ended.stdout
    shown = {line.split()[0] for line in ended.stdout.splitlines() if line.startswith("  ")}
    assert set(points) <= shown
    assert points


def test_only_what_runs_is_installed() -> None:
    """The development extra is no part of it, and the lock knows everything else."""
    names = needed_names()

    assert {"confluent-kafka", "psycopg-binary", "opensearch-py"} <= names
    assert not {"pytest", "mypy", "ruff", "hypothesis", "uv"} & names
    assert all("--hash=sha256:" in entry for entry in locked(names))


def _python(installed: Installed, code: str) -> Any:
    ended = installed.run("python", "-I", "-c", code)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


OF_EXTRAS = ("streams.training.estimation",)
"""Modules that need an extra which is not installed with the others: `train`."""

IMPORT_EVERYTHING = f"""
import importlib, json, pkgutil
failed = {{}}
for name in {PACKAGES!r}:
    package = importlib.import_module(name)
    for found in pkgutil.walk_packages(package.__path__, name + "."):
        if found.name.startswith("recordbus.testing") or found.name.endswith("__main__"):
            continue
        if found.name in {OF_EXTRAS!r}:
            continue
        try:
            importlib.import_module(found.name)
        except BaseException as error:
            failed[found.name] = repr(error)
print(json.dumps(failed))
"""

READ_THE_DATA = """
import json
from importlib.resources import files
from schemas import catalog
import schemas

def count(folder):
    return sum(
        count(x) if x.is_dir() else bool(x.read_bytes()) and x.name.endswith(".yaml")
        for x in folder.iterdir()
    )

print(json.dumps({
    "at": schemas.__file__,
    "kinds": len(catalog.association_rules()),
    "schemas": sum(bool(catalog.avro_schema(name)) for name in catalog.full_names()),
    "codes": sum(bool(catalog.code_list(name).codes) for name in catalog.code_list_names()),
    "topics": len(catalog.topics().specs),
    "reasons": len(catalog.reasons()),
    "bases": len(catalog.basis_table()),
    "yaml": count(files("producers")),
}))
"""
