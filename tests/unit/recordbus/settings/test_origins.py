"""Every setting is documented, and `config show` says where each value came from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import TypeAdapter
from pydantic.fields import FieldInfo

from recordbus.settings import load
from recordbus.settings.origins import (
    MASK,
    SettingField,
    Shown,
    lines_of,
    setting_fields,
    shown,
    unknown_variables,
)

FIELDS = list(setting_fields())
WriteConfig = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _clean(clean_settings: Path) -> None:
    """Start each test without variables of ours, in an empty directory."""


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_setting_says_what_it_means_and_gives_a_valid_example(field: SettingField) -> None:
    info: FieldInfo = field.info

    assert info.description
    assert info.description.endswith(".")
    assert info.examples
    checked: TypeAdapter[object] = TypeAdapter(info.rebuild_annotation())
    checked.validate_python(info.examples[0])


def test_every_origin_is_told(monkeypatch: pytest.MonkeyPatch, write_config: WriteConfig) -> None:
    write_config('# ours\nrun_directory = "here"\n\n[kafka]\nsasl_username = "me"\n')
    monkeypatch.setenv("RECORDBUS_STAGE__GATHER_MS", "7")
    monkeypatch.setenv("recordbus_stage__epoch", "2")

    rows = _rows()

    assert rows["stage.gather_ms"].origin == "RECORDBUS_STAGE__GATHER_MS"
    assert rows["stage.epoch"].origin == "RECORDBUS_STAGE__EPOCH"
    assert rows["run_directory"].origin == "recordbus.toml:2"
    assert rows["kafka.sasl_username"].origin == "recordbus.toml:5"
    assert rows["kafka.bootstrap_servers"].origin == "default"
    assert rows["stage.gather_ms"].value == 7
    assert rows["kafka.sasl_username"].value == "me"


def test_a_value_whose_line_is_hard_to_find_still_names_its_file(
    write_config: WriteConfig,
) -> None:
    write_config('kafka = { sasl_username = "me" }\n')

    assert _rows()["kafka.sasl_username"].origin == "recordbus.toml"


def test_a_secret_is_masked_and_an_absent_one_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDBUS_KAFKA__SASL_PASSWORD", "hunter2")

    rows = _rows()

    assert rows["kafka.sasl_password"].value == MASK
    assert rows["registry.password"].value is None


def test_a_mistyped_variable_is_found() -> None:
    environment = {
        "RECORDBUS_KAFKAA__BOOTSTRAP_SERVERS": "x",
        "RECORDBUS_CONFIG": "y",
        "RECORDBUS_METRICS__PORT": "1",
        "PATH": "z",
    }

    assert unknown_variables(environment) == ["RECORDBUS_KAFKAA__BOOTSTRAP_SERVERS"]


def test_lines_are_found_under_their_tables() -> None:
    text = "a = 1\n[b]\n# c = 0\nc = 2\n[ \"d\" ]\n'e' = 3\nf.g = 4\nno assignment\n"

    assert lines_of(text) == {("a",): 1, ("b", "c"): 4, ("d", "e"): 6, ("d", "f", "g"): 7}


def _rows() -> dict[str, Shown]:
    return {row.name: row for row in shown(load())}
