"""The folder holds what the manifest says; the truth stands apart from every department."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import pytest

from producers.synthetic.departments import DEPARTMENTS
from producers.synthetic.exports.all import ALL
from producers.synthetic.world import Told, World
from producers.synthetic.writer import folder, write_world
from recordbus.errors import RecordbusError
from schemas.types import vocabulary

from .conftest import SNAPSHOTS, County

_ALL_STEPS = range(1, SNAPSHOTS + 1)


def read(path: Path, department: str) -> list[list[str]]:
    """Read a department's file with its own dialect, header included."""
    dialect = ALL[department].dialect
    text = path.read_bytes().decode(dialect.encoding)
    return list(csv.reader(text.splitlines(keepends=True), delimiter=dialect.delimiter))


def test_all_fourteen_record_kinds_are_exported() -> None:
    kinds = {kind for exports in ALL.values() for kind in exports.by_kind}
    assert kinds == set(get_args(vocabulary.RecordKind))


@pytest.mark.parametrize("department", [d.name for d in DEPARTMENTS])
def test_the_manifest_counts_the_rows_of_the_main_files(county: County, department: str) -> None:
    for step in _ALL_STEPS:
        counts = county.manifest["departments"][department]["snapshots"][step - 1]
        where = folder(county.root, department, step)
        files = [e.file for e in ALL[department].by_kind.values()]
        rows = sum(len(read(where / name, department)) - 1 for name in files)
        assert rows == counts["rows"]
        assert rows == counts["records"] + counts["duplicates"] + sum(counts["refused"].values())


@pytest.mark.parametrize("department", [d.name for d in DEPARTMENTS])
def test_rows_are_as_wide_as_their_header_but_for_the_ragged_ones(
    county: County, department: str
) -> None:
    where = folder(county.root, department, 1)
    uneven = 0
    for path in where.glob("*.csv"):
        header, *rows = read(path, department)
        assert len(set(header)) == len(header)
        uneven += sum(len(row) != len(header) for row in rows)
    refused = county.manifest["departments"][department]["snapshots"][0]["refused"]
    assert uneven == refused.get("ragged", 0)


def test_every_child_row_belongs_to_a_record(county: County) -> None:
    where = folder(county.root, "millbrook-pd", 1)
    missing_keys = county.manifest["departments"]["millbrook-pd"]["snapshots"][0]["refused"]
    for export in ALL["millbrook-pd"].by_kind.values():
        keys = {row[0] for row in read(where / export.file, "millbrook-pd")[1:]}
        for child in export.children:
            orphans = {row[0] for row in read(where / child.file, "millbrook-pd")[1:]} - keys
            assert len(orphans) <= missing_keys.get("missing_required", 0)


def test_files_differ_between_departments_as_their_systems_do(county: County) -> None:
    first = {d.name: folder(county.root, d.name, 1) for d in DEPARTMENTS}
    assert (first["alder-county-so"] / "bookings.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in (first["alder-county-court"] / "dispositions.csv").read_bytes()
    assert b"\t" in (first["state-vehicle-registry"] / "permits.csv").read_bytes()
    accented = (first["millbrook-pd"] / "incident_person.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        accented.decode("utf-8")
    (first["alder-county-so"] / "bookings.csv").read_bytes()[3:].decode("ascii")


def test_the_truth_stands_apart_and_is_closed_to_others(county: County) -> None:
    truth = county.root / "truth"
    assert truth.stat().st_mode & 0o077 == 0
    inside = {p.name for d in DEPARTMENTS for p in (county.root / d.name).rglob("*")}
    assert not inside & {path.name for path in truth.iterdir()}
    assert json.loads((truth / "manifest.json").read_text("utf-8")) == county.manifest


def test_the_truth_says_whom_every_role_is_about(county: County, told: Sequence[Told]) -> None:
    with (county.root / "truth" / "mentions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    named: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        if row["kind"] == "person":
            named[row["record_id"]].add((row["slot"], row["entity"]))
    for each in told:
        assert named[each.fact.number] == {(m.slot, str(m.truth.id)) for m in each.fact.people}


def test_the_truth_lists_every_slip(county: County, told: Sequence[Told]) -> None:
    with (county.root / "truth" / "slips.csv").open(encoding="utf-8", newline="") as file:
        listed = Counter((r["record_id"], r["slot"], r["error"]) for r in csv.DictReader(file))
    made = Counter((e.fact.number, s.slot, s.error) for e in told for s in e.fact.slips)
    assert listed == made


def test_a_folder_that_holds_anything_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(RecordbusError, match="not empty") as caught:
        write_world(World(10, 1), tmp_path)
    assert caught.value.hint
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_progress_comes_block_by_block(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    manifest = write_world(
        World(700, 1), tmp_path / "out", lambda people, records: seen.append((people, records))
    )
    assert [people for people, _ in seen] == [256, 512, 700]
    assert seen[-1][1] == manifest["records"]
