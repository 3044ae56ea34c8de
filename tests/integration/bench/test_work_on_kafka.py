"""Other engines do the stages' work as ours do: the same content of the public topics."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bench.work.__main__ import ENGINES
from bench.work.load import load_of
from bench.work.runs import Runs
from bench.workers import register_schemas
from recordbus.local.servers import LocalServers

HERE = ("ours", "plain_faust", "bare")
"""Those that need no environment of their own."""

pytestmark = pytest.mark.slow


def test_all_engines_end_with_the_same_content(own_servers: LocalServers, tmp_path: Path) -> None:
    register_schemas(own_servers)
    registry = own_servers.schema_registry()
    load = load_of(registry, count=40, warm_up=10, now_ms=int(time.time() * 1000))
    registry.close()
    runs = Runs(own_servers, load, tmp_path)

    found = {
        engine.title: runs.run(engine)
        for engine in ENGINES
        if engine.module in HERE and engine.exactly_once == (engine.module != "plain_faust")
    }

    assert len(found) == len(HERE)
    assert {
        title: (run.wrong_keys, run.surplus_messages) for title, run in found.items()
    } == dict.fromkeys(found, (0, 0))
    assert all(run.seconds is not None for run in found.values())
