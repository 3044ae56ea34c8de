"""Unpacks a zip that somebody dropped, which may be anything (row 59).

The invariant: nothing is written outside the target folder, and no more than the limits allow,
whatever the archive says of itself. An archive is unpacked whole or not at all.
"""

from __future__ import annotations

import errno
import shutil
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final

from recordbus.errors import Rejected

_CHUNK: Final = 1 << 20
_METHODS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ARCHIVES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"\xfd7zXZ",
                    b"Rar!", b"\x28\xb5\x2f\xfd")  # fmt: skip
_ENCRYPTED: Final = 0x1
_LONGEST: Final = 200
_END_BYTES: Final = 65_536 + 22
_LIST_BYTES: Final = 1 << 20
_UNREADABLE: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
    OverflowError, struct.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may come to; `ratio` counts from `ratio_from_bytes` on."""

    entries: int = 200
    bytes: int = 4 << 30
    ratio: int = 200
    ratio_from_bytes: int = 1 << 20
    folders: int = 1


def unpack(archive: Path, target: Path, limits: ArchiveLimits | None = None) -> None:
    """Unpack an archive into a folder that is made for it.

    Raises Rejected `bad_archive` or `archive_limit`, and then leaves nothing behind.
    """
    target.mkdir()
    try:
        _look_at_its_end(archive)
        with zipfile.ZipFile(archive) as opened:
            _unpack(opened, archive.stat().st_size, target, limits or ArchiveLimits())
    except BaseException as error:
        shutil.rmtree(target)
        if not _is_damage(error):
            raise
        detail = f"it cannot be read as a zip: {type(error).__name__}"
        raise Rejected("bad_archive", detail) from None


def _look_at_its_end(archive: Path) -> None:
    """Refuse a list of entries that would fill the memory before the first could be counted."""
    with archive.open("rb") as file:
        file.seek(max(0, archive.stat().st_size - _END_BYTES))
        end = file.read()
    at = end.rfind(b"PK\x05\x06")
    if at >= 0 and int.from_bytes(end[at + 12 : at + 16], "little") > _LIST_BYTES:
        raise _over(f"its list of entries is longer than {_LIST_BYTES} bytes")


def _is_damage(error: BaseException) -> bool:
    """Tell what a damaged archive raises from what a full disk or our own check does."""
    if isinstance(error, OSError):
        return error.errno in (errno.EINVAL, errno.EEXIST, errno.ENOTDIR)
    return isinstance(error, _UNREADABLE)


def _unpack(
    opened: zipfile.ZipFile, packed_bytes: int, target: Path, limits: ArchiveLimits
) -> None:
    entries = opened.infolist()
    if len(entries) > limits.entries:
        raise _over(f"{len(entries)} entries, at most {limits.entries}")
    places = [(entry, _place(entry, limits)) for entry in entries]
    files = [(entry, place) for entry, place in places if not entry.is_dir()]
    if len({str(place).casefold() for _, place in files}) != len(files):
        raise _bad("two entries have the same name")
    left = min(limits.bytes, max(limits.ratio_from_bytes, packed_bytes * limits.ratio))
    for entry, place in files:
        path = target / place
        path.parent.mkdir(parents=True, exist_ok=True)
        with opened.open(entry) as source, path.open("xb") as written:
            left -= _copy(source, written, left)


def _place(entry: zipfile.ZipInfo, limits: ArchiveLimits) -> PurePosixPath:
    """Give where an entry goes; its name is believed in nothing."""
    name = entry.filename
    place = PurePosixPath(name)
    if not place.parts or place.is_absolute() or ".." in place.parts or ":" in name:
        raise _bad("an entry's name leads out of the folder")
    if "\\" in name or not entry.orig_filename.isprintable() or len(name.encode()) > _LONGEST:
        raise _bad("an entry's name is no plain file name")
    if len(place.parts) - (not entry.is_dir()) > limits.folders:
        raise _over(f"folders are nested more than {limits.folders} deep")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _bad("an entry is a link or no regular file")
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
        raise _bad("an entry is encrypted, or packed in a way other than deflate")
    return place


def _copy(source: IO[bytes], written: IO[bytes], left: int) -> int:
    """Copy an entry and count what it really holds, whatever its header says."""
    total = 0
    while chunk := source.read(_CHUNK):
        if total == 0 and chunk.startswith(_ARCHIVES):
            raise _bad("an entry is an archive itself")
        total += len(chunk)
        if total > left:
            raise _over("it unpacks to more than its size or the limit allows")
        written.write(chunk)
    return total


def _bad(detail: str) -> Rejected:
    return Rejected("bad_archive", detail)


def _over(detail: str) -> Rejected:
    return Rejected("archive_limit", detail)
