"""The Boston mapping: every row ends as an event, a named refusal or a named duplicate."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from producers.connectors.csv_snapshot import Account, DifferState, Options, publish_snapshot
from producers.publisher import Owner
from producers.shipped import find_mapping
from recordbus.errors import Rejected
from recordbus.testing.clock import ManualClock

HEADER = (
    "fc_num,contact_date,street,city,state,zip,stop_duration,circumstance,basis,vehicle_year,"
    "vehicle_state,vehicle_model,vehicle_color,vehicle_style,vehicle_type,key_situations,weather"
)
REAL = Path(__file__).parents[4] / "shared" / "data" / "boston_field_contacts_2020.csv"
OWNER = Owner("boston-pd", "MA0130100", "t", {"unit": "x", "phone": None, "email": None}, b"k" * 32)


def dry_run(path: Path) -> Account:
    export = find_mapping("boston-field-contacts").exports["field-contacts"]
    clock = ManualClock()
    with DifferState(None, clock) as state:
        return publish_snapshot(export, path, OWNER, None, state, clock, Options(dry_run=True))


def row(number: int, **cells: str) -> str:
    columns = HEADER.split(",")
    filled = {
        "fc_num": f"FC{number:08d}",
        "contact_date": "2020-01-01 01:30:00",
        "city": "BOSTON",
        "state": "MA",
        "zip": "02118",
        "basis": "Encounter",
    } | cells
    return ",".join(f'"{filled.get(column, "")}"' for column in columns)


def write(folder: Path, *rows: str) -> Path:
    path = folder / "contacts.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return path


def test_repeated_numbers_are_decided_by_their_content(tmp_path: Path) -> None:
    account = dry_run(
        write(
            tmp_path,
            row(1),
            row(1),
            row(2, basis="Intel"),
            row(2, basis="Probable Cause"),
            row(3, basis=""),
            row(4, basis="Hunch"),
            row(5, zip="2118"),
            row(6, contact_date="01/02/2020"),
            row(7, basis="Reasonable Suspicion "),
        )
    )
    assert (account.read, account.accepted, account.duplicates) == (9, 2, 1)
    assert account.refused == Counter(
        duplicate_key_in_snapshot=2,
        missing_required=1,
        unknown_basis=1,
        unknown_value=1,
        ambiguous_date=1,
    )


def test_a_contact_in_our_words() -> None:
    export = find_mapping("boston-field-contacts").exports["field-contacts"]
    cells = row(
        1,
        basis="Intel",
        state="MASS",
        vehicle_color="OFFWHT",
        vehicle_style="Other: 4dr ",
        vehicle_state="OTH",
        key_situations=" Gang, Body Worn Camera",
        stop_duration="15",
    )
    record = export.bind(HEADER.split(",")).map([c.strip('"') for c in _split(cells)])
    body = record.body
    vehicle, details = body["vehicles"][0]["vehicle"], body["details"][1]
    assert record.recorded_at.isoformat() == "2020-01-01T06:30:00+00:00"
    assert body["locations"][0]["location"]["address"]["state"] == "MA"
    assert vehicle["colour"] == {"code": "WHI", "source": "OFFWHT"}
    assert vehicle["style"] == {"code": "4D", "source": "Other: 4dr"}
    assert vehicle["plate_state"] is None
    assert (details["contact_basis"], details["contact_basis_source"]) == ("intel", "Intel")
    assert details["grade"]["source"] == "not_assessed"
    assert details["stop_duration_minutes"] == 15


def _split(line: str) -> list[str]:
    return line.split('","')


def test_a_tick_for_gang_does_not_travel() -> None:
    """R-13, R-14: a card's tick designates nobody, and designations are off."""
    export = find_mapping("boston-field-contacts").exports["field-contacts"]
    mapper = export.bind(HEADER.split(","))
    cells = [c.strip('"') for c in _split(row(1, key_situations=" Gang, Gun"))]
    assert mapper.map(cells).body["details"][1]["key_situations"] == ["Gun"]


def test_a_contact_without_a_vehicle_has_none() -> None:
    export = find_mapping("boston-field-contacts").exports["field-contacts"]
    mapper = export.bind(HEADER.split(","))
    cells = [c.strip('"') for c in _split(row(1, vehicle_state="MA"))]
    assert mapper.map(cells).body["vehicles"] == []
    with pytest.raises(Rejected, match="bad_number"):
        mapper.map([c.strip('"') for c in _split(row(1, stop_duration="long"))])


@pytest.mark.skipif(not REAL.exists(), reason=f"{REAL} is not on this machine")
def test_the_real_file_adds_up() -> None:
    account = dry_run(REAL)
    assert account.read == 5717
    assert account.adds_up
    assert account.duplicates == 6
    assert account.refused == {"duplicate_key_in_snapshot": 225, "missing_required": 4}
    assert account.accepted == 5482
    assert account.warnings == []
