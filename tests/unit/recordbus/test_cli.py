"""The command line: parts are found, errors become messages and exit codes, never tracebacks."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import typer

from recordbus import cli
from recordbus.errors import ExitCode, Misconfigured, Refused, Rejected, Retryable
from recordbus.settings import load

single = typer.Typer()
several = typer.Typer(help="Two commands.")
CANARY = "Wilhelmina Canary"


@single.command()
def fail(how: str) -> None:
    """Fail in the way that was asked for."""
    raise {
        "retryable": Retryable("the broker is away", hint="start it"),
        "rejected": Rejected("bad_utf8", "field 3"),
        "refused": Refused("R-28", "a search needs a purpose"),
        "misconfigured": Misconfigured("no topic"),
        "strange": ValueError(CANARY),
        "restart": typer.Exit(ExitCode.RESTART),
        "interrupted": KeyboardInterrupt(),
        "quiet": SystemExit(None),
        "text": SystemExit("gone"),
        "code": SystemExit(5),
    }[how]


@several.command()
def first() -> None:
    """Do the first thing."""
    typer.echo(f"first in {load().run_directory}")


@several.command()
def second() -> None:
    """Do the second thing."""


@pytest.fixture(autouse=True)
def _parts(monkeypatch: pytest.MonkeyPatch, clean_settings: Path, own_logs: None) -> Iterator[None]:
    """Let the three parts of this file be installed, and no other."""
    here = __name__
    points = [
        EntryPoint("fail", f"{here}:single", cli.GROUP),
        EntryPoint("several", f"{here}:several", cli.GROUP),
        EntryPoint("broken", "no_such_module_of_ours:app", cli.GROUP),
    ]
    monkeypatch.setattr(cli, "entry_points", lambda group: points)
    cli._published.cache_clear()
    yield
    cli._published.cache_clear()


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("retryable", 69),
        ("rejected", 65),
        ("refused", 77),
        ("misconfigured", 78),
        ("strange", 1),
        ("restart", 75),
        ("interrupted", 130),
        ("quiet", 0),
        ("text", 1),
        ("code", 5),
    ],
)
def test_each_way_to_fail_has_its_exit_code(how: str, code: int) -> None:
    assert cli.run(["fail", how]) == code


def test_an_error_is_told_on_standard_error_with_what_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cli.run(["fail", "retryable"])

    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "recordbus: the broker is away\n  start it\n"


def test_a_strange_error_shows_nobodys_name(capsys: pytest.CaptureFixture[str]) -> None:
    cli.run(["fail", "strange"])

    printed = capsys.readouterr()
    assert CANARY not in printed.out + printed.err
    assert '"error": "ValueError"' in printed.err


def test_a_part_with_one_command_is_that_command_and_one_with_two_is_a_group(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(["several", "first"]) == 0
    assert capsys.readouterr().out == "first in run\n"


def test_help_lists_every_part_even_one_that_cannot_be_loaded(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(["--help"]) == 0

    text = capsys.readouterr().out
    assert "Fail in the way" in text
    assert "Two commands." in text
    assert "Cannot be loaded: No module named 'no_such_module_of_ours'" in text
    assert "Show and check the settings." in text


def test_a_part_that_cannot_be_loaded_says_so_when_it_is_used(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.run(["broken"]) == 78
    assert "no_such_module_of_ours" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["nothing"], ["fail"], ["several", "--no-such-option"]])
def test_a_wrong_command_line_is_a_usage_error(arguments: list[str]) -> None:
    assert cli.run(arguments) == 2


def test_the_settings_file_may_be_named_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECORDBUS_CONFIG", "is put back after the test")
    named = tmp_path / "bus.toml"
    named.write_text('run_directory = "elsewhere"\n', encoding="utf-8")

    assert cli.run(["--config", str(named), "several", "first"]) == 0
    assert capsys.readouterr().out == "first in elsewhere\n"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["version"]) == 0
    assert capsys.readouterr().out.startswith("recordbus ")
