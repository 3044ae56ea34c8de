"""`recordbus search` and `recordbus index status` as people and programs meet them."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer

from consumers.search.criteria import Context, Criteria, IdentifierAsked
from consumers.search.document import Span
from consumers.search.engines.interface import Freshness
from consumers.search.show import freshness_line
from consumers.search_options import (
    OF_CRITERIA,
    Asker,
    context_of,
    criteria_of,
    identifier,
    span,
)
from recordbus import departments
from recordbus.cli import run
from recordbus.errors import ExitCode
from recordbus.testing.audit import entries_in
from recordbus.testing.records import coded, person, person_role

ASK = ["--purpose", "criminal_investigation", "--case", "2026-117", "--requester", "det. Alvarez"]
MINUTE_US = 60_000_000


@pytest.fixture
def town(written: Any, make_record: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("RECORDBUS_INDEX__PATH", str(written.path))
    monkeypatch.setenv("RECORDBUS_IDENTIFIERS__KEY", "5" * 64)
    monkeypatch.setenv("RECORDBUS_SEARCH__AGENCY", "harbor-city-pd")
    contact = departments.Contact(unit="Records desk")
    own = departments.Department(
        name="harbor-city-pd", title="Harbor City", ori="MA0130100", contact=contact
    )
    departments.save(tmp_path / "departments.yaml", [own])
    ann = person("Ann", "Leigh", sex=coded("F"), hair_colour=coded("RED"))
    written.add(make_record("A-1", people=[person_role("field_contact", "p1", person=ann)]))
    return tmp_path


def test_people_read_one_line_a_record_when_piped(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["search", "--name", "ann leigh", *ASK]) == ExitCode.OK

    told = capsys.readouterr().out
    first = told.splitlines()[0]
    assert "A-1" in first
    assert "» Leigh, Ann" in first
    assert "name: ann" in first
    assert "617-555-0100" in first
    assert "FACT" in first
    assert "1 found, page 1 shows 1" in told
    assert "Verify with the owner" in told


def test_programs_read_one_json_object(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["search", "leigh", *ASK, "--json"]) == ExitCode.OK

    told = json.loads(capsys.readouterr().out)
    assert told["total"] == 1
    assert told["results"][0]["occurred_at"] == "2024-03-05T21:30:00Z"
    assert told["results"][0]["verification"] == "unverified"
    assert told["results"][0]["answered_at"] is None
    assert told["freshness"]["complete_to"] is None


def test_a_search_that_finds_nothing_says_so(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["search", "nobody", *ASK]) == ExitCode.OK

    assert "no record was found" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["leigh"], ExitCode.REFUSED, "R-28"),
        (["--race", "W", "--sex", "F", "--hair", "RED", *ASK], ExitCode.REFUSED, "R-12"),
        (["*", *ASK], ExitCode.REFUSED, "too broad"),
        (["a*", *ASK], ExitCode.REJECTED, "3 letters"),
        (["--sex", "purple", "--hair", "RED", *ASK], ExitCode.REJECTED, "F, M"),
        (["--age", "old", *ASK], ExitCode.USAGE, "20-30"),
        (["--identifier", "ssn", *ASK], ExitCode.USAGE, "type:value"),
    ],
)
def test_what_is_not_answered_names_its_rule_and_has_its_exit_code(
    town: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, says: str
) -> None:
    assert run(["search", *arguments]) == code

    told = capsys.readouterr()
    assert says in told.err
    assert told.out == ""


def test_a_case_register_decides_when_there_is_one(
    town: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    register = town / "cases.yaml"
    register.write_text("cases: [{number: 2026-117, state: open, assigned: [sgt. Reyes]}]")
    monkeypatch.setenv("RECORDBUS_INDEX__CASE_FILE", str(register))

    assert run(["search", "leigh", *ASK]) == ExitCode.REFUSED
    assert "not assigned" in capsys.readouterr().err
    assert run(["search", "leigh", *ASK[:-1], "sgt. Reyes"]) == ExitCode.OK
    assert [each.get("case_checked") for each in entries_in(town / "audit")] == [None, True]


def test_without_an_index_a_search_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RECORDBUS_RUN_DIRECTORY", str(tmp_path))

    assert run(["search", "leigh", *ASK]) == ExitCode.UNAVAILABLE
    assert run(["index", "status"]) == ExitCode.UNAVAILABLE
    assert "recordbus index run" in capsys.readouterr().err


def test_index_status(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["index", "status"]) == ExitCode.OK
    assert "1 records" in capsys.readouterr().out
    assert run(["index", "status", "--json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out)["records"] == 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("20-30", Span(20, 30)), ("25", Span(25, 25)), ("5'8", Span(68, 68)),
     ("5'8\"-6'1\"", Span(68, 73)), (" 5' - 6' ", Span(60, 72))],
)  # fmt: skip
def test_ranges_are_written_as_people_write_them(typed: str, meant: Span) -> None:
    assert span(typed) == meant


@pytest.mark.parametrize("typed", ["", "old", "20-", "-5", "20-30-40", "5.5"])
def test_what_is_no_range_is_said_so(typed: str) -> None:
    with pytest.raises(typer.BadParameter):
        span(typed)


def test_an_identifier_is_typed_with_its_type() -> None:
    assert identifier("ssn:219-09-9999") == IdentifierAsked("ssn", "219-09-9999")
    assert identifier("driver_license:S1:MA") == IdentifierAsked("driver_license", "S1", "MA")


@pytest.mark.parametrize(
    ("fresh", "says"),
    [
        (Freshness(None, {}), "index empty: nothing has been read yet"),
        (Freshness(60 * MINUTE_US, {"a": 60 * MINUTE_US}),
         "index complete to 1970-01-01 01:00:00 UTC"),
        (Freshness(60 * MINUTE_US, {"b": 54 * MINUTE_US, "a": 60 * MINUTE_US}),
         "index complete to 1970-01-01 01:00:00 UTC; nothing from b for 6 min"),
        (Freshness(5000 * MINUTE_US, {"b": 0}),
         "index complete to 1970-01-04 11:20:00 UTC; nothing from b for 3 days"),
    ],
)  # fmt: skip
def test_freshness_names_the_time_and_who_is_behind(fresh: Freshness, says: str) -> None:
    assert freshness_line(fresh) == says


def test_every_option_of_a_search_is_asked_of_the_index() -> None:
    """R-28: nothing that is typed is lost on the way, who asks and why least of all."""
    typed = {
        name: getattr(group, name)
        for group in (*OF_CRITERIA, Asker)
        for name in group.__annotations__
    }
    assert criteria_of(typed) == Criteria()
    assert context_of(typed) == Context()
    marked = {name: f"said {name}" for name in typed}
    criteria, context = criteria_of(marked), context_of(marked)
    said = {getattr(each, field.name) for each in (criteria, context) for field in fields(each)}
    assert set(marked.values()) <= said
    assert criteria.given() >= {each.name for each in fields(Criteria)} - {"facets"}
