"""`recordbus show`, `path`, `network`, `why` and `search --entities` as people meet them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from consumers.search.inquiry.show import show_page
from recordbus.cli import run
from recordbus.errors import ExitCode
from recordbus.local.demo.sharing import AgreementFile, write_agreements
from recordbus.testing.audit import entries_in
from tests.unit.consumers.conftest import EVERYTHING, METRO
from tests.unit.consumers.search.inquiry.conftest import ANN, BO, CAR, CY, County
from tests.unit.consumers.told import entity_id

ASK = ["--purpose", "criminal_investigation", "--case", "2026-117", "--requester", "det. Alvarez"]
COMMANDS = {
    "show": ["show", ANN],
    "path": ["path", CAR[:10], BO],
    "network": ["network", ANN, "--output", "net.html"],
    "why": ["why", "0123456789ab.p1", "ba9876543210.p1"],
    "why-not": ["why-not", "0123456789ab.p1", "ba9876543210.p1"],
}


@pytest.fixture
def town(county: County, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> County:
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("RECORDBUS_INDEX__PATH", str(county.path))
    monkeypatch.setenv("RECORDBUS_IDENTIFIERS__KEY", "5" * 64)
    monkeypatch.setenv("RECORDBUS_SEARCH__AGENCY", METRO)
    write_agreements(tmp_path, [AgreementFile("harbor-to-metro", EVERYTHING)])
    monkeypatch.chdir(tmp_path)
    return county


def entries(tmp_path: Path) -> list[dict[str, Any]]:
    return entries_in(tmp_path / "audit")


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run([*arguments, *ASK]) == ExitCode.OK
    return capsys.readouterr().out


def answered(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    return json.loads(told(capsys, *arguments, "--json"))


def test_show_prints_facts_before_assessments_and_whom_to_ask(
    town: County, capsys: pytest.CaptureFixture[str]
) -> None:
    text = told(capsys, "show", ANN[:12])

    assert text.index("NOT SHOWN:") < text.index("FACTS:") < text.index("ASSESSMENTS:")
    for wanted in ("the records say different things", "1990-01-02", "1990-02-01",
                   "court: none reported", "until a court disposes", "DISPUTED", "JUVENILE",
                   "grade: source 2, information C, handling C", "617-555-0100",
                   "Verify with the owner"):  # fmt: skip
        assert wanted in text
    assert [word for word in ("Hidden", "Quiet", "S-1") if word in text] == []


def test_path_explains_each_step_and_what_was_left_out(
    town: County, capsys: pytest.CaptureFixture[str]
) -> None:
    way = told(capsys, *COMMANDS["path"])
    none = told(capsys, "path", ANN, CY)

    assert "2 steps" in way
    assert "FACT: Leigh, Anne and Katz, Bo were arrested on one occasion (arrest; arrest A-1" in way
    assert "no way between" in none
    assert "nobody becomes an associate by that (R-07)" in none
    assert "1 tie by assessment" in none
    assert "an officer judged that" in told(capsys, "path", ANN, CY, "--assessments")


@pytest.mark.parametrize("form", ["html", "svg", "graphml", "csv"])
def test_network_writes_the_file_that_its_name_asks_for(
    town: County, capsys: pytest.CaptureFixture[str], form: str, tmp_path: Path
) -> None:
    text = told(capsys, "network", ANN, "--depth", "2", "--output", f"net.{form}")

    assert f"net.{form}" in text
    assert "Leigh, Anne" in (tmp_path / f"net.{form}").read_text("utf-8")
    assert (tmp_path / f"net.{form}").stat().st_mode & 0o077 == 0


def test_a_file_of_another_sort_is_refused_before_anything_is_asked(
    town: County, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["network", ANN, "--output", "net.pdf", *ASK]) == ExitCode.REJECTED
    assert ".graphml" in capsys.readouterr().err
    assert not (tmp_path / "audit").exists()


def test_programs_read_one_json_object(town: County, capsys: pytest.CaptureFixture[str]) -> None:
    page = answered(capsys, "show", ANN)
    way = answered(capsys, *COMMANDS["path"])
    network = answered(capsys, *COMMANDS["network"])

    assert {each["evidence_kind"] for each in page["facts"]} == {"fact"}
    assert {each["evidence_kind"] for each in page["assessments"]} == {"assessment"}
    assert page["facts"][0]["record"]["content_hash"]
    assert [step["facts"][0]["type"] for step in way["ways"][0]] == ["used_vehicle", "co_arrested"]
    assert network["output"] == "net.html"
    assert all(each["notice"].startswith("Verify") for each in (page, way, network))


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_without_purpose_and_case_there_is_no_answer(
    town: County, capsys: pytest.CaptureFixture[str], command: str, tmp_path: Path
) -> None:
    """R-28: and the refusal is in the audit."""
    assert run(COMMANDS[command]) == ExitCode.REFUSED

    printed = capsys.readouterr()
    assert "R-28" in printed.err
    assert printed.out == ""
    assert [(e["command"], e["outcome"]) for e in entries(tmp_path)] == [(command, "refused")]
    assert not (tmp_path / "net.html").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["show", "abc"], ExitCode.REJECTED, "at least 8"),
        (["show", entity_id("nobody")], ExitCode.REJECTED, "there is no entity"),
        (["path", ANN, ANN], ExitCode.REJECTED, "one entity"),
        (["network", ANN, "--depth", "9", "--output", "a.svg"], ExitCode.REJECTED, "1 to 4"),
        (["network", ANN], ExitCode.USAGE, "--output"),
        (["why", ANN, BO], ExitCode.REJECTED, "<record key>.<local id>"),
        (["why-not", "ffffffffff.p1", "eeeeeeeeee.p1"], ExitCode.REJECTED, "no mention"),
    ],
)
def test_what_is_not_answered_says_why(
    town: County, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    assert run([*arguments, *ASK]) == code
    assert says in capsys.readouterr().err


def test_why_says_that_the_broker_is_needed(
    town: County, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index keeps no copy of records: they are fetched from the log."""
    monkeypatch.setattr("recordbus.kafka.consumer.ASK_SECONDS", 0.5)
    monkeypatch.setenv("RECORDBUS_KAFKA__BOOTSTRAP_SERVERS", "127.0.0.1:1")
    mentions = [town.mention(each, "p1") for each in (town.arrest, town.contact)]

    assert run(["why", *mentions, *ASK]) == ExitCode.UNAVAILABLE
    assert capsys.readouterr().out == ""


