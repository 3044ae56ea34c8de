"""`recordbus gateway`: its document, and what it refuses to start with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recordbus.cli import run
from recordbus.errors import ExitCode


def test_the_document_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["gateway", "openapi"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["paths"].keys() == {"/v1/records", "/healthz", "/readyz"}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"GATEWAY__HOST": "0.0.0.0"}, "not loopback"),
        ({"GATEWAY__TLS_KEY": "key.pem"}, "both a certificate"),
        ({}, "recordbus token key"),
        ({"CRASH_AT": "gateway.lunch"}, "gateway.acknowledged"),
    ],
)
def test_what_would_not_be_safe_or_not_work_does_not_start(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, str],
    says: str,
) -> None:
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path / "run"))
    monkeypatch.chdir(tmp_path)
    for name, value in settings.items():
        monkeypatch.setenv(f"RECORDBUS_{name}", value)

    assert run(["gateway", "run"]) == ExitCode.MISCONFIGURED
    assert says in capsys.readouterr().err
