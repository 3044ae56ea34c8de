"""What an operator asks a watched folder for, as the command line answers it."""

from __future__ import annotations

import json

import pytest

from producers.commands.watch import _address
from recordbus.cli import run
from recordbus.errors import ExitCode, Misconfigured

from .conftest import Desk

HUNDRED = {str(n): f"text {n}" for n in range(100)}


def watch(*arguments: str) -> int:
    return run(["publish", "watch", *arguments])


def test_what_is_held_is_listed_and_approved_by_name(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """Row 55: with a command, by somebody whose name stays with it."""
    place = str(desk.root)
    desk.drop("calls.csv", HUNDRED)
    desk.look()
    desk.drop("calls.csv", {"1": "text 1"})
    desk.look()
    capsys.readouterr()
    assert watch("list", place, "--json") == 0
    (held,) = json.loads(capsys.readouterr().out)
    assert (held["place"], held["reason"]) == ("held", "suspicious_delete_ratio")
    assert watch("approve", place, held["drop"], "--by", "chief") == 0
    approved = desk.layout.place("held") / held["drop"] / "approved.json"
    assert json.loads(approved.read_text())["by"] == "chief"
    assert desk.watcher.round() == {"done": 1}
    assert watch("approve", place, "calls.csv", "--by", "chief") == ExitCode.MISCONFIGURED


def test_a_declined_drop_is_listed_as_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.drop("calls.csv", HUNDRED)
    desk.look()
    desk.drop("calls.csv", {"1": "text 1"})
    desk.look()
    assert watch("decline", str(desk.root), "calls.csv", "--by", "chief") == 0
    capsys.readouterr()
    assert watch("list", str(desk.root)) == 0
    assert capsys.readouterr().out.startswith("refused: ")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("bus@host/outgoing", ("bus", "host", 22, "outgoing")),
        ("bus@host:2222/a/b", ("bus", "host", 2222, "a/b")),
        ("bus@host", ("bus", "host", 22, ".")),
    ],
)
def test_an_address_names_user_host_port_and_folder(
    text: str, read: tuple[str, str, int, str]
) -> None:
    assert _address(text) == read


@pytest.mark.parametrize("text", ["host/outgoing", "bus@/outgoing", "bus@host:ssh/x", ""])
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(Misconfigured):
        _address(text)
