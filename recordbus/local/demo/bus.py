"""A bus of the demo's own: `recordbus up` as a child, and the other commands run against it.

Nothing is left behind: the child ends with the `with` block, or with this process, however it ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from recordbus.errors import RecordbusError, Retryable
from recordbus.local.child import Child, Guard, stop_all
from recordbus.local.run_directory import RunDirectory, RunState
from recordbus.local.spec import ProcessSpec
from recordbus.local.startup import wait_until_ready

_START_SECONDS: Final = 600.0
_STOP_SECONDS: Final = 60.0
COMMAND: Final = (sys.executable, "-m", "recordbus")


class CommandFailed(RecordbusError):
    """A command of the demo ended with an error."""


class NotSeen(RecordbusError):
    """What the demo waits for did not come."""


class WorkerGaveUp(RecordbusError):
    """A worker of the bus ended and is not started again, so that waiting for it is in vain."""


class Command:
    """A running command of the bus; what it prints goes to files, so it never waits for us."""

    def __init__(
        self, arguments: tuple[str, ...], output: Path, environment: Mapping[str, str]
    ) -> None:
        self._arguments = arguments
        self._printed = output.with_suffix(".out")
        self._complained = output.with_suffix(".err")
        output.parent.mkdir(parents=True, exist_ok=True)
        with self._printed.open("w") as printed, self._complained.open("w") as complained:
            self._process = subprocess.Popen(
                [*COMMAND, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=complained,
                env={**os.environ, **environment, "NO_COLOR": "1"},
            )

    @property
    def has_ended(self) -> bool:
        """Tell whether it ran to its end."""
        return self._process.poll() is not None

    def output(self) -> str:
        """Wait for the end; gives what it printed, raises CommandFailed with its complaint.

        What it printed may tell of people, so it is not left on the disk.
        """
        code = self._process.wait()
        output = self._printed.read_text(encoding="utf-8")
        self._printed.unlink()
        if code:
            complaints = self._complained.read_text(encoding="utf-8")
            raise CommandFailed(
                f"`recordbus {' '.join(self._arguments)}` ended with {code}",
                hint=complaints.strip() or output.strip(),
            )
        return output


class DemoBus:
    """Kafka, the registry and the workers on free ports, with everything in one directory."""

    def __init__(
        self, directory: Path, agency: str, settings: Mapping[str, str] | None = None
    ) -> None:
        """`agency` is the one whose people search: a department, or one that has agreements.

        `settings` are further variables of the environment that the bus is started in.
        """
        self.directory = directory
        self._environment = {"RECORDBUS_SEARCH__AGENCY": agency, **(settings or {})}
        self._run = RunDirectory(directory)
        self._guard = Guard()
        self._child: Child | None = None
        self._beside: list[Child] = []
        self._started = 0

    def __enter__(self) -> DemoBus:
        """Start the bus and wait until all of it is ready."""
        spec = ProcessSpec(
            name="up",
            argv=(*COMMAND, "up", "--free-ports", "--run-directory", str(self.directory)),
            env=self._environment,
            ready=self._is_ready,
            ready_within_seconds=_START_SECONDS,
            stop_within_seconds=_STOP_SECONDS,
        )
        self._child = Child(spec, self.directory / "logs" / "up.log", self._guard)
        try:
            wait_until_ready([self._child])
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the bus in order."""
        self.stop()

    def stop(self) -> None:
        """Stop the bus; safe to call twice."""
        children = [*self._beside, *([self._child] if self._child else [])]
        if children:
            stop_all(children)
        self._beside, self._child = [], None
        self._guard.close()

    def beside(self, spec: ProcessSpec) -> Child:
        """Run a process of somebody else beside the bus until that is stopped; gives it ready."""
        child = Child(spec, self._run.logs / f"{spec.name}.log", self._guard)
        self._beside.append(child)
        wait_until_ready([child])
        return child

    @property
    def config(self) -> Path:
        """Give the settings file by which commands find this bus."""
        return self._run.config

    def state(self) -> RunState:
        """Give what the supervisor last wrote; raises WorkerGaveUp when one is down for good."""
        state = self._run.read()
        if state is None:
            raise Retryable(
                f"the bus in {self.directory} left no state", hint=f"see {self._run.logs}/up.log"
            )
        for process in state.processes:
            if process.phase == "gave up":
                raise WorkerGaveUp(f"{process.name} {process.message}", hint=f"see {process.log}")
        return state

    def metrics_ports(self) -> dict[str, int]:
        """Give each worker's metrics port by name."""
        return {
            process.name: process.ports["metrics"]
            for process in self.state().processes
            if "metrics" in process.ports
        }

    def start(self, *arguments: str) -> Command:
        """Start a command against this bus."""
        self._started += 1
        output = self._run.logs / "commands" / f"{self._started:03}-{arguments[0]}"
        return Command(("--config", str(self.config), *arguments), output, self._environment)

    def run(self, *arguments: str) -> str:
        """Run a command to its end; gives what it printed. Raises CommandFailed."""
        return self.start(*arguments).output()

    def run_json(self, *arguments: str) -> Any:
        """Run a command with `--json`; gives the value it printed last."""
        return json.loads(self.run(*arguments, "--json").strip().splitlines()[-1])

    def _is_ready(self) -> bool:
        state = self._run.read()
        mine = self._child is not None and state is not None and state.pid == self._child.pid
        return bool(mine and state and state.phase == "ready")
