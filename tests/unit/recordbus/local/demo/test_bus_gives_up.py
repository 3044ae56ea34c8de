"""The demo does not wait for a worker that is down for good: it ends and says which and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from recordbus.errors import Retryable
from recordbus.local.demo.bus import DemoBus, WorkerGaveUp
from recordbus.local.run_directory import ProcessState, RunDirectory, RunState


def test_a_worker_that_gave_up_ends_the_demo_with_its_reason(tmp_path: Path) -> None:
    well = ProcessState("meet", 1, 1.0, "ready", ports={"metrics": 30_100})
    ended = ProcessState("associate", None, None, "gave up", log="a.log", message="ended with 78")
    run, bus = RunDirectory(tmp_path), DemoBus(tmp_path, "harbor-city-pd")
    run.write(RunState(1, 1.0, "ready", processes=(well,)))
    assert bus.metrics_ports() == {"meet": 30_100}

    run.write(RunState(1, 1.0, "ready", processes=(well, ended)))

    with pytest.raises(WorkerGaveUp, match=r"^associate ended with 78 \(see a\.log\)$"):
        bus.metrics_ports()
    bus.stop()


def test_a_bus_that_left_nothing_says_where_to_look(tmp_path: Path) -> None:
    bus = DemoBus(tmp_path, "harbor-city-pd")
    with pytest.raises(Retryable, match=r"left no state .*up\.log"):
        bus.state()
    bus.stop()
