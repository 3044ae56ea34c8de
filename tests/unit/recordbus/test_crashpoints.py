"""Crash points: a test ends a process at a step by name, and every name is that of a step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import consumers.crashpoints
import recordbus.audit.crash
import streams.rebuild.crashpoints
import streams.runtime.crashpoints
from recordbus import crashpoints
from recordbus.errors import Misconfigured

NAMES = ("batch.handled", "batch.settled")


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    crashpoints.arm(None)


@pytest.mark.parametrize(("spec", "visits"), [("batch.handled:3", 3), ("batch.handled", 1)])
def test_a_crash_point_ends_the_process_at_the_nth_visit(spec: str, visits: int) -> None:
    ends: list[int] = []
    crashpoints.arm(crashpoints.exit_at(spec, NAMES, ends.append))  # type: ignore[arg-type]
    crashpoints.crashpoint("batch.settled")
    for _ in range(visits - 1):
        crashpoints.crashpoint("batch.handled")
    assert ends == []
    for _ in range(2):
        crashpoints.crashpoint("batch.handled")
    assert ends == [crashpoints.EXIT_CODE]


@pytest.mark.parametrize("spec", ["nowhere", "nowhere:1", "batch.handled:x", "batch.handled:-1"])
def test_a_crash_point_that_no_step_has_is_refused(spec: str) -> None:
    with pytest.raises(Misconfigured, match="names no crash point"):
        crashpoints.exit_at(spec, NAMES)


def test_an_unarmed_crash_point_does_nothing() -> None:
    crashpoints.arm(None)
    crashpoints.crashpoint("batch.handled")


@pytest.mark.parametrize(
    ("service", "names"),
    [
        ("streams", (*streams.runtime.crashpoints.NAMES, *streams.rebuild.crashpoints.NAMES)),
        ("consumers", consumers.crashpoints.NAMES),
        ("recordbus/audit", (*recordbus.audit.crash.NAMES, *recordbus.audit.crash.USES_NAMES)),
    ],
)
def test_every_name_is_that_of_a_step_and_every_step_is_named(
    service: str, names: Sequence[str]
) -> None:
    root = Path(crashpoints.__file__).parents[1] / service
    marked = re.compile(r'\bcrashpoint\("([^"]+)"\)')
    found = [name for path in root.rglob("*.py") for name in marked.findall(path.read_text())]
    assert sorted(found) == sorted(names)
