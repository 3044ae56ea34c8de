"""`recordbus judge`, as far as it goes without a broker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from producers.commands import judge as command
from producers.judging.judge import Place
from recordbus.cli import run
from recordbus.errors import ExitCode
from recordbus.settings import Settings
from schemas.types import Judgement

A, B = f"{'a' * 64}.p1", f"{'b' * 64}.p2"
WHY = ("--reason", "one licence", "--author", "examiner 7")


class Taken:
    """Takes judgements as if a broker were there."""

    def __init__(self) -> None:
        self.judgements: list[Judgement] = []

    def send(self, judgement: Judgement) -> Place:
        self.judgements.append(judgement)
        return Place("ingest.judgements.v1", 0, 41)

    @contextmanager
    def open(self, _settings: Settings) -> Iterator[Taken]:
        yield self


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Taken:
    monkeypatch.chdir(tmp_path)
    taken = Taken()
    monkeypatch.setattr(command, "_open_judge", taken.open)
    return taken


@pytest.mark.parametrize(
    ("verb", "outcome", "says"),
    [
        ("same", "same", "are one: "),
        ("different", "different", "are not one: "),
        ("revoke", "revoked", "are no longer judged: "),
    ],
)
def test_each_verb_says_what_it_did_and_where_it_is(
    taken: Taken, capsys: pytest.CaptureFixture[str], verb: str, outcome: str, says: str
) -> None:
    assert run(["judge", verb, f"{B}@4", f"{A}@7", *WHY]) == 0
    (judgement,) = taken.judgements
    assert (judgement["a"], judgement["a_version"], judgement["outcome"]) == (A, 7, outcome)
    assert capsys.readouterr().out == f"{A}\n{B}\n{says}ingest.judgements.v1[0]@41\n"


def test_an_expiry_is_shown_and_for_programs_all_is_json(
    taken: Taken, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["judge", "same", f"{A}@7", f"{B}@4", *WHY, "--expires", "2099-01-31"]
    assert run(given) == 0
    assert "are one, until 2099-01-31 00:00 UTC: " in capsys.readouterr().out
    assert run([*given, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["a"], told["b"], told["offset"]) == (A, B, 41)
    assert told["expires_at"] == "2099-01-31T00:00:00.000Z"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("same", f"{A}@7", f"{B}@4", "--reason", " ", "--author", "me"), "REJECTED", "reason"),
        (("same", f"{A}@7", f"{A}2@7", *WHY), "REJECTED", "judged_within_record"),
        (("same", f"{A}@7", f"{B}@4", *WHY, "--expires", "soon"), "REJECTED", "write a day"),
        (("same", f"{A}@7", f"{B}@4", *WHY, "--expires", "1999-01-01"), "REJECTED", "not after"),
        (("same", f"{A}@7", "bbbbbbbb.p2", *WHY), "UNAVAILABLE", "no index"),
        (("same", f"{A}@7", f"{B}@4", "--author", "me"), "USAGE", "--reason"),
        (("revoke", f"{A}@7", f"{B}@4", *WHY, "--expires", "2099-01-01"), "USAGE", "--expires"),
    ],
)
def test_what_cannot_be_judged_is_told_and_nothing_is_sent(
    taken: Taken,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    code: str,
    says: str,
) -> None:
    assert run(["judge", *arguments]) == ExitCode[code]
    assert says in capsys.readouterr().err
    assert taken.judgements == []


def test_where_nothing_answers_nothing_is_audited(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECORDBUS_REGISTRY__URL", "http://127.0.0.1:9")
    monkeypatch.setenv("RECORDBUS_REGISTRY__TIMEOUT_SECONDS", "1")
    assert run(["judge", "same", f"{A}@7", f"{B}@4", *WHY]) == ExitCode.UNAVAILABLE
    assert not (tmp_path / "run").exists()
