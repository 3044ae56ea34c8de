"""Every flag of the catalogue is set by intake, and intake sets no other."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from recordbus.testing import records
from schemas import catalog
from streams.intake import normalise
from streams.intake.order import GAP
from streams.intake.testing import Desk, record_of

ODD = datetime(1800, 1, 1, tzinfo=UTC)


def with_person(**fields: Any) -> dict[str, Any]:
    person = records.person(**{"given": "Ann", "surname": "Lee"} | fields)
    return {
        "body": records.body(people=[records.person_role("field_contact", "p1", person=person)])
    }


def born(day: str) -> dict[str, Any]:
    return with_person(date_of_birth=records.part("DateValue", value=day))


SPOILED: dict[str, dict[str, Any]] = {
    "implausible_event_time": {"occurred_at": ODD},
    "implausible_recorded_time": {"recorded_at": ODD},
    "source_seq_gap": {"source_seq": GAP + 2},
    "placeholder:names": with_person(given="John", surname="Doe"),
    "placeholder:date_of_birth": born("1900-01-01"),
    "placeholder:date_of_birth.day": born("1985-07-01"),
    "placeholder:addresses": with_person(addresses=[records.part("Address", full="HOMELESS")]),
    "placeholder:phones": with_person(phones=["555-555-5555"]),
    **{
        f"placeholder:identifiers.{kind}": with_person(
            identifiers=[records.part("Identifier", type=kind, value="0000000")]
        )
        for kind in catalog.enum_symbols("recordbus.v1.IdentifierType")
    },
}


def test_every_flag_of_the_catalogue_is_tried() -> None:
    assert SPOILED.keys() == catalog.flags().keys()


@pytest.mark.parametrize("flag", SPOILED)
def test_intake_flags_what_it_lets_pass(desk: Desk, flag: str) -> None:
    """Rows 26, 27 and R-16: it is accepted, and said."""
    assert record_of(desk.say(records.change(source_seq=1)))["flags"] == []
    change = records.change(**{"source_seq": 2, **SPOILED[flag]})
    assert record_of(desk.say(change))["flags"] == [flag]


def test_no_placeholder_is_noted_that_has_no_flag() -> None:
    tree = ast.parse(Path(normalise.__file__).read_text(encoding="utf-8"))
    noted = [
        call.args[0]
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "missing.append"
    ]
    fields = {str(node.value) for node in noted if isinstance(node, ast.Constant)}
    assert len(fields) > 3
    assert {f"placeholder:{field}" for field in fields} <= catalog.flags().keys()
    made = {ast.unparse(node) for node in noted if not isinstance(node, ast.Constant)}
    assert made == {"f'identifiers.{kind}'"}
