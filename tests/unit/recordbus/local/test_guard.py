"""The guard: nothing outlives its parent, however the parent ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from recordbus.local import guard
from recordbus.local.child import Child, Guard, stop_all
from recordbus.local.spec import ProcessSpec

STUBBORN = "trap '' TERM; while :; do sleep 0.05; done"
"""Ignores SIGTERM, as a hung worker would."""


def eventually(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until the condition holds; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def spec(name: str, script: str, stop_order: int = 0, stop_within: float = 5.0) -> ProcessSpec:
    return ProcessSpec(
        name, ("/bin/sh", "-c", script), stop_order=stop_order, stop_within_seconds=stop_within
    )


@pytest.fixture
def watcher() -> Iterator[Guard]:
    made = Guard(grace_seconds=0.5)
    yield made
    made.close()


def test_orders_are_followed_in_any_pieces() -> None:
    reader, writer = os.pipe()
    try:
        os.write(writer, b"+ 11 1\n+ 22 2\n- 11\n+ 33 3")
        os.write(writer, b"0\n")
        os.close(writer)

        assert guard.watch(reader, os.getppid()) == {22: 2, 33: 30}
    finally:
        os.close(reader)


def test_a_changed_parent_ends_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_PARENT_CHECK_SECONDS", 0.01)
    reader, writer = os.pipe()
    try:
        os.write(writer, b"+ 11 1\n")

        assert guard.watch(reader, parent=-1) == {11: 1}
    finally:
        os.close(writer)
        os.close(reader)


def test_groups_end_lowest_order_first(tmp_path: Path, watcher: Guard) -> None:
    order = tmp_path / "order"
    said = f"trap 'echo %s >> {order}; exit 0' TERM; while :; do sleep 0.02; done"
    children = [
        Child(spec(str(each), said % each, stop_order=each), tmp_path / "log", watcher)
        for each in (3, 1, 2)
    ]
    ready_when_trapping(children)

    stop_all(children)

    assert order.read_text().split() == ["1", "2", "3"]
    assert [child.exit_code() for child in children] == [0, 0, 0]


def ready_when_trapping(children: list[Child]) -> None:
    """Wait until each shell has become its script and runs its loop."""
    eventually(lambda: all(psutil.Process(child.pid).children() for child in children))


def test_a_child_that_ignores_the_signal_is_killed(tmp_path: Path, watcher: Guard) -> None:
    child = Child(spec("stubborn", STUBBORN, stop_within=0.3), tmp_path / "log", watcher)
    ready_when_trapping([child])

    stop_all([child])

    assert child.exit_code() == -signal.SIGKILL


def test_what_a_dead_child_left_in_its_group_goes_too(tmp_path: Path, watcher: Guard) -> None:
    pid_file = tmp_path / "pid"
    child = Child(
        spec("parent", f"sleep 1000 & echo $! > {pid_file}; exit 3"), tmp_path / "log", watcher
    )

    assert child.wait(20.0) == 3
    eventually(lambda: gone(int(pid_file.read_text())))


def test_output_and_errors_go_to_the_log_with_the_environment(
    tmp_path: Path, watcher: Guard
) -> None:
    made = ProcessSpec("say", ("/bin/sh", "-c", "echo $WORD; echo oops >&2"), env={"WORD": "hi"})
    child = Child(made, tmp_path / "logs" / "say.log", watcher)

    assert child.wait(20.0) == 0
    assert child.log_tail() == "hi\noops"


def test_a_command_that_is_not_there_ends_with_127(tmp_path: Path, watcher: Guard) -> None:
    child = Child(ProcessSpec("none", ("/no/such/command",)), tmp_path / "log", watcher)

    assert child.wait(20.0) == 127


def test_a_large_log_is_put_aside_at_the_next_start(
    tmp_path: Path, watcher: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recordbus.local.child._ROTATE_BYTES", 10)
    log = tmp_path / "a.log"
    log.write_text("x" * 11)

    assert Child(spec("a", "echo new"), log, watcher).wait(20.0) == 0
    assert (tmp_path / "a.log.1").read_text() == "x" * 11
    assert log.read_text() == "new\n"


def test_a_killed_guard_is_replaced_and_knows_the_earlier_children(
    tmp_path: Path, watcher: Guard
) -> None:
    first = Child(spec("first", "exec sleep 1000"), tmp_path / "log", watcher)
    assert watcher._process is not None
    watcher._process.kill()
    watcher._process.wait()
    second = Child(spec("second", "exec sleep 1000"), tmp_path / "log", watcher)

    watcher.close()

    eventually(lambda: first.exit_code() is not None and second.exit_code() is not None)


PARENT = """
import os, signal, sys, threading, time
from pathlib import Path
from recordbus.local.child import Child, Guard
from recordbus.local.spec import ProcessSpec

def run():
    guard = Guard(grace_seconds=0.5)
    scripts = {{"plain": "exec sleep 1000", "family": "sleep 1000 & sleep 1000", "deaf": {deaf!r}}}
    children = [
        Child(ProcessSpec(name, ("/bin/sh", "-c", script)), Path({log!r}), guard)
        for name, script in scripts.items()
    ]
    print(guard._process.pid, *(child.pid for child in children), flush=True)

# The starting thread ends at once: a signal tied to the death of a thread would be too early.
starter = threading.Thread(target=run)
starter.start()
starter.join()
{ending}
"""
ENDINGS = {
    "killed": "time.sleep(1000)",
    "returns": "",
    "raises": "raise SystemExit('a crash')",
    "exits at once": "os._exit(1)",
    "forked": "\nif os.fork() == 0: time.sleep(3); os._exit(0)\ntime.sleep(1000)",
}


@pytest.mark.parametrize("how", ENDINGS)
def test_nothing_outlives_its_parent(tmp_path: Path, how: str) -> None:
    script = PARENT.format(log=str(tmp_path / "log"), ending=ENDINGS[how], deaf=STUBBORN)
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(pids) == 4
    if how in {"killed", "forked"}:
        parent.kill()
    parent.stdout.close()
    parent.wait()

    eventually(lambda: all(gone(pid) for pid in pids))
