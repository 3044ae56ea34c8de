"""The self-check before going live: the bus's own judgement, in the words of those who must act."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from producers.conformance import Findings, check
from producers.conformance.findings import unknown_codes
from producers.conformance.show import is_ready, lines_of
from producers.mapping import load
from recordbus import rehearsals
from recordbus.cli import run
from recordbus.errors import Misconfigured
from recordbus.testing.clock import ManualClock

MAPPING = """
mapping: mine
title: Mine
source: {dates: ["%Y-%m-%d"]}
exports:
  contacts:
    file: "contacts*.csv"
    record_kind: field_contact
    key: [NO]
    recorded_at: {column: AT, dates: ["%Y-%m-%d"]}
    ignored_columns: [OFFICER]
    body:
      narrative: TEXT
      people:
        - role: =contact
          local_id: =person
          subject_category: =contact_or_associate
          person:
            names: [{type: =primary, given: GIVEN, surname: SURNAME}]
            date_of_birth: BORN
      details: {contact_basis: =encounter}
"""
HEADER = "NO,AT,TEXT,GIVEN,SURNAME,BORN,OFFICER,NEW"
AT = "2026-01-01T00:00:00Z"


def contact(number: str, *people: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A field contact as JSON, of people met together."""
    body = {
        "record_id": number,
        "people": [
            {"local_id": f"p{n}", "role": "contact", "subject_category": "contact_or_associate"}
            | {"person": person}
            for n, person in enumerate(people)
        ],
        "details": ["recordbus.v1.FieldContactDetails", {"contact_basis": "encounter"}],
    }
    return {"record_kind": "field_contact", "recorded_at": AT, "body": body} | more


def person(given: str, surname: str, born: str) -> dict[str, Any]:
    return {
        "names": [{"type": "primary", "given": given, "surname": surname}],
        "date_of_birth": {"value": born},
    }


LICENCE = {"type": "driver_license", "value": "S48210377", "issuer": "MA"}
ROSA = person("Rosa", "Almeida", "1993-04-02") | {"identifiers": [LICENCE]}
PIET = person("Piet", "Norgaard", "1971-01-19")


@pytest.fixture
def checked(tmp_path: Path) -> Callable[..., Findings]:
    def check_lines(*records: Any) -> Findings:
        path = tmp_path / "records.jsonl"
        path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in records))
        return check(path, None, rehearsals.find(), ManualClock())

    return check_lines


def test_sound_records_are_accepted_and_tied(checked: Callable[..., Findings]) -> None:
    """R-07: two people at one contact; the one who was met twice is one entity."""
    found = checked(contact("C-1", ROSA, PIET), contact("C-2", ROSA))
    assert (found.read, found.accepted, found.wrong) == (2, 2, 0)
    assert (found.mentions["person"], found.entities["person"]) == (3, 2)
    assert found.largest_entity == 2
    ties = {kind: count for (kind, _, _), count in found.relations.items()}
    assert ties == {"seen_with": 1}
    assert set(found.relation_examples.values()) == {"records.jsonl:1"}
    assert is_ready(found, 0.0)


def test_what_the_publisher_refuses_is_told_with_its_line(checked: Callable[..., Findings]) -> None:
    found = checked(contact("C-1", ROSA), "{", contact("C-3", dob="1990"), "", '{"a":1,"a":2}')
    assert (found.read, found.accepted) == (4, 1)
    assert found.refused.counts == {"invalid_record": 3}
    assert [(e.line, e.detail) for e in found.refused.examples["invalid_record"]] == [
        (2, "line 1, column 2: Expecting property name enclosed in double quotes"),
        (3, "dob: Extra inputs are not permitted"),
        (5, "an object has the same key twice"),
    ]
    assert not is_ready(found, 0.5)
    assert is_ready(found, 0.75)


def test_what_the_bus_would_set_aside_is_told_with_its_line(
    checked: Callable[..., Findings],
) -> None:
    """R-16 and the catalogue: intake itself judges."""
    role = contact("C-1", ROSA)
    role["body"]["people"][0]["role"] = "astrologer"
    old = contact("C-2", person("Old", "Man", "1850-01-01"), occurred_at=AT)
    found = checked(role, contact("C-3", ROSA), old)
    assert found.accepted == 1
    assert found.set_aside.counts == {"unknown_role": 1, "implausible_age": 1}
    assert found.set_aside.examples["unknown_role"][0].line == 1
    assert found.set_aside.examples["implausible_age"][0].line == 3


