"""Files of people: any order of columns, no row skipped, every fault with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordbus.errors import Misconfigured, Rejected
from streams.resolve.columns import COLUMNS, header
from streams.resolve.files import PeopleFile, read_truth


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_columns_come_in_any_order_and_extra_ones_are_named(tmp_path: Path) -> None:
    text = "Race,surname, RECORD_ID ,given_name,notes\nW,Garcia,7,Ana,secret\n"
    file = PeopleFile(write(tmp_path / "jail.csv", text))

    [(line, row)] = file.rows()

    assert file.extra == ("Race", "notes")
    assert (line, row.source, row.record_id) == (2, "jail", "7")
    assert (row.given_name, row.surname, row.ssn) == ("Ana", "Garcia", "")
    assert "secret" not in row  # what is not asked for is not read
    assert "W" not in row


@given(order=st.permutations(COLUMNS), kept=st.integers(0, len(COLUMNS)))
def test_every_cell_lands_in_its_column(order: list[str], kept: int) -> None:
    names = [*dict.fromkeys(["record_id", *order[:kept]])]

    places = header(names, COLUMNS, ("record_id",)).places

    for name, place in zip(COLUMNS, places, strict=True):
        assert place == (names.index(name) if name in names else len(names))


def test_a_file_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    text = b'\xef\xbb\xbfrecord_id,surname,city\r\n1,"O""Neil, Jr","Saint\r\nPaul"\r\n\r\n2,X,Y\r\n'
    rows = list(PeopleFile(write(tmp_path / "a.csv", text)).rows())

    assert [(line, row.record_id) for line, row in rows] == [(3, "1"), (5, "2")]
    assert rows[0][1].surname == 'O"Neil, Jr'


@pytest.mark.parametrize(
    ("content", "reason", "line"),
    [
        ("", "missing_required", 1),
        ("surname\nX\n", "missing_required", 1),
        ("record_id,surname,Surname\n1,a,b\n", "duplicate_header", 1),
        ("record_id,surname\n1,a\n2,b,c\n", "ragged", 3),
        ("record_id,surname\n1,a\n2\n", "ragged", 3),
        ("record_id,surname\n1,a\n ,b\n", "missing_required", 3),
        (b"record_id,surname\n1,a\n2,b\n3,\xff\n", "bad_encoding", 4),
        ('record_id,surname\n1,a\n2,"b\n3,c\n', "unclosed_quote", 4),
        ('record_id,surname\n1,"a"b\n', "ragged", 2),
    ],
)
def test_a_fault_names_file_line_and_reason(
    tmp_path: Path, content: str | bytes, reason: str, line: int
) -> None:
    path = write(tmp_path / "people.csv", content)

    with pytest.raises(Rejected) as wrong:
        list(PeopleFile(path).rows())

    assert wrong.value.reason == reason
    assert wrong.value.detail.startswith(f"{path} line {line}: ")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"cannot read .*gone\.csv"):
        PeopleFile(tmp_path / "gone.csv")


def test_a_truth_needs_both_ids(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "true_id,record_id\np1,1\np1,\n")
    rows = read_truth(path)

    assert next(rows) == ("", "1", "p1")
    with pytest.raises(Rejected, match="line 3"):
        next(rows)
