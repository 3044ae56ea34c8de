"""`recordbus feeds portal`, `digest` and `resend`, and agencies' tokens, from the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from consumers.feeds.copies import Copy
from consumers.feeds.difference import Held
from consumers.feeds.digest import content_digest
from consumers.feeds.ledger.ledger import Ledger
from consumers.feeds.subscription import Standing
from recordbus.cli import run
from recordbus.clock import SystemClock
from recordbus.errors import ExitCode
from recordbus.testing.audit import entries_in
from recordbus.web.keyring import Keyring
from recordbus.web.tokens import Terms, Tokens
from tests.unit.consumers.feeds import bus as made

SUBJECT = "record/ab"
CONTENT = {"narrative": "told"}
DATA = {
    "sequence": 3, "level": "full", "content": CONTENT, "verification": "unverified",
    "verification_at": None,
}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path / "run"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def ledger(here: Path) -> Iterator[Ledger]:
    """Give a ledger in which a subscriber holds one subject."""
    (here / "run" / "agreements").mkdir(parents=True)
    (here / "run" / "agreement-signers.yaml").write_text("signers: []\n")
    ledger = Ledger(here / "run" / "feeds" / "ledger.sqlite", {})
    said = made.subscription(channel={"kind": "poll"})
    copy = Copy(Held(3, content_digest(DATA), b"s", b"c"), "asserted", None, False, True)
    with ledger.transaction():
        ledger.register.add(said, Standing(validated_at=said.start))
        ledger.held.put("metro-1", {"ab": {SUBJECT: copy}})
    yield ledger
    ledger.close()


def test_the_document_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["feeds", "portal", "openapi"]) == 0
    assert "/v1/subscriptions" in json.loads(capsys.readouterr().out)["paths"]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"FEEDS__PORTAL__HOST": "0.0.0.0"}, "not loopback"),
        ({"FEEDS__PORTAL__TLS_KEY": "key.pem"}, "both a certificate"),
        ({"FEEDS__PORTAL__PORT": "70000"}, "feeds.portal.port"),
        ({"CRASH_AT": "portal.lunch"}, "portal.audited"),
        ({}, "recordbus token key"),
    ],
)
def test_what_would_not_be_safe_or_not_work_does_not_start(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    settings: dict[str, str], says: str,
) -> None:  # fmt: skip
    for name, value in settings.items():
        monkeypatch.setenv(f"RECORDBUS_{name}", value)
    assert run(["feeds", "portal"]) == ExitCode.MISCONFIGURED
    assert says in capsys.readouterr().err


def test_a_token_of_an_agency_counts_at_the_portal(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["token", "key"])
    capsys.readouterr()
    assert run(["token", "issue", "--agency", made.AGENCY, "--subject", "case-system"]) == 0
    token = capsys.readouterr().out.strip()
    keyring = Keyring(here / "run" / "tokens" / "keys.json")
    terms = Terms("recordbus", "recordbus-portal", binds="agency")
    caller = Tokens(keyring, terms, SystemClock()).checked(token)
    assert (caller.agency, caller.department) == (made.AGENCY, "")
    assert caller.scopes == {"feeds:read", "feeds:write"}


@pytest.mark.parametrize(
    "bound", [[], ["--agency", "a", "--department", "b-pd"], ["--agency", "Not/an agency"]]
)
def test_a_token_is_for_one_agency_or_one_department(
    here: Path, capsys: pytest.CaptureFixture[str], bound: list[str]
) -> None:
    run(["token", "key"])
    assert run(["token", "issue", *bound]) == ExitCode.USAGE


def test_what_a_subscriber_says_it_holds_is_compared(
    ledger: Ledger, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["feeds", "digest", "metro-1", "--salt", "12345678"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["subjects"], told["unsettled"]) == (1, 0)
    held = here / "held.jsonl"
    held.write_text(json.dumps({"subject": SUBJECT, "data": DATA}) + "\n")
    assert run(["feeds", "digest", "metro-1", "--held", str(held)]) == 0
    held.write_text(json.dumps({"subject": SUBJECT, "data": DATA | {"sequence": 2}}) + "\n")
    capsys.readouterr()
    assert run(["feeds", "digest", "metro-1", "--held", str(held)]) == ExitCode.FAILED
    assert capsys.readouterr().out == f"different\t{SUBJECT}\n"
    held.write_text("no json")
    assert run(["feeds", "digest", "metro-1", "--held", str(held)]) == ExitCode.MISCONFIGURED
    assert run(["feeds", "digest", "metro-1", "--salt", "short"]) == ExitCode.USAGE


def test_the_operator_lets_everything_be_told_again_and_it_is_in_the_audit(
    ledger: Ledger, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["feeds", "resend", "metro-1", "--subject", "record/none"]) == 0
    assert "never told" in capsys.readouterr().err
    assert ledger.due.count("metro-1") == 0
    assert run(["feeds", "resend", "metro-1", "--since", "2026-01-01"]) == 0
    assert "1 messages" in capsys.readouterr().out
    assert ledger.due.count("metro-1") == 1
    assert ledger.again.unsettled("metro-1") == {SUBJECT}
    (entry,) = entries_in(here / "run" / "audit")
    assert (entry["command"], entry["outcome"]) == ("feeds.resend", "accepted")
    assert run(["feeds", "resend", "nobody"]) == ExitCode.MISCONFIGURED
