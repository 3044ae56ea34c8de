"""`recordbus policy`: what it prints, as text and as JSON, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from recordbus.cli import run
from recordbus.errors import ExitCode
from tests.unit.recordbus.policy.texts import SOUND

NAME = "harbor-to-metro"
Output = pytest.CaptureFixture[str]
ASKED = (
    "--agency", "metro-task-force", "--purpose", "criminal_investigation", "--owner",
    "harbor-city-pd", "--record-kind", "arrest", "--at", "2026-06-01",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run directory of its own with one agreement that nobody signed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path / "run"))
    agreements = tmp_path / "run" / "agreements"
    agreements.mkdir(parents=True)
    (agreements / f"{NAME}.yaml").write_text(SOUND)
    return agreements


def told(output: Output, *arguments: str) -> Any:
    code = run(["policy", *arguments, "--json"])
    return code, json.loads(output.readouterr().out)


def test_check_names_file_line_and_column(folder: Path, capsys: Output) -> None:
    path = folder / f"{NAME}.yaml"
    path.write_text(SOUND.replace("[fact]", "[facts]"))

    assert run(["policy", "check", str(folder)]) == ExitCode.MISCONFIGURED
    out = capsys.readouterr().out
    assert f"{path}:15:22: error: `rules.facts.evidence_kinds.0`: `facts`" in out
    assert "0 of 1 agreements are sound" in out

    code, row = told(capsys, "check", str(folder))
    assert (code, row["valid"]) == (ExitCode.MISCONFIGURED, False)
    assert row["files"][0]["errors"][0]["line"] == 15


def test_check_of_a_sound_folder(folder: Path, capsys: Output) -> None:
    code, row = told(capsys, "check", str(folder))

    assert (code, row["valid"]) == (0, True)
    assert (row["files"][0]["agreement"], row["files"][0]["version"]) == (NAME, 3)


def test_check_takes_warnings_for_mistakes_when_asked_to(folder: Path, capsys: Output) -> None:
    path = folder / f"{NAME}.yaml"
    path.write_text(SOUND + "  never:\n    level: hidden\n    bases: [charge]\n")

    assert run(["policy", "check", str(path)]) == 0
    assert "warning: rule `facts` gives what rule `never` hides" in capsys.readouterr().out
    assert run(["policy", "check", "--strict", str(path)]) == ExitCode.MISCONFIGURED


@pytest.mark.parametrize("name", ["other.yaml", "nowhere/none.yaml"])
def test_check_wants_a_file_named_as_its_agreement(folder: Path, name: str) -> None:
    path = folder / name
    if path.parent.is_dir():
        path.write_text(SOUND)

    assert run(["policy", "check", str(path)]) == ExitCode.MISCONFIGURED


def test_check_of_an_empty_folder_says_so(tmp_path: Path, capsys: Output) -> None:
    assert run(["policy", "check", str(tmp_path)]) == ExitCode.MISCONFIGURED
    assert "no agreement" in capsys.readouterr().err


def test_check_knows_the_departments_of_the_bus(folder: Path, capsys: Output) -> None:
    (folder.parent / "departments.yaml").write_text(
        "departments:\n- {name: millbrook-pd, title: M, ori: ZZ0010200, contact: {unit: R}}\n"
    )

    assert run(["policy", "check", str(folder)]) == ExitCode.MISCONFIGURED
    assert "harbor-city-pd is no department" in capsys.readouterr().out


def test_explain_names_the_rule_and_its_line(folder: Path, capsys: Output) -> None:
    draft = ("--agreements", str(folder))
    assert run(["policy", "explain", *ASKED, "--basis", "arrest", *draft]) == 0
    out = capsys.readouterr().out
    assert "metro-task-force may have it in full." in out
    assert f"{NAME}/facts ({folder}/{NAME}.yaml:10) gives it." in out

    _, row = told(capsys, "explain", *ASKED, *draft)
    assert (row["level"], row["masked"]) == ("full", ["body.narrative"])
    assert row["item"]["evidence_kind"] == "fact"
    assert row["rules"][0] | {"file": ""} == {
        "rule_id": f"{NAME}/facts", "level": "full", "file": "", "line": 10, "misses": [],
        "determined": True,
    }  # fmt: skip


def test_explain_says_what_a_rule_lacks(folder: Path, capsys: Output) -> None:
    _, row = told(
        capsys, "explain", *ASKED, "--basis", "informant", "--juvenile", "--agreements", str(folder)
    )

    assert (row["level"], row["reasons"]) == ("hidden", ["bus/nothing_allows"])
    assert row["rules"][0]["misses"] == ["bases", "evidence_kinds", "juveniles"]


def test_explain_decides_by_what_is_in_force_and_unsigned_files_are_not(
    folder: Path, capsys: Output
) -> None:
    _, row = told(capsys, "explain", *ASKED)

    assert row["level"] == "hidden"


@pytest.mark.parametrize("wrong", [("--action", "gossip"), ("--at", "tomorrow")])
def test_explain_refuses_what_it_cannot_read(folder: Path, wrong: tuple[str, str]) -> None:
    assert run(["policy", "explain", *ASKED, *wrong]) == ExitCode.MISCONFIGURED


def test_diff_says_who_gains_what(folder: Path, tmp_path: Path, capsys: Output) -> None:
    wider = tmp_path / f"{NAME}.yaml"
    wider.write_text(SOUND.replace("[arrest, charge]", "[arrest, charge, conviction]").replace(
        "[arrest, booking]", "[arrest, booking, court_disposition]"))  # fmt: skip

    code, row = told(capsys, "diff", str(folder), str(wider))
    assert code == 0
    assert {change["direction"] for change in row["changes"]} == {"gains"}
    assert {what["record_kind"] for change in row["changes"] for what in change["items"]} == {
        "court_disposition"
    }
    assert run(["policy", "diff", str(folder), str(wider)]) == 0
    assert "metro-task-force gains of harbor-city-pd" in capsys.readouterr().out
    assert run(["policy", "diff", str(folder), str(folder)]) == 0
    assert "nobody gains or loses anything" in capsys.readouterr().out


def test_diff_says_who_may_ask_for_whom(folder: Path, tmp_path: Path, capsys: Output) -> None:
    """R-30: an agency that is let in between is seen before anybody signs."""
    file = next(folder.glob("*.yaml"))
    through = tmp_path / "through"
    through.mkdir()
    said = file.read_text().replace("start:", "asked_through: [shared-desk]\nstart:", 1)
    (through / file.name).write_text(said)

    _, told_ = told(capsys, "diff", str(folder), str(through))
    assert [(each["agency"], each["may"]) for each in told_["asked_through"]] == [
        ("shared-desk", True)
    ]
    assert run(["policy", "diff", str(through), str(folder)]) == 0
    assert "shared-desk may no longer ask" in capsys.readouterr().out


def test_two_people_sign_and_then_it_is_in_force(
    folder: Path, tmp_path: Path, capsys: Output
) -> None:
    path, lines = folder / f"{NAME}.yaml", ["signers:"]
    for name, role in (("ann", "author"), ("bob", "approver")):
        _, made = told(capsys, "keys", "make", str(tmp_path / f"{name}.key"))
        lines.append(f'  - {{name: {name}, role: {role}, public_key: "{made["public_key"]}"}}')
    (folder.parent / "agreement-signers.yaml").write_text("\n".join(lines) + "\n")

    def sign(name: str, key: str) -> int:
        return run(["policy", "sign", str(path), "--key", str(tmp_path / key), "--signer", name])

    assert sign("ann", "bob.key") == ExitCode.MISCONFIGURED
    assert sign("ann", "ann.key") == 0
    capsys.readouterr()
    _, listed = told(capsys, "list")
    assert (listed["agreements"], listed["refused"][0]["reason"]) == ([], "too_few_signers")
    assert sign("bob", "bob.key") == 0
    capsys.readouterr()
    _, listed = told(capsys, "list")
    assert (listed["agreements"][0]["agreement"], listed["refused"]) == (NAME, [])
    _, row = told(capsys, "explain", *ASKED)
    assert (row["level"], row["policy_version"]) == ("full", listed["policy_version"])
    _, keys = told(capsys, "keys", "list")
    assert [signer["name"] for signer in keys["signers"]] == ["ann", "bob"]

    path.write_text(SOUND.replace("version: 3", "version: 4"))
    assert sign("ann", "ann.key") == 0  # the signature of other bytes is gone with it
    capsys.readouterr()
    _, listed = told(capsys, "list")
    assert listed["agreements"][0]["version"] == 3
    assert listed["refused"][0]["standing"] == 3
    assert run(["policy", "list"]) == 0
    assert "version 3 stays in force" in capsys.readouterr().out


def test_a_file_with_mistakes_is_not_signed(folder: Path, tmp_path: Path) -> None:
    path = folder / f"{NAME}.yaml"
    path.write_text(SOUND.replace("level: full", "levle: full"))

    code = run(["policy", "sign", str(path), "--key", str(tmp_path / "k"), "--signer", "ann"])

    assert code == ExitCode.MISCONFIGURED
    assert not path.with_name(f"{path.name}.sig").exists()


def test_other_commands_do_not_bring_in_what_only_decisions_need() -> None:
    program = (
        "import sys, recordbus.policy, recordbus.policy.commands;"
        "print([m for m in ('cedarpy', 'recordbus.policy.cedar', 'recordbus.policy.signing') "
        "if m in sys.modules])"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert ended.stdout.strip() == "[]", ended.stderr
