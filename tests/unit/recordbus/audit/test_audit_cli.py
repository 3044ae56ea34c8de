"""`recordbus audit` as auditors, operators and third parties meet it (R-40, R-42)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from recordbus.audit import readings_command
from recordbus.audit.assembly import open_sealer
from recordbus.audit.layout import entries_file
from recordbus.audit.reader import read_mark
from recordbus.audit.standing import Count
from recordbus.audit.store import Store
from recordbus.cli import run
from recordbus.clock import SystemClock
from recordbus.errors import ExitCode
from recordbus.settings import load
from recordbus.testing.audit import entries_in
from tests.unit.recordbus.audit.conftest import entry

WEISS = ["--requester", "auditor.weiss"]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path / "run"))
    monkeypatch.setenv("RECORDBUS_AUDIT__AUDITORS", "auditor.weiss, auditor.okafor")
    store = Store(tmp_path / "run" / "audit", open_sealer(load()))
    store.commit([entry(number) for number in range(6)], 2)
    store.close()
    return tmp_path / "run" / "audit"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["audit", *arguments]) == ExitCode.OK, capsys.readouterr().err
    return capsys.readouterr().out


def test_an_auditor_samples_and_the_log_says_so_before(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = told(capsys, "sample", "2", "--seed", "4", "--json", *WEISS)

    lines = [json.loads(line) for line in out.splitlines()]
    assert len(lines) == 2
    for line in lines:
        assert line["texts"]["asked.name"] == f"Jane Roe {line['entry']['sequence']}"
    read = entries_in(log)[-1]
    assert (read["command"], read["requester"], read["purpose"], read["operation"]) == (
        "audit.sample", "auditor.weiss", "audit", "consultation",
    )  # fmt: skip
    assert read["asked"] == {"count": 2, "seed": 4}
    text = told(capsys, "sample", "2", "--seed", "4", *WEISS)
    assert "--seed 4" in text
    assert "asked name: Jane Roe" in text


@pytest.mark.parametrize(
    "command",
    [["sample", "1"], ["find", "Jane Roe 2"], ["export", "--output", "out"],
     ["prove", "0", "--output", "out"], ["statistics", "2025-12"]],
    ids=lambda command: command[0],
)  # fmt: skip
@pytest.mark.parametrize("who", ["det. Alvarez", ""])
def test_only_an_auditor_reads_and_the_refusal_is_in_the_log(
    log: Path, capsys: pytest.CaptureFixture[str], command: list[str], who: str
) -> None:
    assert run(["audit", *command, "--requester", who]) == ExitCode.REFUSED

    assert "Jane" not in capsys.readouterr().out
    assert not Path("out").exists()
    last = entries_in(log)[-1]
    assert (last["outcome"], last["reasons"]) == ("refused", ["not_an_auditor"])


@pytest.mark.parametrize(
    "command", [["sample", "1"], ["find", "Jane Roe 2"], ["export", "--output", "out"]]
)
def test_nothing_is_read_that_cannot_be_audited(
    log: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    end = read_mark(log).end
    path = log / entries_file(0)
    path.write_bytes(path.read_bytes()[: end - 1])

    assert run(["audit", *command, *WEISS]) == ExitCode.UNAVAILABLE
    assert capsys.readouterr().out == ""
    assert not Path("out").exists()


def test_a_proof_is_checked_by_who_has_the_public_key_only(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = json.loads(told(capsys, "checkpoint", "--json"))["log_key"]
    told(capsys, "prove", "id-3", "--output", "proof.json", *WEISS)

    assert "entry 3 is in the log of 6" in told(
        capsys, "verify", "--proof", "proof.json", "--log-key", key
    )
    document = json.loads(Path("proof.json").read_text())
    document["entry"] = document["entry"].replace("det. Alvarez", "det. Nobody")
    Path("proof.json").write_text(json.dumps(document))
    assert run(["audit", "verify", "--proof", "proof.json"]) == ExitCode.REJECTED
    assert "not in the log" in capsys.readouterr().err


def test_verify_says_that_nothing_was_altered_and_then_that_something_was(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "verify"]) == ExitCode.REJECTED
    assert "no checkpoint" in capsys.readouterr().out
    told(capsys, "checkpoint")
    assert "nothing was altered" in told(capsys, "verify")
    report = json.loads(told(capsys, "verify", "--json"))
    assert (report["entries"], report["covered"], report["is_sound"]) == (6, 6, True)

    path = log / entries_file(0)
    path.write_bytes(path.read_bytes().replace(b"det. Alvarez", b"det. Nobody1", 1))
    assert run(["audit", "verify"]) == ExitCode.REJECTED
    assert "ALTERED: segment 0" in capsys.readouterr().out


def test_a_witness_signs_and_its_checkpoint_is_verified(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = json.loads(told(capsys, "checkpoint", "--json"))["log_key"]
    asked = ["witness", str(log / "public"), "--log-key", key, "--name", "w.example",
             "--key", "w.pem", "--state", "seen"]  # fmt: skip
    assert "witness key w.example+" in told(capsys, *asked)
    assert "nothing was altered" in told(capsys, "verify", "--checkpoint", "seen")

    Path("seen").write_text(Path("seen").read_text().replace("\n6\n", "\n7\n"))
    assert run(["audit", "verify", "--checkpoint", "seen"]) == ExitCode.REJECTED


@pytest.mark.parametrize(("form", "lines"), [("jsonl", 7), ("csv", 8)])
def test_an_export_is_a_new_file_of_every_entry(
    log: Path, capsys: pytest.CaptureFixture[str], form: str, lines: int
) -> None:
    told(capsys, "export", "--form", form, "--output", "out", *WEISS)

    assert len(Path("out").read_text().splitlines()) == lines  # the reading itself included
    assert "Jane" not in Path("out").read_text()
    assert Path("out").stat().st_mode & 0o077 == 0
    again = ["audit", "export", "--output", "out", *WEISS]
    assert run(again) == ExitCode.MISCONFIGURED


def test_what_was_asked_is_found_and_erased(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "id-2" in told(capsys, "find", "jane roe 2", *WEISS)
    erased = told(capsys, "erase", "--record", "r2", "--requester", "clerk",
                  "--reason", "court_order")  # fmt: skip
    assert erased == "1 erased\n"
    assert told(capsys, "find", "jane roe 2", *WEISS).endswith("2 entries\n")  # both readings
    kinds = [each["operation"] for each in entries_in(log)]
    assert kinds.count("erasure") == 1


def test_an_owners_uses_are_listed(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """R-41: who, for what, and which of the owner's records."""
    store = Store(log, open_sealer(load()))
    store.commit([entry(7, records=("h1@1", "m1@1"), owners=("harbor-city-pd", "millbrook-pd"))], 2)
    store.close()

    (use,) = told(capsys, "uses", "--department", "millbrook-pd", "--json", *WEISS).splitlines()
    record = {"record_key": "m1", "version": 1, "level": None}
    assert (json.loads(use)["records"], json.loads(use)["sequence"]) == ([record], 6)
    line = told(capsys, "uses", "--department", "harbor-city-pd", "--from", "6", *WEISS)
    assert "search answered  det. Alvarez (no agency)  training T-1  records: 1" in line
    assert told(capsys, "uses", "--department", "harbor-city-pd", "--from", "7", *WEISS) == ""
    assert told(capsys, "uses", "--department", "nobody-pd", *WEISS) == ""


