"""Row 74: a case must be known, open, and assigned to whoever asks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from consumers.search.cases import CaseFile
from consumers.search.gates import CaseState
from recordbus.errors import Misconfigured

FILE = """
cases:
  - {number: 2026-117, state: open, assigned: [det. Alvarez]}
  - {number: 2025-009, state: closed, assigned: [det. Alvarez]}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "cases.yaml"
    made.write_text(FILE)
    return made


@pytest.mark.parametrize(
    ("number", "requester", "state"),
    [
        ("2026-117", "det. Alvarez", CaseState.OPEN),
        (" 2026-117 ", "det. Alvarez", CaseState.OPEN),
        ("2026-117", "sgt. Reyes", CaseState.SOMEBODY_ELSES),
        ("2025-009", "det. Alvarez", CaseState.CLOSED),
        ("2026-118", "det. Alvarez", CaseState.UNKNOWN),
    ],
)
def test_a_case_is_judged_for_its_requester(
    path: Path, number: str, requester: str, state: CaseState
) -> None:
    assert CaseFile(path).state(number, requester) is state


def test_a_case_closed_meanwhile_is_closed(path: Path) -> None:
    cases = CaseFile(path)
    path.write_text(FILE.replace("state: open", "state: closed"))
    os.utime(path, ns=(1, 1))

    assert cases.state("2026-117", "det. Alvarez") is CaseState.CLOSED


@pytest.mark.parametrize("content", ["", "cases: [{number: 1}]", "cases: [", "\x00", "[]"])
def test_a_register_that_cannot_be_read_is_an_operators_matter(path: Path, content: str) -> None:
    path.write_text(content)

    with pytest.raises(Misconfigured, match="case register"):
        CaseFile(path)


def test_a_register_that_vanished_lets_nothing_through(path: Path) -> None:
    cases = CaseFile(path)
    path.unlink()

    with pytest.raises(Misconfigured):
        cases.state("2026-117", "det. Alvarez")
