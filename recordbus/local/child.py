"""One child process in a group of its own, and the guard that outlives its parent.

A child begins as a shell that waits for a word from us, and becomes the real command only
after the guard was told of it. Whenever the parent dies in between, the word never comes and
the shell ends by itself: there is no moment at which an orphan could be born.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

from recordbus.errors import Misconfigured
from recordbus.local.disk import writing
from recordbus.local.guard import GRACE_SECONDS
from recordbus.local.spec import ProcessSpec

_GATE: Final = 'read -r word && [ "$word" = go ] && exec "$@" </dev/null'
_ROTATE_BYTES: Final = 10_000_000
_POLL_SECONDS: Final = 0.02


class Guard:
    """The helper process that ends our children when we are gone; restarted if it dies."""

    def __init__(self, grace_seconds: float = GRACE_SECONDS) -> None:
        self._grace_seconds = grace_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._watched: dict[int, int] = {}

    def watch(self, group: int, order: int) -> None:
        """Have the group ended when this process is gone."""
        self._watched[group] = order
        self._tell(f"+ {group} {order}\n")

    def forget(self, group: int) -> None:
        """Leave the group alone from now on."""
        if self._watched.pop(group, None) is not None:
            self._tell(f"- {group}\n")

    def close(self) -> None:
        """End the guard; groups that are still watched are ended by it first."""
        process, self._process = self._process, None
        if process is None:
            return
        _close_input(process)
        process.wait()

    def _tell(self, line: str) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            _close_input(process)
            process = self._process = self._start()
            line = "".join(f"+ {group} {order}\n" for group, order in self._watched.items())
        pipe = _input(process)
        os.write(pipe.fileno(), line.encode())

    def _start(self) -> subprocess.Popen[bytes]:
        script = str(Path(__file__).with_name("guard.py"))
        return subprocess.Popen(
            [sys.executable, "-I", "-S", script, str(self._grace_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )


class Child:
    """A running child of `spec`; its output goes to the end of `log`."""

    def __init__(self, spec: ProcessSpec, log: Path, guard: Guard) -> None:
        self.spec = spec
        self.log = log
        self._guard = guard
        self._cleared = False
        self._process = self._start()

    @property
    def pid(self) -> int:
        """Give the process id, which is its group's id, too."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """Give the exit code; None while it runs, negative for the signal that ended it."""
        code = self._process.poll()
        if code is not None:
            self._clear()
        return code

    def ask_to_stop(self) -> None:
        """Send SIGTERM to the whole group."""
        if not self._cleared:
            self._signal(signal.SIGTERM)

    def kill(self) -> int:
        """Kill the whole group at once and wait for it."""
        if not self._cleared:
            self._signal(signal.SIGKILL)
        code = self._process.wait()
        self._clear()
        return code

    def wait(self, timeout_seconds: float) -> int | None:
        """Wait for the end; None when it still runs after `timeout_seconds`."""
        try:
            self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            return None
        return self.exit_code()

    def log_tail(self, lines: int = 12) -> str:
        """Give the last lines of its log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def _start(self) -> subprocess.Popen[bytes]:
        with writing(self.log.parent):
            _rotate(self.log)
            output = self.log.open("ab")
        with output:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _GATE, self.spec.name, *self.spec.argv],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.spec.env},
                cwd=self.spec.directory,
                process_group=0,
            )
        self._guard.watch(process.pid, self.spec.stop_order)
        with contextlib.suppress(BrokenPipeError):
            _input(process).write(b"go\n")
        with contextlib.suppress(BrokenPipeError):
            _input(process).close()
        return process

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _clear(self) -> None:
        # The leader is gone; what it may have left in its group goes, too. Only once: later the
        # number may be somebody else's.
        if self._cleared:
            return
        self._cleared = True
        self._signal(signal.SIGKILL)
        self._guard.forget(self.pid)


def stop_all(children: Iterable[Child]) -> None:
    """Stop the children, lowest `stop_order` first and equal ones together."""
    remaining = list(children)
    for order in sorted({child.spec.stop_order for child in remaining}):
        _stop_together([child for child in remaining if child.spec.stop_order == order])


def _stop_together(children: list[Child]) -> None:
    started = time.monotonic()
    for child in children:
        child.ask_to_stop()
    for child in children:
        patience = started + child.spec.stop_within_seconds - time.monotonic()
        if child.wait(max(_POLL_SECONDS, patience)) is None:
            child.kill()


def _input(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdin is None:
        raise Misconfigured("a child process has no input pipe", hint="report this as a fault")
    return process.stdin


def _close_input(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        with contextlib.suppress(OSError):
            _input(process).close()


def _rotate(log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.is_file() and log.stat().st_size > _ROTATE_BYTES:
        log.replace(log.with_suffix(".log.1"))