@pytest.mark.parametrize(
    "wrong", [["--department", "NO BODY"], ["--department", "millbrook-pd", "--follow", *WEISS]]
)
def test_what_cannot_be_listed_is_refused_before_anything_is_asked(
    log: Path, wrong: list[str]
) -> None:
    before = len(entries_in(log))

    assert run(["audit", "uses", *wrong]) == ExitCode.USAGE
    assert len(entries_in(log)) == before


def test_statistics_are_of_months_that_are_over(
    log: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["audit", "statistics", "2999-01", *WEISS]) == ExitCode.REFUSED
    tables = json.loads(told(capsys, "statistics", "2026-01", "--json", *WEISS))["tables"]
    assert tables[0]["rows"] == [
        {"operation": "consultation", "agency": "none", "purpose": "training", "count": 5}
    ]
    assert "5 or more" in told(capsys, "statistics", "2026-01", *WEISS)


def test_statistics_say_what_stood_after_the_month_and_keep_it(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-43: associations, disputes and overdue receipts; counted once the auditor is in the log."""
    months = f"{SystemClock().now().replace(day=1) - timedelta(days=1):%Y-%m}"
    assert run(["audit", "statistics", months, *WEISS]) == ExitCode.OK
    assert "not counted on this machine: index" in capsys.readouterr().err
    count = Count("Associations", ("basis",), {("arrest",): 23, ("conviction",): 2})
    asked: list[str] = []

    def counting(_settings: object, _at: object) -> list[Count]:
        asked.append(entries_in(log)[-1]["command"])
        return [count]

    monkeypatch.setattr(readings_command, "counters", lambda: {"index": counting})
    shown = json.loads(told(capsys, "statistics", months, "--json", *WEISS))
    assert asked == ["audit.statistics"]
    assert shown["standing"][0]["rows"] == [
        {"basis": "arrest", "count": 20}, {"basis": "conviction", "count": None},
    ]  # fmt: skip
    text = told(capsys, "statistics", months, *WEISS)
    assert f"As it stood on {shown['counted_at']}" in text
    assert "under 5" in text
    assert len(asked) == 1
    assert run(["audit", "statistics", months, "--requester", "somebody"]) == ExitCode.REFUSED
