"""`recordbus token`: keys and tokens from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from recordbus import departments
from recordbus.cli import run
from recordbus.clock import SystemClock
from recordbus.departments import Contact, Department
from recordbus.errors import ExitCode
from recordbus.web.keyring import Keyring
from recordbus.web.tokens import Terms, Tokens


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path / "run"))
    monkeypatch.chdir(tmp_path)
    known = Department(name="a-pd", title="A", ori="ZZ0000100", contact=Contact(unit="Records"))
    departments.save(tmp_path / "run" / "departments.yaml", [known])
    return tmp_path / "run" / "tokens" / "keys.json"


def test_a_key_and_a_token_from_the_command_line_count(
    keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["token", "key"]) == 0
    capsys.readouterr()
    assert run(["token", "issue", "--department", "a-pd", "--subject", "rms-1"]) == 0
    token = capsys.readouterr().out.strip()
    assert run(["token", "keys"]) == 0
    assert capsys.readouterr().out.endswith("\tEd25519\n")

    tokens = Tokens(Keyring(keys), Terms("recordbus", "recordbus-gateway"), SystemClock())
    caller = tokens.checked(token)
    assert (caller.department, caller.subject) == ("a-pd", "rms-1")
    assert caller.scopes == {"records:write"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--department", "b-pd"], "no department is named"),
        (["--department", "a-pd", "--seconds", "901"], "1 to 900 seconds"),
    ],
)
def test_a_token_that_would_not_count_is_not_made(
    keys: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    run(["token", "key"])

    assert run(["token", "issue", *arguments]) == ExitCode.MISCONFIGURED
    assert says in capsys.readouterr().err


def test_without_a_key_it_says_how_to_make_one(
    keys: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["token", "issue", "--department", "a-pd"]) == ExitCode.MISCONFIGURED
    assert "recordbus token key" in capsys.readouterr().err
