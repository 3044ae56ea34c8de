"""Stages' workers as `recordbus up` starts them, for benches that bring their own servers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import psutil

from bench.chain import SECRET
from recordbus import departments
from recordbus.departments import Contact, Department
from recordbus.local.servers import LocalServers
from recordbus.testing import records
from schemas import catalog

_STOP_SECONDS: Final = 15.0


def worker_command(stage: str) -> list[str]:
    """Give the command that runs a stage's worker."""
    return [sys.executable, "-m", "recordbus", "stage", "run", stage]


def worker_environment(servers: LocalServers, directory: Path) -> Mapping[str, str]:
    """Give a worker's environment; what it keeps on disk is kept in `directory`."""
    who = Department(
        name=records.DEPARTMENT, title="Bench", ori=records.ORI, contact=Contact(unit="Records")
    )
    departments.save(directory / "departments.yaml", [who])
    return {
        **os.environ,
        "RECORDBUS_KAFKA__BOOTSTRAP_SERVERS": servers.bootstrap_servers,
        "RECORDBUS_REGISTRY__URL": servers.registry_url,
        "RECORDBUS_RUN_DIRECTORY": str(directory),
        "RECORDBUS_IDENTIFIERS__KEY": SECRET.hex(),
    }


def register_schemas(servers: LocalServers) -> None:
    """Register the schema of every topic that has one."""
    registry = servers.schema_registry()
    for spec in catalog.topics().concrete([records.DEPARTMENT]):
        if spec.subject and spec.value_schema:
            registry.register(spec.subject, catalog.self_contained_text(spec.value_schema))
    registry.close()


def cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    """Give the CPU time that processes have used, all their threads; none for one that is gone."""
    return sum(
        times.user + times.system
        for times in (each.cpu_times() for each in processes if each.is_running())
    )


def stop(stages: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask processes to end, and end those that do not."""
    for each in stages:
        each.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for each in stages:
        try:
            each.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            each.kill()
            each.wait()