def test_a_search_shows_whom_its_records_are_about_when_asked(
    town: County, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = answered(capsys, "search", "--name", "ann leigh", "--entities")
    plain = answered(capsys, "search", "--name", "ann leigh")

    (entity,) = found["entities"]
    assert entity["entity_id"] == ANN
    assert {each["field"] for each in entity["differences"]} >= {"name", "born"}
    assert "entities" not in plain
    assert plain["results"] == found["results"]
    with_entities, without = entries(tmp_path)
    assert with_entities["entities"] == [ANN]
    assert set(without["records"]) < set(with_entities["records"])


def test_people_see_entities_before_the_records(
    town: County, capsys: pytest.CaptureFixture[str]
) -> None:
    text = told(capsys, "search", "leigh", "--entities")

    assert text.index(f"person {ANN[:12]}") < text.index("arrest A-1 | Leigh")
    assert "Katz" not in text.partition("named 2 times")[0]
    assert "the records say different things" in text
    assert "found, page 1" in text


def test_a_restricted_record_leads_to_nobody(
    town: County, capsys: pytest.CaptureFixture[str]
) -> None:
    """R-31: it is found as a pointer, and gives no entity away."""
    found = answered(capsys, "search", "--name", "dee quiet", "--entities")

    assert found["results"] == []
    assert [each["department"] for each in found["pointers"]] == ["harbor-city-pd"]
    assert (found["total"], found["entities"]) == (0, [])


def test_the_page_is_made_for_terminals_too(inquiries: Any, context: Any) -> None:
    import io

    from rich.console import Console

    out = io.StringIO()
    show_page(inquiries.show(context, ANN), Console(file=out, force_terminal=True, width=200))
    assert "┃" in out.getvalue()
