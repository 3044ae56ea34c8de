"""What an operator asks an outbox for, as the command line answers it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from recordbus.cli import run
from recordbus.errors import ExitCode

from .conftest import Department


def outbox(*arguments: str) -> int:
    return run(["publish", "outbox", *arguments])


def test_the_printed_statements_make_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert outbox("ddl", "sqlite") == 0
    sqlite3.connect(tmp_path / "new.sqlite").executescript(capsys.readouterr().out)
    assert outbox("status", "--database", str(tmp_path / "new.sqlite")) == 0
    assert capsys.readouterr().out == "0 waiting; 0 refused\n"
    assert outbox("ddl", "postgres") == 0
    assert "pg_notify" in capsys.readouterr().out


def test_refused_rows_are_listed_and_may_be_tried_again(
    department: Department, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECORDBUS_OUTBOX__DATABASE", str(department.path))
    department.write("A")
    department.row(record_id="B", payload='{"surname": "Almeida"}')
    department.relayed()
    assert outbox("refused", "--json") == 0
    told = capsys.readouterr().out
    assert [each["id"] for each in json.loads(told)] == [2]
    assert "Almeida" not in told
    assert outbox("retry", "2") == 0
    assert outbox("status", "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["waiting"] == 1


@pytest.mark.parametrize("database", [None, "missing.sqlite", "empty.sqlite"])
def test_a_database_without_an_outbox_is_told_with_what_to_do(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    database: str | None,
) -> None:
    monkeypatch.chdir(tmp_path)
    sqlite3.connect("empty.sqlite").close()
    options = [] if database is None else ["--database", database]
    assert outbox("status", *options) == ExitCode.MISCONFIGURED
    assert capsys.readouterr().err.count("\n") == 2
    assert not Path("missing.sqlite").exists()
