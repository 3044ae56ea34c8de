"""`recordbus demo` as a person runs it: it shows what it promises and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import psutil
import pytest

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.timeout(600)]

DEMO: Final = (sys.executable, "-m", "recordbus", "demo")
BOSTON: Final = Path(__file__).parents[3] / "shared/data/boston_field_contacts_2020.csv"
BOSTON_ROWS: Final = 5717
PATIENCE_SECONDS: Final = 300.0
COUNTS: Final = {"read", "accepted", "unchanged", "duplicates", "searchable"}


class Demo:
    """A running demo in a session of its own, as a terminal would start it."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        self.run = directory / "run"
        directory.mkdir(parents=True)
        self.printed = directory / "printed"
        self.complained = directory / "complained"
        own = ("--run-directory", str(self.run))
        kept = {name: value for name, value in os.environ.items() if name != "RECORDBUS_CONFIG"}
        with self.printed.open("w") as printed, self.complained.open("w") as complained:
            self.process = subprocess.Popen(
                [*DEMO, *own, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=complained,
                env=kept,
                start_new_session=True,
            )

    def wait(self) -> int:
        """Wait for the end; gives the exit code."""
        return self.process.wait(PATIENCE_SECONDS)

    def complaints(self) -> str:
        """Give what went to standard error, for a failing test."""
        return self.complained.read_text()[-3000:]

    def result(self) -> dict[str, Any]:
        """Give the one object that the last line of standard output holds."""
        lines = self.printed.read_text().strip().splitlines()
        found: dict[str, Any] = json.loads(lines[-1])
        return found

    def left(self) -> list[str]:
        """Name the processes of this demo that still run."""
        return [_named(each) for each in psutil.process_iter() if self._owns(each)]

    def end(self) -> None:
        """End whatever a failed test left."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _owns(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            seen = [process.cwd(), *process.cmdline(), *process.environ().values()]
        except psutil.Error:
            return False
        return process.pid != os.getpid() and any(str(self.run) in text for text in seen)


def _named(process: psutil.Process) -> str:
    try:
        return f"{process.pid}: {' '.join(process.cmdline())[-200:]}"
    except psutil.Error:
        return f"{process.pid}: gone meanwhile"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Demo]]:
    started: list[Demo] = []

    def make(*arguments: str) -> Demo:
        started.append(Demo(tmp_path / f"demo-{len(started)}", *arguments))
        return started[-1]

    yield make
    for demo in started:
        demo.end()


def check_shape(result: dict[str, Any]) -> None:
    """Check that the object is as documented, and that every row of every department ended."""
    figures = {"latency_seconds", "records_per_second", "first_answer_seconds"}
    assert set(result) == {"departments", "associations", *figures}
    assert set(result["associations"]) == {"entities", "standing", "retracted"}
    assert result["associations"]["entities"] > 0
    assert set(result["latency_seconds"]) == {"p50", "p99"}
    assert 0 < result["latency_seconds"]["p50"] <= result["latency_seconds"]["p99"]
    assert result["records_per_second"] > 0
    assert result["latency_seconds"]["p50"] < result["first_answer_seconds"] < PATIENCE_SECONDS
    for name, account in result["departments"].items():
        assert set(account) == COUNTS | {"refused", "quarantined"}, name
        ended = [account["accepted"], account["unchanged"], account["duplicates"]]
        ended += [*account["refused"].values(), *account["quarantined"].values()]
        assert account["read"] == sum(ended), name
        assert account["searchable"] == account["accepted"], name


def test_two_demos_at_once_each_account_for_every_row_of_their_county(
    start: Callable[..., Demo],
) -> None:
    large = start("--once", "--json", "--people", "1500", "--seed", "11")
    small = start("--once", "--json", "--people", "60", "--seed", "3")
    for demo in (large, small):
        assert demo.wait() == 0, demo.complaints()
        assert demo.left() == []
        check_shape(demo.result())
        _check_against_truth(demo)
    assert large.result()["associations"]["standing"] > 0
    told = large.complained.read_text()
    assert "one person in the records of" in told
    assert "stay two, and why" in told
    assert told.count("recordbus search") >= 3
    assert "expunges" in told
    assert "0 found" in told
    assert "subscribes for immigration_enforcement and is denied" in told
    assert "bus/purpose_denied" in told
    assert "its owner corrected it" in told
    assert "the record was expunged" in told
    assert "is receipted" in told
    assert "nothing was altered" in told
    assert "/metrics" in told
    assert not list((large.run / "logs" / "commands").glob("*.out")), "answers were left on disk"


def _check_against_truth(demo: Demo) -> None:
    manifest = json.loads((demo.run / "county/truth/manifest.json").read_text())
    departments = demo.result()["departments"]
    assert set(departments) == set(manifest["departments"])
    for name, expected in manifest["departments"].items():
        first = expected["snapshots"][0]
        account = departments[name]
        assert account["read"] == first["rows"], name
        assert account["refused"] == first["refused"], name
        assert account["duplicates"] == first["duplicates"], name
        assert account["accepted"] == first["records"], name
        assert account["quarantined"] == {}, name


@pytest.mark.parametrize("after", ["starting Kafka", "ready after"])
def test_ctrl_c_in_the_middle_leaves_no_process(start: Callable[..., Demo], after: str) -> None:
    demo = start("--people", "2000")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while after not in demo.printed.read_text():
        assert demo.process.poll() is None, demo.complaints()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(demo.process.pid, signal.SIGINT)
    code = demo.wait()
    assert demo.left() == []
    assert code == 130, demo.complaints()
    assert "Traceback" not in demo.complaints()


@pytest.mark.skipif(not BOSTON.exists(), reason=f"{BOSTON} is not on this machine")
def test_the_boston_file_is_accounted_for_row_by_row(start: Callable[..., Demo]) -> None:
    demo = start("--once", "--json", "--csv", str(BOSTON), "--mapping", "boston-field-contacts")
    assert demo.wait() == 0, demo.complaints()
    assert demo.left() == []
    result = demo.result()
    check_shape(result)
    (account,) = result["departments"].values()
    assert account["read"] == BOSTON_ROWS
    assert account["accepted"] > 5000
    assert account["refused"]
    assert account["quarantined"] == {}
