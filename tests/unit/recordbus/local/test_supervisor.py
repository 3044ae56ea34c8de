"""The supervisor: order, readiness, restarts, giving up, and what it says about all of it."""

from __future__ import annotations

import itertools
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from recordbus.errors import ExitCode, RecordbusError
from recordbus.local.run_directory import ProcessState, born
from recordbus.local.spec import ProcessSpec
from recordbus.local.supervisor import Supervisor, end_leftovers
from recordbus.testing.clock import ManualClock


def shell(name: str, script: str, **more: object) -> ProcessSpec:
    return ProcessSpec(name, ("/bin/sh", "-c", script), **more)  # type: ignore[arg-type]


def ends_once_ready(name: str, script: str, flag: Path) -> ProcessSpec:
    """Give a process that is found ready before its script runs, however slow the machine is."""

    def ready() -> bool:
        flag.touch()
        return True

    return shell(name, f"until test -f {flag}; do sleep 0.01; done; {script}", ready=ready)


class Told:
    """Collects what an operator would read."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.changes = itertools.count()

    def changed(self) -> None:
        next(self.changes)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def supervisor(tmp_path: Path, told: Told, clock: ManualClock) -> Iterator[Supervisor]:
    made = Supervisor(
        tmp_path / "logs", clock=clock, tell=told.sentences.append, changed=told.changed
    )
    yield made
    made.stop()


def only(supervisor: Supervisor) -> ProcessState:
    (state,) = supervisor.states()
    return state


def stepped_until(supervisor: Supervisor, condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, supervisor.states()
        supervisor.step()
        time.sleep(0.005)


def test_a_level_starts_only_when_the_one_above_is_ready(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    flag = tmp_path / "flag"
    server = shell(
        "server", f"sleep 0.1; touch {flag}; exec sleep 1000", stop_order=9, ready=flag.is_file
    )
    worker = shell("worker", f"test -f {flag} || exit 1; exec sleep 1000", stop_order=1)

    supervisor.start([worker, server])
    supervisor.step()

    assert [(each.name, each.phase) for each in supervisor.states()] == [
        ("server", "ready"),
        ("worker", "ready"),
    ]


def test_one_that_ends_before_it_is_ready_stops_the_start(supervisor: Supervisor) -> None:
    dying = shell("server", "echo some last words; exit 1", ready=lambda: False)

    with pytest.raises(RecordbusError, match="some last words"):
        supervisor.start([dying])


def test_one_that_is_never_ready_stops_the_start(supervisor: Supervisor) -> None:
    slow = shell("slow", "exec sleep 1000", ready=lambda: False, ready_within_seconds=0.1)

    with pytest.raises(RecordbusError, match="slow was not ready"):
        supervisor.start([slow])


def test_exit_75_is_started_again_at_once(
    supervisor: Supervisor, tmp_path: Path, clock: ManualClock, told: Told
) -> None:
    once = tmp_path / "once"
    script = f"test -f {once} && exec sleep 1000; touch {once}; exit 75"
    supervisor.start([ends_once_ready("w", script, tmp_path / "flag")])
    clock.advance(5)

    stepped_until(supervisor, lambda: only(supervisor).restarts == 1)
    stepped_until(supervisor, lambda: only(supervisor).phase == "ready")

    assert only(supervisor).is_alive()
    assert told.sentences[-1] == "w is ready again"


def test_a_crash_waits_for_its_pause(
    supervisor: Supervisor, clock: ManualClock, tmp_path: Path
) -> None:
    supervisor.start([ends_once_ready("w", "exit 1", tmp_path / "flag")])
    stepped_until(supervisor, lambda: only(supervisor).phase == "waiting")

    supervisor.step()
    assert only(supervisor).restarts == 0
    assert "starts again in 0.5 s" in only(supervisor).message

    clock.advance(0.5)
    supervisor.step()
    assert only(supervisor).restarts == 1


def test_one_that_never_stays_up_is_given_up_with_its_log(
    supervisor: Supervisor, clock: ManualClock, told: Told, tmp_path: Path
) -> None:
    supervisor.start([ends_once_ready("w", "echo it is broken; exit 1", tmp_path / "flag")])

    def given_up() -> bool:
        if only(supervisor).phase == "waiting":
            clock.advance(30)
        return only(supervisor).phase == "gave up"

    stepped_until(supervisor, given_up)

    assert only(supervisor).restarts == 7
    assert "w.log" in told.sentences[-1]
    assert "it is broken" in told.sentences[-1]


def test_a_misconfigured_child_is_not_started_again(
    supervisor: Supervisor, told: Told, tmp_path: Path
) -> None:
    script = f"exit {ExitCode.MISCONFIGURED}"
    supervisor.start([ends_once_ready("w", script, tmp_path / "flag")])

    stepped_until(supervisor, lambda: only(supervisor).phase == "gave up")

    assert "something has to be set right first" in told.sentences[-1]


def test_others_go_on_when_one_is_given_up(supervisor: Supervisor, tmp_path: Path) -> None:
    bad = ends_once_ready("bad", "exit 78", tmp_path / "flag")
    supervisor.start([shell("good", "exec sleep 1000"), bad])

    stepped_until(
        supervisor, lambda: [each.phase for each in supervisor.states()] == ["ready", "gave up"]
    )

    assert supervisor.states()[0].is_alive()


def test_state_is_told_after_changes_only(supervisor: Supervisor, told: Told) -> None:
    supervisor.start([shell("w", "exec sleep 1000")])
    before = next(told.changes)

    supervisor.step()
    supervisor.step()

    assert next(told.changes) == before + 1


def test_stopping_leaves_nothing_and_can_be_repeated(supervisor: Supervisor) -> None:
    supervisor.start([shell("w", "exec sleep 1000")])
    running = only(supervisor)

    supervisor.stop()
    supervisor.stop()

    assert not running.is_alive()
    assert (only(supervisor).phase, only(supervisor).pid) == ("stopped", None)


def test_a_port_that_answers_is_a_readiness(supervisor: Supervisor, tmp_path: Path) -> None:
    from recordbus.local.ports import answers, free_ports

    (port,) = free_ports(1)
    script = (
        "import socket,time\n"
        f"s = socket.socket(); s.bind(('127.0.0.1', {port})); s.listen(5); time.sleep(1000)"
    )
    made = ProcessSpec("s", (sys.executable, "-c", script), ready=lambda: answers(port))

    supervisor.start([made])

    socket.create_connection(("127.0.0.1", port)).close()


def test_what_an_earlier_run_left_is_ended() -> None:
    left = subprocess.Popen(["/bin/sleep", "1000"], process_group=0)
    states = [
        ProcessState("left", left.pid, born(left.pid), "ready"),
        ProcessState("another", left.pid, born(left.pid) - 1000, "ready"),
        ProcessState("ended", None, None, "stopped"),
    ]

    assert end_leftovers(states, grace_seconds=0.2) == ["left"]
    assert left.wait(20) != 0
