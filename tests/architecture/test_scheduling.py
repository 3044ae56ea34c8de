"""The plan by which workers share a run speaks of tests that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scheduling import LONGEST, UNITS, rank, unit_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("start", sorted({*UNITS, *LONGEST}))
def test_what_the_plan_names_is_there(start: str) -> None:
    assert (ROOT / start).exists()


def test_tests_that_share_something_stay_together_and_others_go_alone() -> None:
    together = {unit_of(f"tests/integration/intake/{name}") for name in ("a.py::b", "c.py::d[e]")}
    assert together == {"bus"}
    alone = "tests/unit/schemas/test_files.py::test_x[1]"
    assert unit_of(alone) == alone


def test_what_takes_longest_comes_first() -> None:
    asked = ["tests/unit/a.py::b", "tests/integration/stage/test_loss.py::e", "tests/e2e/c.py::d"]
    assert sorted(asked, key=rank) == asked[::-1]
