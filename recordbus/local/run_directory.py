"""The directory of one local bus: its data, logs, secrets, and what runs on it.

Only one supervisor uses it at a time; the lock goes with its process, however that ends. The
state file is replaced in one step, so a reader never sees half of it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import psutil

from recordbus.errors import Misconfigured
from recordbus.local.disk import writing

Phase = Literal["starting", "ready", "waiting", "stopped", "gave up"]


@dataclass(frozen=True, slots=True)
class ProcessState:
    """A process as the supervisor last saw it; `born` is its start time, to know it again."""

    name: str
    pid: int | None
    born: float | None
    phase: Phase
    restarts: int = 0
    ports: Mapping[str, int] = field(default_factory=dict)
    log: str = ""
    message: str = ""

    def is_alive(self) -> bool:
        """Tell whether that very process still runs."""
        return is_running(self.pid, self.born)


@dataclass(frozen=True, slots=True)
class RunState:
    """What the supervisor says about itself and its children."""

    pid: int
    born: float
    phase: Phase
    bootstrap_servers: str = ""
    registry_url: str = ""
    message: str = ""
    processes: tuple[ProcessState, ...] = ()

    def is_alive(self) -> bool:
        """Tell whether that very supervisor still runs."""
        return is_running(self.pid, self.born)

    def ports(self) -> dict[str, int]:
        """Give every port by `process.use`."""
        return {
            f"{process.name}.{use}": port
            for process in self.processes
            for use, port in process.ports.items()
        }


class RunDirectory:
    """Paths and state of one local bus under `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.logs = self.root / "logs"
        self.config = self.root / "recordbus.toml"
        self._state = self.root / "run.json"
        self._lock = self.root / "run.lock"

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Hold the directory for this process.

        Raises Misconfigured when another supervisor has it or it cannot be written.
        """
        with writing(self.root):
            self.logs.mkdir(parents=True, exist_ok=True)
            handle = self._lock.open("a")
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise self._taken() from None
            yield

    def read(self) -> RunState | None:
        """Give the last state written; None when there is none."""
        try:
            raw = json.loads(self._state.read_text(encoding="utf-8"))
            return _state(raw)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, state: RunState) -> None:
        """Replace the state."""
        partial = self._state.with_suffix(".new")
        with writing(self.root):
            partial.write_text(json.dumps(asdict(state), indent=1), encoding="utf-8")
            partial.replace(self._state)

    def _taken(self) -> Misconfigured:
        state = self.read()
        whose = f" by process {state.pid}" if state else ""
        return Misconfigured(
            f"the bus in {self.root} is already run{whose}",
            hint="`recordbus status` shows it, `recordbus down` ends it; or use --run-directory",
        )


def is_running(pid: int | None, born: float | None) -> bool:
    """Tell whether process `pid` runs and is the one that was started at `born`."""
    if pid is None or born is None:
        return False
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - born) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def born(pid: int) -> float:
    """Give when a process was started; 0 when it is gone already."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def myself() -> tuple[int, float]:
    """Give this process's id and start time."""
    return os.getpid(), born(os.getpid())


def _state(raw: dict[str, Any]) -> RunState:
    processes = tuple(ProcessState(**each) for each in raw.pop("processes"))
    return RunState(**raw, processes=processes)
