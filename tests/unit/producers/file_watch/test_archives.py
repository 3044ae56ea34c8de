"""Row 59: whatever a zip says of itself, nothing leaves its folder and no limit is passed."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.connectors.file_watch.archives import ArchiveLimits, unpack
from recordbus.errors import Rejected

from .conftest import zipped

SMALL = ArchiveLimits(entries=5, bytes=100_000, ratio=10, ratio_from_bytes=2_000)


def refusal(folder: Path, packed: bytes, limits: ArchiveLimits = SMALL) -> str:
    """Unpack and give the reason; nothing must be left, inside or outside."""
    outside = folder / "outside"
    outside.mkdir()
    archive = outside / "x.zip"
    archive.write_bytes(packed)
    with pytest.raises(Rejected) as refused:
        unpack(archive, outside / "target", limits)
    assert [path.name for path in folder.rglob("*")] == ["outside", "x.zip"]
    return refused.value.reason


def entry(name: str, text: bytes = b"x", mode: int = 0, **fields: int) -> bytes:
    info = zipfile.ZipInfo(name)
    info.external_attr = mode << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(info, text)
    return packed.getvalue()


def test_a_plain_zip_is_unpacked_as_it_is(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(zipped({"calls.csv": "one", "day/people.csv": "two"}))
    unpack(archive, tmp_path / "target")
    assert (tmp_path / "target/calls.csv").read_text() == "one"
    assert (tmp_path / "target/day/people.csv").read_text() == "two"


@pytest.mark.parametrize(
    "name",
    [
        "../out.csv", "a/../../out.csv", "/etc/out.csv", "C:/out.csv", "c:out.csv", "..",
        "a\\..\\out.csv", "\\\\host\\out.csv", "a\nb.csv", "a\u202eb.csv", "x" * 201,
    ],
)  # fmt: skip
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    assert refusal(tmp_path, entry(name)) == "bad_archive"


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_a_link_or_device_is_refused(tmp_path: Path, kind: int) -> None:
    assert refusal(tmp_path, entry("calls.csv", b"/etc/passwd", kind | 0o777)) == "bad_archive"


def test_an_archive_within_an_archive_is_refused_by_its_content(tmp_path: Path) -> None:
    assert refusal(tmp_path, zipped({"calls.csv": "x"}) and entry("a.csv", zipped({}))) == (
        "bad_archive"
    )


def test_a_bomb_is_stopped_by_what_it_unpacks_to(tmp_path: Path) -> None:
    assert refusal(tmp_path, zipped({"calls.csv": "0" * 1_000_000})) == "archive_limit"


def test_a_header_that_lies_about_the_size_helps_nothing(tmp_path: Path) -> None:
    packed = bytearray(zipped({"calls.csv": "0" * 1_000_000}))
    real = (1_000_000).to_bytes(4, "little")
    lied = packed.replace(real, (10).to_bytes(4, "little"))
    assert lied != packed
    assert refusal(tmp_path, bytes(lied)) in ("archive_limit", "bad_archive")


def test_entries_and_folders_are_counted(tmp_path: Path) -> None:
    assert refusal(tmp_path, zipped({f"{n}.csv": "" for n in range(6)})) == "archive_limit"


def test_a_directory_too_long_to_be_read_is_not_read(tmp_path: Path) -> None:
    packed = zipped({f"{n:0190d}": "" for n in range(9_000)})
    limits = ArchiveLimits(entries=100_000)
    assert refusal(tmp_path, packed, limits) == "archive_limit"


def test_folders_are_not_nested(tmp_path: Path) -> None:
    assert refusal(tmp_path, zipped({"a/b/c.csv": "x"})) == "archive_limit"


def test_one_name_twice_in_any_case_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, zipped({"Calls.csv": "x", "calls.CSV": "y"})) == "bad_archive"


def test_a_file_where_a_folder_must_be_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, zipped({"a": "x", "a/b.csv": "y"})) == "bad_archive"


@pytest.mark.parametrize("packed", [b"", b"PK\x03\x04", b"not a zip", zipped({"a": "b"})[:-10]])
def test_what_is_no_zip_is_refused(tmp_path: Path, packed: bytes) -> None:
    assert refusal(tmp_path, packed) == "bad_archive"


GOOD = zipped({"calls.csv": "NO,AT\n1,2\n" * 40, "b/people.csv": "x" * 300})


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.binary(max_size=3)), min_size=1))
def test_no_damage_writes_outside_or_past_the_limit(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, bytes]]
) -> None:
    folder = tmp_path_factory.mktemp("zip")
    packed = GOOD
    for at, put in damage:
        packed = packed[:at] + put + packed[at + len(put) :]
    archive = folder / "x.zip"
    archive.write_bytes(packed)
    try:
        unpack(archive, folder / "target", SMALL)
    except Rejected:
        assert not (folder / "target").exists()
    inside = [p for p in (folder / "target").rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in inside) <= SMALL.bytes
    assert {p.name for p in folder.iterdir()} <= {"x.zip", "target"}
