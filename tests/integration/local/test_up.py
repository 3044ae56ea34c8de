"""`recordbus up`, `down` and `status` as a person uses them, with the servers only."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from recordbus.errors import ExitCode
from recordbus.kafka.catalogue import subjects
from recordbus.local import status as local_status
from recordbus.local.run_directory import RunDirectory

pytestmark = pytest.mark.kafka

RECORDBUS = (sys.executable, "-m", "recordbus")
CITATIONS = Path(__file__).parents[3] / "examples" / "citations"


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "RECORDBUS_CONFIG"}
    return {**kept, **more}


def call(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*RECORDBUS, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=environment(**more),
    )


def eventually(condition: Callable[[], Any], seconds: float = 60.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.02)
    return found


class Bus:
    """The bus of one run directory, from outside."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.started: list[subprocess.Popen[str]] = []

    def up(self, *options: str) -> subprocess.CompletedProcess[str]:
        return call(
            "up", "--detach", "--servers-only", "--free-ports", *options, *self._directory()
        )

    def up_attended(self) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [*RECORDBUS, "up", "--servers-only", "--free-ports", *self._directory()],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(),
            start_new_session=True,
        )
        self.started.append(process)
        eventually(lambda: self.status()["ready"] or process.poll() is not None)
        return process

    def down(self) -> subprocess.CompletedProcess[str]:
        return call("down", *self._directory())

    def status(self) -> dict[str, Any]:
        """Give what `status --json` prints, without the second that a new Python takes."""
        return local_status.read(RunDirectory(self.root)).as_json()

    def pids(self) -> dict[str, int]:
        return {each["name"]: each["pid"] for each in self.status()["processes"]}

    def topics(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return call("--config", str(self.root / "recordbus.toml"), "topics", *arguments)

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        if self.status()["running"]:
            self.down()
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()

    def _directory(self) -> tuple[str, str]:
        return "--run-directory", str(self.root)


@pytest.fixture
def bus(tmp_path: Path) -> Iterator[Bus]:
    made = Bus(tmp_path / "run")
    yield made
    made.end()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    """Give a bus that is up; for tests that leave it so, each with departments of its own."""
    made = Bus(tmp_path_factory.mktemp("running") / "run")
    assert made.up().returncode == ExitCode.OK
    yield made
    made.end()


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_up_status_topics_and_down(bus: Bus) -> None:
    assert bus.up().returncode == ExitCode.OK
    found = bus.status()
    pids = bus.pids()

    assert found["ready"]
    assert set(pids) == {"kafka", "registry"}
    printed = call("status", "--json", *bus._directory())
    assert printed.returncode == ExitCode.OK
    assert json.loads(printed.stdout) == found | {"next": []}
    assert bus.topics("diff").returncode == ExitCode.OK
    assert "records.v1" in bus.topics("list").stdout

    assert bus.down().returncode == ExitCode.OK
    assert not any(lives(pid) for pid in (*pids.values(), found["supervisor_pid"]))
    assert call("status", *bus._directory()).returncode == ExitCode.UNAVAILABLE


def test_a_second_up_says_who_has_the_directory(running: Bus) -> None:
    again = running.up()

    assert again.returncode == ExitCode.MISCONFIGURED
    assert f"run by process {running.status()['supervisor_pid']}" in again.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_of_it_in_order(bus: Bus, number: signal.Signals) -> None:
    process = bus.up_attended()
    pids = bus.pids()

    process.send_signal(number)

    assert process.wait(60) == ExitCode.OK
    assert not any(lives(pid) for pid in pids.values())
    assert {each["condition"] for each in bus.status()["processes"]} == {"stopped"}


def test_ctrl_c_of_a_terminal_reaches_the_supervisor_only(bus: Bus) -> None:
    """A terminal signals the whole foreground group; Kafka must not hear it before the workers."""
    process = bus.up_attended()
    pids = bus.pids()

    os.killpg(process.pid, signal.SIGINT)

    assert process.wait(60) == ExitCode.OK
    assert all(os.getsid(0) != pid for pid in pids.values())
    assert not any(lives(pid) for pid in pids.values())


def test_a_killed_supervisor_leaves_nothing_and_up_goes_on(bus: Bus) -> None:
    process = bus.up_attended()
    before = bus.status()
    made = bus.topics("apply", "--department", "river-pd")
    assert made.returncode == ExitCode.OK, made.stderr

    process.kill()
    process.wait()

    eventually(lambda: not any(lives(each["pid"]) for each in before["processes"]))
    assert bus.status()["running"] is False
    assert bus.up().returncode == ExitCode.OK
    after = bus.status()
    assert after["bootstrap_servers"] == before["bootstrap_servers"]
    assert bus.topics("diff", "--department", "river-pd").returncode == ExitCode.OK


def test_a_killed_server_is_started_again(bus: Bus) -> None:
    bus.up()
    first = bus.pids()["registry"]

    os.kill(first, signal.SIGKILL)
    eventually(lambda: bus.pids()["registry"] not in {None, first} and bus.status()["ready"])

    (registry,) = (each for each in bus.status()["processes"] if each["name"] == "registry")
    assert registry["restarts"] == 1


def test_a_used_port_is_named_with_its_user(bus: Bus) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        found = call(
            "up",
            "--servers-only",
            *bus._directory(),
            RECORDBUS_KAFKA__BOOTSTRAP_SERVERS=f"127.0.0.1:{port}",
        )

    assert found.returncode == ExitCode.MISCONFIGURED
    assert f"port {port} for kafka.clients is already used by process {os.getpid()}" in found.stderr
    assert "--free-ports" in found.stderr or "choose another port" in found.stderr


def test_servers_elsewhere_are_refused(bus: Bus) -> None:
    found = call(
        "up",
        "--servers-only",
        *bus._directory(),
        RECORDBUS_KAFKA__BOOTSTRAP_SERVERS="kafka.example.org:9092",
    )

    assert found.returncode == ExitCode.MISCONFIGURED
    assert "not on this machine" in found.stderr


def test_schemas_are_registered_and_checked(running: Bus) -> None:
    config = ("--config", str(running.root / "recordbus.toml"))

    assert call(*config, "schemas", "check").stdout == "0 problems\n"
    registered = call(*config, "schemas", "register", "--department", "river-pd")
    assert registered.returncode == ExitCode.OK
    new = {each.name for each in subjects(["river-pd"])} - {each.name for each in subjects([])}
    assert {"ingest.river-pd.v1-value", "uses.river-pd.v1-value"} < new
    assert registered.stdout.startswith(f"{len(new)} schemas were new")


def test_a_department_joins_a_running_bus_and_publishes(running: Bus) -> None:
    """R-44: its topic is its own; R-25: its secret is made once."""
    with_config = ("--config", str(running.root / "recordbus.toml"))
    add = (*with_config, "departments", "add", "maple-grove-pd", "--ori", "ZZ0990100",
           "--title", "Maple Grove PD", "--unit", "Records Desk", "--json")  # fmt: skip
    assert running.topics("diff", "--department", "maple-grove-pd").returncode == ExitCode.FAILED

    joined = json.loads(call(*add).stdout)
    assert joined["is_new"]
    assert [said for said in joined["next"] if "when it is up" in said] == []
    assert running.topics("diff").returncode == ExitCode.OK
    assert call(*with_config, "schemas", "check").returncode == ExitCode.OK
    secret = Path(joined["secret_file"]).read_bytes()

    published = call(
        *with_config, "publish", "csv", str(CITATIONS / "monday.csv"), "--mapping",
        str(CITATIONS / "citations.yaml"), "--department", "maple-grove-pd", "--json",
    )  # fmt: skip
    assert published.returncode == ExitCode.OK, published.stderr
    assert json.loads(published.stdout)["accounts"][0]["accepted"] == 6

    again = json.loads(call(*add).stdout)
    assert not again["is_new"]
    assert Path(again["secret_file"]).read_bytes() == secret


def test_down_and_status_of_nothing(bus: Bus) -> None:
    assert bus.down().stdout == f"nothing runs in {bus.root}\n"
    assert bus.status()["processes"] == []
