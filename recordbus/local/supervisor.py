"""Keeps child processes running: starts them in order, restarts them, stops them in order.

It does nothing by itself: whoever owns it calls `step` a few times a second. All it knows is
in the state it reports, which is written down after every change.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from recordbus.clock import Clock, SystemClock
from recordbus.local.child import Child, Guard, stop_all
from recordbus.local.guard import GRACE_SECONDS, end
from recordbus.local.restarts import GiveUp, decide
from recordbus.local.run_directory import Phase, ProcessState, born
from recordbus.local.spec import ProcessSpec
from recordbus.local.startup import wait_until_ready

Tell = Callable[[str], None]


@dataclass(slots=True)
class _Watched:
    spec: ProcessSpec
    child: Child | None
    phase: Phase
    started_at: float
    born: float
    restarts: int = 0
    crashes: int = 0
    due_at: float = 0.0
    message: str = ""


class Supervisor:
    """The children of one run directory.

    `tell` gets one sentence for each thing worth an operator's eye; `changed` is called after
    every change of state.
    """

    def __init__(
        self,
        logs: Path,
        *,
        clock: Clock | None = None,
        tell: Tell | None = None,
        changed: Callable[[], None] | None = None,
    ) -> None:
        self._logs = logs
        self._clock = clock or SystemClock()
        self._tell = tell or (lambda _sentence: None)
        self._changed = changed or (lambda: None)
        self._guard = Guard()
        self._watched: dict[str, _Watched] = {}

    def start(
        self, specs: Iterable[ProcessSpec], on_ready: Callable[[Child], None] | None = None
    ) -> None:
        """Start the children, highest `stop_order` first, each level once the last is ready.

        Raises what `wait_until_ready` raises; what was started is then left for `stop`.
        """
        waiting = list(specs)
        for order in sorted({spec.stop_order for spec in waiting}, reverse=True):
            level = [spec for spec in waiting if spec.stop_order == order]
            children = [self._spawn(spec) for spec in level]
            self._changed()
            wait_until_ready(children, on_ready)
            for spec in level:
                self._watched[spec.name].phase = "ready"
            self._changed()

    def step(self) -> None:
        """Look at every child once: note ends, start again what is due, note readiness."""
        before = self.states()
        for watched in self._watched.values():
            self._look_at(watched)
        if self.states() != before:
            self._changed()

    def stop(self) -> None:
        """Stop everything, lowest `stop_order` first; safe to call twice."""
        stop_all(each.child for each in self._watched.values() if each.child is not None)
        for watched in self._watched.values():
            watched.child = None
            watched.phase = "stopped"
        self._guard.close()
        self._changed()

    def states(self) -> tuple[ProcessState, ...]:
        """Give the state of every child, in the order in which they were started."""
        return tuple(self._state(watched) for watched in self._watched.values())

    def _spawn(self, spec: ProcessSpec) -> Child:
        child = Child(spec, self._logs / f"{spec.name}.log", self._guard)
        now = self._clock.monotonic()
        known = self._watched.get(spec.name)
        if known is None:
            self._watched[spec.name] = _Watched(spec, child, "starting", now, born(child.pid))
        else:
            known.child, known.phase, known.started_at = child, "starting", now
            known.born = born(child.pid)
        return child

    def _look_at(self, watched: _Watched) -> None:
        if watched.child is None:
            if watched.phase == "waiting" and self._clock.monotonic() >= watched.due_at:
                watched.restarts += 1
                self._spawn(watched.spec)
            return
        code = watched.child.exit_code()
        if code is not None:
            self._ended(watched, code)
        elif watched.phase == "starting" and watched.spec.ready():
            watched.phase = "ready"
            watched.message = ""
            self._tell(f"{watched.spec.name} is ready again")

    def _ended(self, watched: _Watched, code: int) -> None:
        now = self._clock.monotonic()
        name = watched.spec.name
        tail = watched.child.log_tail(3) if watched.child else ""
        watched.child = None
        verdict = decide(code, now - watched.started_at, watched.crashes)
        if isinstance(verdict, GiveUp) or not watched.spec.restarts:
            why = verdict.why if isinstance(verdict, GiveUp) else "it is to run once"
            watched.phase = "gave up"
            watched.message = f"ended with code {code} and is not started again: {why}"
            self._tell(f"{name} {watched.message}; its log is {self._logs / name}.log\n{tail}")
            return
        watched.phase = "waiting"
        watched.crashes = verdict.crashes
        watched.due_at = now + verdict.after_seconds
        watched.message = f"ended with code {code}; starts again in {verdict.after_seconds:g} s"
        self._tell(f"{name} {watched.message}")

    def _state(self, watched: _Watched) -> ProcessState:
        spec = watched.spec
        pid = watched.child.pid if watched.child else None
        return ProcessState(
            name=spec.name,
            pid=pid,
            born=watched.born if pid else None,
            phase=watched.phase,
            restarts=watched.restarts,
            ports=dict(spec.ports),
            log=str(self._logs / f"{spec.name}.log"),
            message=watched.message,
        )


def end_leftovers(
    states: Iterable[ProcessState], grace_seconds: float = GRACE_SECONDS
) -> list[str]:
    """End what an earlier supervisor left running; gives the names.

    The guard normally does this; it is for the case that the guard was killed, too.
    """
    left = [state for state in states if state.is_alive() and state.pid is not None]
    for state in left:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end([state.pid or 0], grace_seconds)
    return [state.name for state in left]