def test_a_repeat_is_no_fault_and_another_content_is_one(checked: Callable[..., Findings]) -> None:
    one = contact("C-1", ROSA, source_seq=5)
    found = checked(one, one, contact("C-1", PIET, source_seq=5))
    assert (found.accepted, found.repeated) == (1, 1)
    assert found.set_aside.counts == {"conflicting_duplicate": 1}


def test_flags_and_hints_say_what_is_odd(checked: Callable[..., Findings]) -> None:
    later = (ManualClock().now() + timedelta(days=400)).isoformat()
    found = checked(
        contact("C-1", person("John", "Doe", "1900-01-01")),
        contact("C-2", ROSA, recorded_at=later, occurred_at=later),
        contact("C-3"),
    )
    assert found.accepted == 3
    assert found.flags.counts["placeholder:date_of_birth"] == 1
    assert found.flags.counts["implausible_event_time"] == 1
    assert found.flags.examples["placeholder:date_of_birth"][0].line == 1
    assert found.hints["records recorded in the future"] == 1
    assert found.hints["records of an event in the future"] == 1
    assert found.hints["records that name nobody"] == 1


def test_codes_without_a_list_entry_are_found_wherever_they_stand() -> None:
    body = {
        "vehicles": [{"vehicle": {"colour": {"code": None, "source": "Puce"}}}],
        "details": ("recordbus.v1.X", {"permit_status": {"code": None, "source": "?"}}),
        "people": [{"person": {"sex": {"code": "F", "source": "Fem"}, "model": None}}],
    }
    assert unknown_codes(body, "body") == [
        ("body.vehicles.vehicle.colour", "Puce"),
        ("body.details.permit_status", "?"),
    ]
    assert unknown_codes({"model": {"code": None, "source": "Accord"}}, "v") == []


def test_an_export_is_judged_as_the_connector_does(tmp_path: Path) -> None:
    """Rows 48 and 56, and which columns say nothing to the bus."""
    path = tmp_path / "contacts.csv"
    rows = [
        "1,2025-06-01,seen,Rosa,Almeida,1993-04-02,12,x",
        "2,2025-06-02,seen,Rosa,Almeida,1993-04-02,12,x",
        "3,2025-06-03,seen,Piet,Norgaard,,12,x",
        "3,2025-06-04,seen,Piet,Norgaard,,12,x",
        "4,2025-06-05,seen",
        "5,06/05/2025,seen,Ada,Blom,1993-04-02,12,x",
    ]
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    found = check(path, load(MAPPING, name="mine"), rehearsals.find(), ManualClock())
    assert (found.read, found.accepted) == (6, 2)
    assert found.refused.counts == {
        "duplicate_key_in_snapshot": 2, "ragged": 1, "ambiguous_date": 1,
    }  # fmt: skip
    assert found.columns_unknown == ["contacts: NEW"]
    assert found.columns_ignored == ["contacts: OFFICER"]
    assert found.columns_empty == []
    assert found.mentions["person"] == 2


def test_a_file_that_cannot_be_read_as_a_whole_is_not_ready(tmp_path: Path) -> None:
    """Row 47: an unclosed quote refuses the file, and the line is named."""
    path = tmp_path / "contacts.csv"
    path.write_text(f'{HEADER}\n1,2025-06-01,"open\n')
    found = check(path, load(MAPPING, name="mine"), rehearsals.find(), ManualClock())
    assert found.refused.counts == {"unclosed_quote": 1}
    assert not is_ready(found, 0.99)


def test_nothing_at_all_is_not_ready(checked: Callable[..., Findings]) -> None:
    assert not is_ready(checked(""), 1.0)


def test_every_reason_of_the_output_says_what_to_do(checked: Callable[..., Findings]) -> None:
    found = checked("{", contact("C-1", ROSA))
    text = "\n".join(lines_of(found, 0.01))
    assert "records.jsonl:1 line 1, column 2" in text
    assert "NOT ready: 50.00%" in text
    assert "1 mentions of kind person are 1 entities" in text
    told = found.to_json()
    assert json.loads(json.dumps(told)) == told | {
        "codes_not_in_their_list": [], "refused_before_sending": [
            {**each, "examples": list(each["examples"])}
            for each in told["refused_before_sending"]
        ],
    }  # fmt: skip


def test_the_command_ends_as_the_threshold_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("records.jsonl").write_text(json.dumps(contact("C-1", ROSA)) + "\n{\n")
    assert run(["conformance", "records.jsonl"]) == 1
    assert "NOT ready" in capsys.readouterr().out
    assert run(["conformance", "records.jsonl", "--allow", "0.5", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ready"], told["read"], told["accepted"]) == (True, 2, 1)
    assert run(["conformance", "records.csv"]) == Misconfigured.exit_code
    assert [path.name for path in tmp_path.iterdir()] == ["records.jsonl"]
