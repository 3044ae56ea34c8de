"""One supervisor a run directory, and a state that readers can trust."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from recordbus.errors import Misconfigured
from recordbus.local import status
from recordbus.local.run_directory import (
    ProcessState,
    RunDirectory,
    RunState,
    born,
    is_running,
    myself,
)


def state_of(*processes: ProcessState, pid: int | None = None) -> RunState:
    own, since = myself()
    return RunState(
        pid=own if pid is None else pid,
        born=since,
        phase="ready",
        bootstrap_servers="127.0.0.1:1",
        registry_url="http://127.0.0.1:2",
        processes=processes,
    )


def process(name: str = "kafka", ports: dict[str, int] | None = None) -> ProcessState:
    own, since = myself()
    return ProcessState(name, own, since, "ready", ports=ports or {})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path / "run")
    state = state_of(process(ports={"clients": 9092}))
    with run.claim():
        run.write(state)

    assert run.read() == state
    assert state.ports() == {"kafka.clients": 9092}


@pytest.mark.parametrize("text", [None, "", "{}", "[1]", '{"pid": 1, "processes": [3]}'])
def test_a_state_that_cannot_be_read_is_none(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "run.json").write_text(text)

    assert RunDirectory(tmp_path).read() is None


def test_a_second_supervisor_is_told_of_the_first(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    with run.claim():
        run.write(state_of())
        with pytest.raises(Misconfigured, match=f"process {os.getpid()}"), run.claim():
            pytest.fail("claimed twice")
    with run.claim():
        assert run.logs.is_dir()


def test_a_directory_that_cannot_be_made_is_misconfigured(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        pytest.raises(Misconfigured, match="--run-directory"),
        RunDirectory(tmp_path / "file" / "run").claim(),
    ):
        pytest.fail("claimed")


def test_a_process_is_known_by_its_start_not_by_its_number() -> None:
    pid, since = myself()

    assert is_running(pid, since)
    assert not is_running(pid, since - 100)
    assert not is_running(None, None)


def test_a_process_that_ended_is_not_running() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        since = born(child.pid)
        assert is_running(child.pid, since)
    assert not is_running(child.pid, since)
    assert born(child.pid) == 0.0


def test_status_says_ready_only_when_all_of_it_answers(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    with run.claim():
        run.write(state_of(process("a"), process("b", {"http": 1})))

    found = status.read(run)

    assert found.running
    assert not found.ready
    shown = {each["name"]: each["condition"] for each in found.as_json()["processes"]}
    assert shown == {"a": "ready", "b": "not answering"}
    assert any("not answering" in line for line in found.as_lines())


def test_status_of_a_killed_supervisor_is_not_running(tmp_path: Path) -> None:
    run = RunDirectory(tmp_path)
    gone = ProcessState("kafka", 2**22 + 1, 1.0, "ready")
    with run.claim():
        run.write(state_of(gone, pid=2**22 + 1))

    shown = status.read(run).as_json()

    assert (shown["running"], shown["ready"], shown["phase"]) == (False, False, "stopped")
    assert shown["processes"][0]["condition"] == "gone"


def test_status_of_nothing_says_so(tmp_path: Path) -> None:
    found = status.read(RunDirectory(tmp_path))

    assert list(found.as_lines()) == [f"nothing was ever started in {tmp_path}"]
    assert found.as_json()["running"] is False
