"""Where settings come from, which wins, and what a wrong one says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from recordbus.errors import Misconfigured
from recordbus.settings import Settings, load

WriteConfig = Callable[[str], Path]


@pytest.fixture(autouse=True)
def _clean(clean_settings: Path) -> None:
    """Start each test without variables of ours, in an empty directory."""


def test_without_anything_set_the_local_default_holds() -> None:
    settings = load()

    assert settings.kafka.bootstrap_servers == "127.0.0.1:9092"
    assert settings.stage.batch_max_events == 500
    assert settings.index_path() == Path("run/index/records.sqlite")


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(
    monkeypatch: pytest.MonkeyPatch, write_config: WriteConfig
) -> None:
    write_config('[stage]\ngather_ms = 5\nbatch_max_events = 100\nstore = "rocksdb"\n')
    monkeypatch.setenv("RECORDBUS_STAGE__BATCH_MAX_EVENTS", "50")

    stage = load().stage

    assert (stage.gather_ms, stage.batch_max_events, stage.store) == (5, 50, "rocksdb")
    assert stage.fetch_wait_ms == 500


def test_a_file_named_by_the_variable_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named = tmp_path / "other.toml"
    named.write_text('run_directory = "/srv/bus"\n', encoding="utf-8")
    monkeypatch.setenv("RECORDBUS_CONFIG", str(named))

    settings = load()

    assert settings.state_path() == Path("/srv/bus/state")
    assert settings.departments_path() == Path("/srv/bus/departments.yaml")
    assert settings.audit_directory() == Path("/srv/bus/audit")
    assert settings.identifier_key_path() == Path("/srv/bus/identifiers.key")


def test_a_named_file_that_is_missing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDBUS_CONFIG", "/nowhere/bus.toml")

    with pytest.raises(Misconfigured, match=r"/nowhere/bus\.toml does not exist"):
        load()


def test_a_file_that_is_not_toml_is_an_error_that_shows_how_it_looks(
    write_config: WriteConfig,
) -> None:
    write_config("kafka: {}\n")

    with pytest.raises(Misconfigured, match=r"recordbus\.toml cannot be read.*\[kafka\]"):
        load()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("RECORDBUS_STAGE__GATHER_MS", "soon", r"stage\.gather_ms .*; for example 20"),
        ("RECORDBUS_STAGE__STORE", "paper", r"stage\.store .*; for example rocksdb"),
        ("RECORDBUS_METRICS__PORT", "70000", r"metrics\.port .*; for example 9100"),
        ("RECORDBUS_KAFKA__BOOTSTRAP_SERVERS", "", r"kafka\.bootstrap_servers .*kafka-1:9092"),
        ("RECORDBUS_REGISTRY__URL", "registry:8081", r"registry\.url .*https://"),
        ("RECORDBUS_DEPARTMENT__ORI", "short", r"department\.ori .*ZZ0010100"),
        ("RECORDBUS_INDEX__FOO", "1", r"index\.foo .*no such setting"),
        ("RECORDBUS_KAFKA__SECURITY_PROTOCOL", "SASL_SSL", "needs sasl_mechanism"),
        ("RECORDBUS_KAFKA", "localhost", "set field by field"),
    ],
)
def test_a_wrong_value_names_the_setting_the_variable_and_an_example(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)

    with pytest.raises(Misconfigured, match=said) as caught:
        load()
    assert variable.removesuffix("__SECURITY_PROTOCOL") in str(caught.value)


def test_all_wrong_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDBUS_STAGE__GATHER_MS", "soon")
    monkeypatch.setenv("RECORDBUS_STAGE__PARTITIONS", "0")

    with pytest.raises(Misconfigured, match=r"(?s)gather_ms.*partitions"):
        load()


def test_a_wrong_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDBUS_KAFKA__SASL_PASSWORD", "hunter2-canary")
    monkeypatch.setenv("RECORDBUS_KAFKA__SECURITY_PROTOCOL", "SASL_SSL")

    with pytest.raises(Misconfigured) as caught:
        load()
    assert "hunter2" not in str(caught.value)


def test_printing_settings_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECORDBUS_KAFKA__SASL_PASSWORD", "hunter2-canary")
    monkeypatch.setenv("RECORDBUS_REGISTRY__PASSWORD", "hunter2-canary")
    monkeypatch.setenv("RECORDBUS_IDENTIFIERS__KEY", "hunter2-canary")

    assert "hunter2" not in repr(load())


def test_settings_do_not_change_while_a_process_runs() -> None:
    settings = Settings()

    with pytest.raises(ValueError, match="frozen"):
        settings.stage.gather_ms = 7
