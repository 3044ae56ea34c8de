"""Which encoding a file is in: what its mapping declares, and what else it looks like."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

from recordbus.errors import Rejected

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def codec_of(encoding: str) -> str:
    """Give the codec for a declared encoding; a byte order mark of UTF-8 is no content."""
    return "utf-8-sig" if encoding == "utf-8" else encoding


def name_encoding_fault(path: Path, declared: str) -> Rejected:
    """Find the first line that is not in the declared encoding and say what the file may be."""
    looks = _looks_like(path, declared)
    where = _first_bad_line(path, declared)
    return Rejected(
        "bad_encoding",
        f"{path.name} is not {declared}{where}; it looks like {looks}: export it as {declared}, "
        f"or declare `encoding: {looks}` in the mapping",
    )


def _first_bad_line(path: Path, declared: str) -> str:
    if declared == "utf-16":
        return ""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(declared)
            except UnicodeDecodeError as error:
                return f" (line {number}, byte {error.start + 1})"
    return ""


def _looks_like(path: Path, declared: str) -> str:
    with path.open("rb") as file:
        start = file.read(4096)
    for mark, name in _BYTE_ORDER_MARKS:
        if start.startswith(mark) and name != declared:
            return name
    if start.count(0) > len(start) // 4:
        return "utf-16"
    return "windows-1252" if declared == "utf-8" else "utf-8"
