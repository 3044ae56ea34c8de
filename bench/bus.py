"""A whole bus for a bench, and what its processes use."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.load import DEPARTMENT
from recordbus import departments
from recordbus.departments import Contact, Department
from recordbus.local.demo.bus import DemoBus
from recordbus.local.demo.sharing import AgreementFile, write_agreements


@contextmanager
def running_bus(
    settings: Mapping[str, str] | None = None, agreements: Iterable[AgreementFile] = ()
) -> Iterator[DemoBus]:
    """Run a bus with one department, in a temporary directory.

    `settings` are further variables of its environment, `agreements` are signed and in force.
    """
    with tempfile.TemporaryDirectory(prefix="recordbus-bench-") as directory:
        who = Department(
            name=DEPARTMENT, title="Bench", ori="ZZ0000001", contact=Contact(unit="Records")
        )
        departments.save(Path(directory) / "departments.yaml", [who])
        write_agreements(Path(directory), agreements)
        with DemoBus(Path(directory), DEPARTMENT, settings) as bus:
            yield bus


def start_load(
    bus: DemoBus, rate: int, seconds: float, output: Path, *more: str
) -> subprocess.Popen[bytes]:
    """Start a department that publishes at a steady rate; `more` arguments are those of `load`."""
    arguments = ["--config", str(bus.config), "--rate", str(rate), "--seconds", str(seconds)]
    return subprocess.Popen(
        [sys.executable, "-m", "bench.load", *arguments, "--output", str(output), *more]
    )


def processes(bus: DemoBus) -> dict[str, psutil.Process]:
    """Give every process of the bus by name, the supervisor as `up`."""
    state = bus.state()
    found = {"up": psutil.Process(state.pid)}
    for each in state.processes:
        if each.pid is not None:
            found[each.name] = psutil.Process(each.pid)
    return found


def resident_mib(bus: DemoBus) -> dict[str, int]:
    """Give the resident memory of every process of the bus, in MiB."""
    return {name: each.memory_info().rss >> 20 for name, each in processes(bus).items()}


def cpu_seconds(bus: DemoBus) -> dict[str, float]:
    """Give the CPU time every process of the bus has used so far."""
    times = {name: each.cpu_times() for name, each in processes(bus).items()}
    return {name: each.user + each.system for name, each in times.items()}
