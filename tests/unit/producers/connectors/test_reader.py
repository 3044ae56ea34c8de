"""Rows 47-53: what the csv module lets pass in silence is named here, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from producers.connectors.csv_snapshot.reader import CsvFile, Row
from producers.mapping.spec import Source
from recordbus.errors import Misconfigured, Rejected


def csv_file(tmp_path: Path, content: bytes, **source: object) -> CsvFile:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    return CsvFile(path, Source.model_validate(source))


def rows(tmp_path: Path, content: bytes, **source: object) -> list[Row]:
    return list(csv_file(tmp_path, content, **source).rows())


def refused(tmp_path: Path, content: bytes, **source: object) -> Rejected:
    file = csv_file(tmp_path, content, **source)
    with pytest.raises(Rejected) as error:
        _ = [file.header(), *file.rows()]
    return error.value


def test_row_47_an_unclosed_quote_refuses_the_file_and_names_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, b'a,b\n1,2\n3,"4\n5,6\n7,8\n')
    assert error.reason == "unclosed_quote"
    assert "starts on line 3" in error.detail


def test_row_47_a_quote_that_closes_in_a_later_row_is_found_too(tmp_path: Path) -> None:
    error = refused(tmp_path, b'a,b\n3,"4\n5,"6"\n7,8\n')
    assert error.reason == "unclosed_quote"
    assert "starts on line 2" in error.detail


def test_row_48_ragged_rows_are_named_and_the_others_go_on(tmp_path: Path) -> None:
    found = rows(tmp_path, b"a,b\n1\n2,3\n4,5,6\n")
    assert [row.fault and row.fault[0] for row in found] == ["ragged", None, "ragged"]
    assert [row.line for row in found] == [2, 3, 4]


def test_row_49_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    assert csv_file(tmp_path, b"\xef\xbb\xbfid,b\n").header() == ["id", "b"]


def test_row_50_a_duplicate_header_refuses_the_file(tmp_path: Path) -> None:
    error = refused(tmp_path, b"a,b, a\n1,2,3\n")
    assert error.reason == "duplicate_header"
    assert "twice: a" in error.detail


def test_row_52_a_nul_byte_refuses_the_file_with_its_line(tmp_path: Path) -> None:
    error = refused(tmp_path, b"a,b\n1,2\n3,\x004\n")
    assert error.reason == "bad_encoding"
    assert "line 3" in error.detail


@pytest.mark.parametrize(
    ("content", "looks"),
    [
        ("a,b\n1,café\n".encode("latin-1"), "windows-1252"),
        ("a,b\n1,2\n".encode("utf-16"), "utf-16"),
        ("a,b\n1,é\n".encode("utf-16-le"), "utf-16"),
    ],
)
def test_row_52_another_encoding_refuses_the_file_and_names_it(
    tmp_path: Path, content: bytes, looks: str
) -> None:
    error = refused(tmp_path, content)
    assert error.reason == "bad_encoding"
    assert looks.casefold() in error.detail.casefold()


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252", "utf-16", "utf-8"])
def test_row_52_a_declared_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    codec = "cp1252" if encoding == "windows-1252" else encoding
    found = rows(tmp_path, "a,b\n1,café\n".encode(codec), encoding=encoding)
    assert found[0].cells == ["1", "café"]


def test_row_52_mixed_line_ends_are_fine(tmp_path: Path) -> None:
    found = rows(tmp_path, b"a,b\r\n1,2\n3,4\r5,6\r\n\r\n7,8")
    assert [row.cells for row in found] == [["1", "2"], ["3", "4"], ["5", "6"], ["7", "8"]]


def test_row_53_a_cell_over_the_limit_refuses_its_row_alone(tmp_path: Path) -> None:
    long = b"x" * 131_073
    found = rows(tmp_path, b'a,b\n1,"' + long + b'"\n2,ok\n')
    assert [row.fault and row.fault[0] for row in found] == ["field_too_long", None]


def test_row_53_the_limit_itself_is_fine(tmp_path: Path) -> None:
    found = rows(tmp_path, b"a,b\n1," + b"x" * 131_072 + b"\n")
    assert found[0].fault is None


def test_a_line_that_never_ends_is_refused_before_memory_is(tmp_path: Path) -> None:
    error = refused(tmp_path, b"a,b\n1," + b"x" * (9 * 1024 * 1024))
    assert error.reason == "field_too_long"


def test_quoted_cells_may_hold_line_ends_and_delimiters(tmp_path: Path) -> None:
    found = rows(tmp_path, b'a;b\n1;"two\nlines; and ""quotes"""\n3;4\n', delimiter=";")
    assert found[0].cells == ["1", 'two\nlines; and "quotes"']
    assert [row.line for row in found] == [2, 4]


def test_a_height_in_inches_is_no_open_quote(tmp_path: Path) -> None:
    assert rows(tmp_path, b"a,b\n1,5'10\"\n2,x\n")[0].cells == ["1", "5'10\""]


def test_an_empty_file_has_no_header(tmp_path: Path) -> None:
    assert refused(tmp_path, b"").reason == "missing_column"


def test_a_missing_file_is_the_operators_to_mend(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot read"):
        CsvFile(tmp_path / "none.csv", Source()).header()


def test_a_column_without_a_name_gets_one(tmp_path: Path) -> None:
    assert csv_file(tmp_path, b"a,,\n").header() == ["a", "(column 2)", "(column 3)"]
