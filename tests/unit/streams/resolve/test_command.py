"""`recordbus resolve` from its command line to its files, on people whom the test made up."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from recordbus.errors import Misconfigured, Rejected
from streams.resolve.cli import resolve

COUNTY = """\
source,record_id,given_name,surname,date_of_birth,sex,ssn,phone,street_number,street_name,city,state,postal_code,race
pd,1,William,Abernathy,1981-03-04,M,900-12-3456,207-555-0101,12,Quarry Road,Harbor City,ME,00303,W
pd,2,Lucille,Abernathy,1984-07-19,F,900-12-9999,207-555-0101,12,Quarry Road,Harbor City,ME,00303,W
pd,3,William,Abernathy,1981-03-04,M,900-55-1111,207-555-0101,12,Quarry Road,Harbor City,ME,00303,W
court,A-7,Bill,Abernathy,1981-03-04,M,900-12-3456,,12,Quarry Rd,Harbor City,ME,00303,B
"""  # fmt: skip
JAIL = 'record_id,full_name,date_of_birth,address\n9,"ABERNATHY, LUCILLE",19840719,"12 Quarry Rd, Harbor City, ME 00303"\n'  # noqa: E501
TRUTH = "source,record_id,true_id\npd,1,w\npd,2,l\npd,3,x\ncourt,A-7,w\njail,9,l\n"


@pytest.fixture
def county(tmp_path: Path) -> Path:
    (tmp_path / "county.csv").write_text(COUNTY)
    (tmp_path / "jail.csv").write_text(JAIL)
    (tmp_path / "truth.csv").write_text(TRUTH)
    return tmp_path


def run(folder: Path, *more: str) -> Result:
    files = [str(folder / "county.csv"), str(folder / "jail.csv")]
    return CliRunner().invoke(resolve, [*files, "--output", str(folder / "links.csv"), *more])


def links(folder: Path) -> dict[tuple[str, str], str]:
    with (folder / "links.csv").open(newline="") as lines:
        return {
            (row["source"], row["record_id"]): row["entity_id"] for row in csv.DictReader(lines)
        }


def test_records_of_one_person_get_one_entity(county: Path) -> None:
    ended = run(county, "--compare-with", str(county / "truth.csv"))

    assert ended.exit_code == 0, ended.output
    entity = links(county)
    assert list(entity) == [("pd", "1"), ("pd", "2"), ("pd", "3"), ("court", "A-7"), ("jail", "9")]
    assert entity["pd", "1"] == entity["court", "A-7"]
    assert entity["pd", "2"] == entity["jail", "9"]
    assert len(set(entity.values())) == 3  # a namesake at one address with another number
    assert "5 records are 3 people" in ended.output
    assert "precision 1.0000  2 of 2 pairs, 95 % between 0.3424 and 1.0000" in ended.output


def test_what_is_not_used_is_named(county: Path) -> None:
    ended = run(county)

    assert f"warning: {county / 'county.csv'}: not used: race" in ended.stderr


def test_an_explanation_says_why_and_why_not_without_a_value(county: Path) -> None:
    run(county, "--explain", str(county / "why.jsonl"))

    text = (county / "why.jsonl").read_text()
    said = [json.loads(line) for line in text.splitlines()]
    assert {tuple(each["pair"]): each["outcome"] for each in said}["court|A-7", "pd|1"] == "same"
    assert any("numbers_differ" in each.get("vetoes", ()) for each in said)
    for value in ("ABERNATHY", "Abernathy", "900", "1981", "QUARRY", "2075550101"):
        assert value not in text


def test_runs_over_the_same_files_write_the_same_bytes(county: Path) -> None:
    made = []
    for _ in range(2):
        run(county, "--explain", str(county / "why.jsonl"))
        made.append(((county / "links.csv").read_bytes(), (county / "why.jsonl").read_bytes()))

    assert made[0] == made[1]


def test_race_changes_nothing(county: Path) -> None:
    run(county)
    before = links(county)
    (county / "county.csv").write_text(COUNTY.replace(",W\n", ",X\n").replace(",B\n", ",W\n"))
    run(county)

    assert links(county) == before


def test_a_program_gets_one_object(county: Path) -> None:
    told = json.loads(run(county, "--json", "--compare-with", str(county / "truth.csv")).stdout)

    assert (told["records"], told["entities"]) == (5, 3)
    assert told["agreement"]["recall"]["of"] == 2
    assert told["peak_mebibytes"] > 0


def test_a_date_that_cannot_be_read_is_told_and_declared(county: Path) -> None:
    (county / "county.csv").write_text(COUNTY.replace("1981-03-04", "03/04/1981"))

    told = run(county)
    declared = run(county, "--date-format", "%m/%d/%Y")

    assert "3 values of date_of_birth could not be read" in told.stderr
    assert "line 2; name their form with --date-format" in told.stderr
    assert "could not be read" not in declared.stderr
    assert links(county)["pd", "1"] == links(county)["court", "A-7"]


def test_a_record_that_comes_twice_ends_it_and_leaves_the_last_output(county: Path) -> None:
    run(county)
    before = (county / "links.csv").read_bytes()
    (county / "jail.csv").write_text(JAIL + JAIL.splitlines()[1] + "\n")

    ended = run(county)

    assert isinstance(ended.exception, Rejected)
    assert ended.exception.reason == "duplicate_key_in_snapshot"
    assert "jail.csv line 3: " in ended.exception.detail
    assert (county / "links.csv").read_bytes() == before
    assert sorted(path.name for path in county.iterdir()) == [
        "county.csv", "jail.csv", "links.csv", "truth.csv",
    ]  # fmt: skip


def test_the_truth_of_other_files_is_refused(county: Path) -> None:
    (county / "truth.csv").write_text("source,record_id,true_id\nelsewhere,1,w\n")

    ended = run(county, "--compare-with", str(county / "truth.csv"))

    assert isinstance(ended.exception, Rejected)
    assert "knows none of the records" in ended.exception.detail


@pytest.mark.parametrize("text", ["{}", "not JSON", '{"format": 1, "kind": "person"}'])
def test_a_model_that_cannot_be_used_is_named(county: Path, text: str) -> None:
    path = county / "model.json"
    path.write_text(text)

    ended = run(county, "--model", str(path))

    assert isinstance(ended.exception, Misconfigured)
    assert str(path) in ended.exception.message
