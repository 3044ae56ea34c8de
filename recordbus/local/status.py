"""What is up on a run directory, as one value; shown as a table or as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from recordbus.local.ports import answers
from recordbus.local.run_directory import ProcessState, RunDirectory, RunState

_COLUMNS = ("process", "state", "pid", "restarts", "ports", "note")


@dataclass(frozen=True, slots=True)
class Status:
    """The bus of one run directory, as it is now: what was written down, and what is true."""

    run_directory: str
    state: RunState | None

    @property
    def running(self) -> bool:
        """Tell whether its supervisor runs."""
        return self.state is not None and self.state.is_alive()

    @property
    def ready(self) -> bool:
        """Tell whether all of it is up and ready."""
        return (
            self.running
            and self.state is not None
            and self.state.phase == "ready"
            and all(_condition(each) == "ready" for each in self.state.processes)
        )

    def as_json(self) -> dict[str, Any]:
        """Give it for programs."""
        state = self.state
        return {
            "run_directory": self.run_directory,
            "running": self.running,
            "ready": self.ready,
            "phase": state.phase if state and self.running else "stopped",
            "supervisor_pid": state.pid if state and self.running else None,
            "bootstrap_servers": state.bootstrap_servers if state else "",
            "registry_url": state.registry_url if state else "",
            "message": state.message if state else "",
            "processes": [_process(each) for each in state.processes] if state else [],
        }

    def as_lines(self) -> Iterator[str]:
        """Give it for people, without colours."""
        if self.state is None:
            yield f"nothing was ever started in {self.run_directory}"
            return
        whose = f"supervisor {self.state.pid}" if self.running else "no supervisor"
        yield f"{self.run_directory}: {'ready' if self.ready else 'not ready'}, {whose}"
        yield f"kafka {self.state.bootstrap_servers}   registry {self.state.registry_url}"
        yield from table([_COLUMNS, *(_row(each) for each in self.state.processes)])
        if self.state.message:
            yield self.state.message


def read(run: RunDirectory) -> Status:
    """Look at a run directory; nothing needs to run there."""
    return Status(str(run.root), run.read())


def table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Lay rows out in columns of equal width."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _condition(process: ProcessState) -> str:
    if not process.is_alive():
        return process.phase if process.phase in {"waiting", "gave up", "stopped"} else "gone"
    if all(answers(port) for port in process.ports.values()):
        return process.phase
    return "not answering"


def _process(process: ProcessState) -> dict[str, Any]:
    condition = _condition(process)
    return {
        "name": process.name,
        "pid": process.pid if process.is_alive() else None,
        "live": process.is_alive(),
        "ready": condition == "ready",
        "condition": condition,
        "restarts": process.restarts,
        "ports": dict(process.ports),
        "log": process.log,
        "message": process.message,
    }


def _row(process: ProcessState) -> tuple[str, ...]:
    shown = _process(process)
    ports = " ".join(f"{use}:{port}" for use, port in process.ports.items())
    pid = str(shown["pid"] or "-")
    return process.name, shown["condition"], pid, str(process.restarts), ports, process.message
