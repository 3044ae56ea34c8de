"""The containers run what the code has: commands, settings, ports, volumes, files.

No engine is needed. Whether the images build and start is not shown here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from recordbus import departments
from recordbus.cli import root
from recordbus.local.workers import FEEDS, GATEWAY, PORTAL, WORKERS
from recordbus.settings.origins import OTHER_VARIABLES, setting_fields

ROOT = Path(__file__).parents[3]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROMETHEUS: dict[str, Any] = yaml.safe_load((ROOT / "ops/prometheus/prometheus.yml").read_text())
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "recordbus"}
FROM_DOCKERFILE = dict(re.findall(r"(RECORDBUS_\w+)=(\S+)", DOCKERFILE))
KNOWN = {field.variable for field in setting_fields()} | OTHER_VARIABLES.keys()


def variables(service: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = service.get("environment", {})
    return {name: value for name, value in found.items() if name.startswith("RECORDBUS_")}


def command_of(service: dict[str, Any]) -> list[str]:
    return [*service.get("entrypoint", ["recordbus"])[1:], *service["command"]]


def test_every_setting_exists() -> None:
    named = {name for service in OURS.values() for name in variables(service)}

    assert named | FROM_DOCKERFILE.keys() <= KNOWN


def test_an_unknown_setting_would_be_found() -> None:
    assert "RECORDBUS_KAFKA__BOOTSTRAP" not in KNOWN


@pytest.mark.parametrize("name", OURS)
def test_every_command_exists(name: str) -> None:
    """The words are followed through the command tree, as the command line would."""
    group: Any = get_command(root)
    words = [word for word in command_of(OURS[name]) if not word.startswith("-")]
    while words and hasattr(group, "get_command"):
        word = words.pop(0)
        found = group.get_command(None, word)
        assert found is not None, f"there is no command {word!r} for service {name}"
        assert not (found.help or "").startswith("Cannot be loaded"), found.help
        group = found
    assert len(words) <= sum(parameter.param_type_name == "argument" for parameter in group.params)


def test_every_worker_of_the_local_bus_is_a_service_with_the_same_command() -> None:
    workers = (*WORKERS, GATEWAY, FEEDS, PORTAL)
    assert {name: tuple(OURS[name]["command"]) for name in (each.name for each in workers)} == {
        worker.name: worker.arguments for worker in workers
    }


def test_what_not_every_bus_runs_is_started_and_scraped_only_where_it_is_wanted() -> None:
    (ours,) = (job for job in PROMETHEUS["scrape_configs"] if job["job_name"] == "recordbus")
    port = int(FROM_DOCKERFILE["RECORDBUS_METRICS__PORT"])

    optional = {name for name, service in OURS.items() if service.get("profiles")} - {"search"}
    assert optional == {GATEWAY.name, FEEDS.name, PORTAL.name}
    assert {name for group in ours["dns_sd_configs"] for name in group["names"]} == optional
    assert {(group["type"], group["port"]) for group in ours["dns_sd_configs"]} == {("A", port)}
    assert not {worker.name for worker in WORKERS} & optional


def test_whoever_reads_or_writes_the_audit_shares_one_disk() -> None:
    """R-39, R-41: the log is one on one disk, and its signer and its readers work on that."""
    for name in ("audit", "uses", "gateway", "feeds", "portal", "search"):
        assert "state:/var/lib/recordbus" in OURS[name]["volumes"]


def test_values_are_accepted_by_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    from recordbus.settings import load

    for service in OURS.values():
        for name in os.environ:
            if name.startswith("RECORDBUS_"):
                monkeypatch.delenv(name)
        for name, value in {**FROM_DOCKERFILE, **variables(service)}.items():
            monkeypatch.setenv(name, str(value))
        settings = load()
        assert settings.kafka.bootstrap_servers == "kafka:9092"
        assert str(settings.run_directory) == "/var/lib/recordbus"
        assert settings.metrics.port == 9100


def test_addresses_name_services_and_their_ports() -> None:
    listeners = SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    for service in OURS.values():
        own = variables(service)
        assert f"CLIENTS://{own['RECORDBUS_KAFKA__BOOTSTRAP_SERVERS']}" in listeners
        assert own["RECORDBUS_REGISTRY__URL"].startswith("http://registry:8080/")


def test_prometheus_scrapes_every_worker_at_the_port_of_the_image() -> None:
    (ours,) = (job for job in PROMETHEUS["scrape_configs"] if job["job_name"] == "recordbus")
    targets = {target for group in ours["static_configs"] for target in group["targets"]}

    port = FROM_DOCKERFILE["RECORDBUS_METRICS__PORT"]
    assert targets == {f"{worker.name}:{port}" for worker in WORKERS}
    assert f"EXPOSE {port}" in DOCKERFILE


def test_published_ports_are_on_loopback_and_different() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]

    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in published)
    assert len({port.split(":")[1] for port in published}) == len(published)


def test_every_volume_is_declared_and_every_file_is_there() -> None:
    used = set()
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), source
            else:
                used.add(source)

    assert used == COMPOSE["volumes"].keys()
    assert FROM_DOCKERFILE["RECORDBUS_RUN_DIRECTORY"] == "/var/lib/recordbus"
    assert "VOLUME /var/lib/recordbus" in DOCKERFILE


def test_everything_waited_for_is_a_service_that_can_be_waited_for() -> None:
    for service in SERVICES.values():
        for name, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[name]
            else:
                assert SERVICES[name]["restart"] == "on-failure"


def test_the_image_gets_every_package_and_the_build_context_has_it() -> None:
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    allowed = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    }

    assert {"recordbus", "schemas", "producers", "streams", "consumers"} <= copied
    assert {source.split("/")[0] for source in copied} == allowed
    assert all((ROOT / source).exists() for source in copied)


def test_the_departments_of_the_containers_can_be_read() -> None:
    assert departments.load(ROOT / "ops/compose/departments.yaml").names


def test_secrets_come_from_the_caller() -> None:
    """No secret stands in a file that is committed."""
    for service in OURS.values():
        key = variables(service)["RECORDBUS_IDENTIFIERS__KEY"]
        assert key.startswith("${RECORDBUS_IDENTIFIERS__KEY:?")


def test_docker_takes_the_file() -> None:
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("there is no docker client here")
    if subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("the docker client here has no compose plugin")
    environment = {**os.environ, "RECORDBUS_IDENTIFIERS__KEY": "0" * 64}
    done = subprocess.run(
        [docker, "compose", "--file", str(ROOT / "docker-compose.yml"), "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
