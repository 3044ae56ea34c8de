"""O4: as many entries as questions, and every entry in the log before its answer's first byte."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from recordbus.audit.layout import entries_file
from recordbus.audit.reader import read_mark
from recordbus.cli import run
from recordbus.errors import ExitCode
from recordbus.local.demo.sharing import AgreementFile, write_agreements
from recordbus.testing.audit import entries_in
from tests.unit.consumers.conftest import EVERYTHING, METRO
from tests.unit.consumers.search.inquiry.conftest import ANN, BO, CAR, County

WHO = ["--case", "2026-117", "--requester", "det. Alvarez"]
ASK = [*WHO, "--purpose", "criminal_investigation"]
AUDITOR = ["--requester", "auditor.weiss"]
ANSWERED = (
    ["search", "--name", "ann leigh", *ASK],
    ["search", "--name", "ann leigh", "--entities", "--json", *ASK],
    ["show", ANN, *ASK],
    ["show", ANN, "--json", *ASK],
    ["path", CAR[:10], BO, *ASK],
    ["network", ANN, "--output", "net.html", *ASK],
    ["audit", "sample", "2", *AUDITOR],
    ["audit", "find", "ann leigh", *AUDITOR],
    ["audit", "export", "--output", "out.jsonl", *AUDITOR],
    ["audit", "statistics", "2020-01", *AUDITOR],
)
NOT_ANSWERED = (
    (["search", "--name", "ann leigh"], ExitCode.REFUSED, "refused"),
    (["search", "--name", "ann", *WHO, "--purpose", "employment"], ExitCode.REFUSED, "refused"),
    (["search", "a*", *ASK], ExitCode.REJECTED, "rejected"),
    (["show", "abc", *ASK], ExitCode.REJECTED, "rejected"),
    (["show", ANN, *ASK[:2], *AUDITOR, "--purpose", "audit"], ExitCode.REFUSED, "refused"),
    (["path", ANN, ANN, *ASK], ExitCode.REJECTED, "rejected"),
    (["network", ANN, "--output", "n.svg"], ExitCode.REFUSED, "refused"),
    (["why", "0123456789ab.p1", "ba9876543210.p1", *ASK], ExitCode.REJECTED, "rejected"),
    (["why-not", "0123456789ab.p1", "ba9876543210.p1"], ExitCode.REFUSED, "refused"),
    (["audit", "sample", "2", "--requester", "det. Alvarez"], ExitCode.REFUSED, "refused"),
)


class Answers(io.BytesIO):
    """A standard output that notes how many entries the log has at each write."""

    def __init__(self, audit: Path) -> None:
        super().__init__()
        self._audit = audit
        self.entries_at: list[int] = []

    def write(self, data: object) -> int:
        self.entries_at.append(len(entries_in(self._audit)))
        return super().write(data)  # type: ignore[arg-type]


@pytest.fixture
def audit(county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("RECORDBUS_INDEX__PATH", str(county.path))
    monkeypatch.setenv("RECORDBUS_IDENTIFIERS__KEY", "5" * 64)
    monkeypatch.setenv("RECORDBUS_AUDIT__AUDITORS", "auditor.weiss")
    monkeypatch.setenv("RECORDBUS_SEARCH__AGENCY", METRO)
    write_agreements(tmp_path, [AgreementFile("harbor-to-metro", EVERYTHING)])
    monkeypatch.chdir(tmp_path)
    return tmp_path / "audit"


def test_every_question_is_one_entry_that_is_there_before_its_answer(
    audit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, command in enumerate(ANSWERED, 1):
        answers = Answers(audit)
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(answers, write_through=True))
        assert run(command) == ExitCode.OK
        assert answers.entries_at, "nothing was answered"
        assert set(answers.entries_at) == {place}
    monkeypatch.undo()

    assert [each["sequence"] for each in entries_in(audit)] == [*range(len(ANSWERED))]
    assert {each["outcome"] for each in entries_in(audit)} == {"answered"}


def test_what_is_not_answered_is_one_entry_too(
    audit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, code, _ in NOT_ANSWERED:
        assert run(command) == code
        assert capsys.readouterr().out == ""

    assert [each["outcome"] for each in entries_in(audit)] == [last for *_, last in NOT_ANSWERED]


@pytest.mark.parametrize("command", ANSWERED, ids=" ".join)
def test_while_the_log_cannot_be_written_nothing_is_answered(
    audit: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    """Catalogue row 46: no byte and no file, whichever command asks."""
    assert run(["show", ANN, *ASK]) == ExitCode.OK
    capsys.readouterr()
    path = audit / entries_file(0)
    path.write_bytes(path.read_bytes()[: read_mark(audit).end - 1])

    assert run(command) == ExitCode.UNAVAILABLE

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "acknowledged" in printed.err
    assert {each.name for each in audit.parent.glob("*.*")} & {"net.html", "out.jsonl"} == set()
