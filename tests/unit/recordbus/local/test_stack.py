"""What the stack decides without starting anything: secrets, settings file, addresses."""

from __future__ import annotations

import stat
import sys
import tomllib
from pathlib import Path

import pytest

from recordbus import departments
from recordbus.departments import Contact, Department
from recordbus.errors import Misconfigured
from recordbus.local.cli import planned
from recordbus.local.run_directory import RunDirectory
from recordbus.local.stack import (
    local_port,
    ready_departments,
    ready_token_keys,
    write_config,
)
from recordbus.local.workers import (
    FEEDS,
    GATEWAY,
    PORTAL,
    WORKERS,
    Worker,
    wanted_workers,
    worker_spec,
)
from recordbus.settings import load
from recordbus.web.keyring import read_keys

PD = Department(
    name="river-pd", title="River PD", ori="ZZ0010100", contact=Contact(unit="Records Division")
)


def test_a_first_run_begins_with_an_empty_departments_file(tmp_path: Path) -> None:
    ready_departments(tmp_path / "departments.yaml")

    assert departments.load(tmp_path / "departments.yaml").names == ()


def test_a_department_without_a_secret_gets_one_that_stays(tmp_path: Path) -> None:
    path = tmp_path / "departments.yaml"
    departments.save(path, [PD])

    ready_departments(path)
    secret = departments.load(path).named("river-pd").secret()
    ready_departments(path)

    found = departments.load(path).named("river-pd")
    assert found.secret() == secret
    assert found.secret_file is not None
    assert stat.S_IMODE(found.secret_file.stat().st_mode) == 0o600


def test_other_commands_find_the_bus_by_its_settings_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunDirectory(tmp_path)
    write_config(run, "127.0.0.1:19092", "http://127.0.0.1:18081/apis/ccompat/v7")
    monkeypatch.setenv("RECORDBUS_CONFIG", str(run.config))

    settings = load()

    assert settings.kafka.bootstrap_servers == "127.0.0.1:19092"
    assert settings.registry.url == "http://127.0.0.1:18081/apis/ccompat/v7"
    assert settings.run_directory == run.root
    assert tomllib.loads(run.config.read_text())["run_directory"] == str(tmp_path)


@pytest.mark.parametrize("address", ["kafka-1:9092", "127.0.0.1", "a:1,b:2", ""])
def test_servers_elsewhere_are_not_run_here(address: str) -> None:
    with pytest.raises(Misconfigured, match="--free-ports"):
        local_port(address, "kafka.bootstrap_servers")


def test_a_port_on_this_machine_is_taken() -> None:
    assert local_port("127.0.0.1:9092", "kafka.bootstrap_servers") == 9092


def test_a_worker_is_the_command_a_person_would_type(tmp_path: Path) -> None:
    spec = worker_spec(Worker("intake", ("stage", "run", "intake")), {"A": "1"}, 9100, tmp_path)

    assert spec.argv == (sys.executable, "-m", "recordbus", "stage", "run", "intake")
    assert spec.env["A"] == "1"
    assert spec.env["RECORDBUS_METRICS__PORT"] == "9100"
    assert not spec.ready()


def test_workers_have_names_of_their_own() -> None:
    assert len({worker.name for worker in WORKERS}) == len(WORKERS)


def test_what_not_every_bus_runs_is_run_only_where_it_is_wanted() -> None:
    def wanted(*, gateway: bool = False, feeds: bool = False, portal: bool = False) -> list[Worker]:
        workers = wanted_workers(gateway=gateway, feeds=feeds, portal=portal)
        assert workers[: len(WORKERS)] == WORKERS
        return list(workers[len(WORKERS) :])

    assert wanted() == []
    assert wanted(gateway=True) == [GATEWAY]
    assert wanted(feeds=True, portal=True) == [FEEDS, PORTAL]
    assert wanted(gateway=True, feeds=True, portal=True) == [GATEWAY, FEEDS, PORTAL]


@pytest.mark.parametrize(
    ("variable", "extra"),
    [
        ("RECORDBUS_GATEWAY__ENABLED", GATEWAY),
        ("RECORDBUS_FEEDS__PORTAL__ENABLED", PORTAL),
    ],
)
def test_a_door_that_is_enabled_runs_and_has_keys_to_check_tokens_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, extra: Worker
) -> None:
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path))
    without = planned(load(), free_ports=True, servers_only=False)
    monkeypatch.setenv(variable, "true")
    found = planned(load(), free_ports=True, servers_only=False)

    assert (without.workers, without.token_keys) == (WORKERS, None)
    assert found.workers == (*WORKERS, extra)
    assert found.token_keys == tmp_path / "tokens" / "keys.json"
    assert planned(load(), free_ports=True, servers_only=True).workers == ()


def test_keys_for_tokens_are_made_once_and_only_where_they_are_asked_for(tmp_path: Path) -> None:
    keys = tmp_path / "tokens" / "keys.json"
    ready_token_keys(None)
    ready_token_keys(keys)
    made = keys.read_bytes()
    ready_token_keys(keys)

    assert keys.read_bytes() == made
    assert len(read_keys(keys)) == 1
